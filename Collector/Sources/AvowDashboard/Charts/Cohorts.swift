import AvowStore

/// Retention as a table: a row for each cohort, a column for each period after it, the part that came back.
struct Cohorts: Sendable {
  let caption: String
  let answer: Answer
  /// At most so many periods after the first are shown.
  var shown = 12

  var html: HTML {
    // Nobody before the first who came: neither a row nor a column.
    let first = answer.series.firstIndex { $0.total > 0 } ?? 0
    let columns = min(answer.periods.count - first, shown + 1)
    let period = answer.question.period.rawValue
    return """
      <div class="scroll"><table class="cohorts"><caption class="unseen">\(caption)</caption><thead><tr>\
      <th scope="col">first seen</th><th scope="col" class="n">\(Wording.noun(answer.unit))</th>\
      \((1..<max(1, columns)).html { "<th scope=\"col\" class=\"n\"><span class=\"unseen\">\(period) </span>+\($0)</th>" })\
      </tr></thead><tbody>\(answer.series.indices.drop { answer.series[$0].total == 0 }.reversed().html {
        row($0, columns)
      })</tbody></table></div>
      """
  }

  private func row(_ cohort: Int, _ columns: Int) -> HTML {
    let series = answer.series[cohort]
    let cells = (1..<max(1, columns)).html { later -> HTML in
      let index = cohort + later
      guard index < series.values.count else { return "<td></td>" }
      guard series.total > 0 else { return "<td class=\"n soft\">–</td>" }
      let part = series.values[index] / series.total
      let step = min(9, Int(part * 10))
      return """
        <td class="n h\(step)\(answer.isRunning(index) ? " open" : "")">\
        \(Decimal.percent(series.values[index], of: series.total))</td>
        """
    }
    let start = cohort < answer.periods.count ? answer.periods[cohort] : answer.question.interval.first
    return """
      <tr><th scope="row">\(DateText.period(start, answer.question.period))</th>\
      <td class="n">\(Decimal.count(series.total))</td>\(cells)</tr>
      """
  }
}

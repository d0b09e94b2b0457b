import AvowStore

/// Several lines of one answer over time, drawn as layers of a column for each period.
///
/// As shares every whole column has the same height; parts of a user count may overlap, so a layer's share is
/// of the sum of the layers.
struct StackedColumns: Sendable {
  /// Unique on the page.
  let id: String
  let title: String
  let noun: String
  let answer: Answer
  var isShare = false
  var labelHeading = ""

  private static let height = 208.0
  private static let plotTop = 16.0
  private static let plotBottom = 176.0
  /// How many fillings there are; later layers share the last.
  static let fillings = 6

  private var series: [Answer.Series] { answer.series }
  private var sums: [Double] {
    answer.periods.indices.map { index in series.reduce(0) { $0 + value($1, index) } }
  }

  private func value(_ series: Answer.Series, _ index: Int) -> Double {
    index < series.values.count ? series.values[index] : 0
  }

  private func name(_ series: Answer.Series) -> String { Wording.key(series.key, isOther: series.isOther) }

  private func filling(_ index: Int) -> String {
    series[index].isOther ? "rest" : "l\(min(index, Self.fillings - 1))"
  }

  var html: HTML { "\(svg)\(legend)" }

  private var svg: HTML {
    let sums = sums
    let scale = isShare ? Scale(greatest: 100) : Scale(greatest: sums.max() ?? 0)
    return """
      <div class="plot"><svg class="chart" role="img" aria-labelledby="\(id)-t \(id)-d" width="100%" \
      height="\(Self.height)"><title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(summary)</desc>\
      \(scale.ticks.html { tick in
        let y = Self.plotBottom - scale.share(tick) * (Self.plotBottom - Self.plotTop)
        return """
          <line class="\(tick == 0 ? "base" : "rule")" x1="0" x2="100%" y1="\(y)" y2="\(y)"/>\
          <text class="axis" x="-9" y="\(y + 4)" text-anchor="end">\
          \(Decimal.compact(tick))\(isShare && tick > 0 ? "%" : "")</text>
          """
      })\(columns(scale, sums))\(ticks)</svg></div>
      """
  }

  private func columns(_ scale: Scale, _ sums: [Double]) -> HTML {
    let slot = 100 / Double(max(1, answer.periods.count))
    let part = answer.periods.count > 40 ? 0.8 : answer.periods.count < 4 ? 0.3 : 0.72
    return answer.periods.indices.html { index in
      guard sums[index] > 0 else { return .empty }
      let left = (Double(index) + (1 - part) / 2) * slot
      let isOpen = answer.isRunning(index) || answer.isPartial(index)
      var below = 0.0
      var column = HTML.empty
      for (layer, one) in series.enumerated() where value(one, index) > 0 {
        let size = isShare ? value(one, index) / sums[index] * 100 : value(one, index)
        let top = Self.plotBottom - scale.share(below + size) * (Self.plotBottom - Self.plotTop)
        let bottom = Self.plotBottom - scale.share(below) * (Self.plotBottom - Self.plotTop)
        below += size
        column += """
          <rect class="layer \(filling(layer))" x="\(left)%" y="\(top)" width="\(slot * part)%" \
          height="\(max(0, bottom - top))"><title>\(DateText.period(answer.periods[index], answer.question.period)): \
          \(name(one)), \(Decimal.count(value(one, index))) \(noun)\(isOpen ? ", a part of the period" : "")</title></rect>
          """
      }
      // The layers let some of their ground through; it must not be the rules.
      let height = scale.share(isShare ? 100 : sums[index]) * (Self.plotBottom - Self.plotTop)
      let ground: HTML = """
        <rect class="ground" x="\(left)%" y="\(Self.plotBottom - height)" width="\(slot * part)%" \
        height="\(height)"/>
        """
      return isOpen ? "\(ground)<g class=\"part-of\">\(column)</g>" : ground + column
    }
  }

  private var ticks: HTML {
    let count = answer.periods.count
    let step = count <= 8 ? 1 : (count + 5) / 6
    return stride(from: count - 1, through: 0, by: -step).html { index in
      let at = (Double(index) + 0.5) / Double(max(1, count)) * 100
      let anchor = at > 94 ? "end" : at < 6 ? "start" : "middle"
      return """
        <text class="axis" x="\(at > 94 ? 100 : at < 6 ? 0 : at)%" y="\(Self.plotBottom + 20)" \
        text-anchor="\(anchor)">\(DateText.tick(answer.periods[index], answer.question.period, withYear: false))</text>
        """
    }
  }

  private var legend: HTML {
    """
    <ul class="legend">\(series.indices.html { index in
      "<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"layer \(filling(index))\" width=\"12\" height=\"12\" rx=\"3\"/></svg>\(name(series[index]))</li>"
    })</ul>
    """
  }

  var summary: String {
    guard let last = answer.periods.indices.last(where: { !answer.isRunning($0) }), sums[last] > 0 else {
      return "Nothing in this interval."
    }
    let parts = series.filter { value($0, last) > 0 }.prefix(6).map {
      "\(name($0)) \(Decimal.count(value($0, last)))\(isShare ? " (\(Decimal.percent(value($0, last), of: sums[last])))" : "")"
    }
    let period = DateText.period(answer.periods[last], answer.question.period)
    return "\(noun), \(period): \(parts.joined(separator: ", "))."
  }

  /// The same numbers as a table, the newest period first.
  var table: HTML {
    """
    <table class="numbers"><caption>\(title)</caption><thead><tr><th scope="col">\
    \(Wording.title(answer.question.period.rawValue))</th>\
    \(series.html { "<th scope=\"col\" class=\"n\">\(name($0))</th>" })</tr></thead><tbody>\
    \(answer.periods.indices.reversed().html { index in
      """
      <tr><th scope="row">\(DateText.period(answer.periods[index], answer.question.period))\
      \(answer.isRunning(index) ? " <em>still running</em>" : answer.isPartial(index) ? " <em>in part</em>" : .empty)</th>\
      \(series.html { "<td class=\"n\">\(Decimal.count(value($0, index)))</td>" })</tr>
      """
    })</tbody></table>
    """
  }
}

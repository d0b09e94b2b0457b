public import AvowStore
public import AvowWire

/// An answer for a terminal: a heading, a table with bars, sparklines where there are several lines.
///
/// Plain UTF-8 without colours, so that it reads the same in a pipe. Nothing a client sent can move the
/// cursor: control characters are replaced.
public struct AnswerText: Sendable, CustomStringConvertible {
  private let answer: Answer
  private let width: Int
  private let unitOfNumber: String?

  /// Creates the text of an answer.
  ///
  /// - Parameters:
  ///   - width: The columns of the terminal.
  ///   - catalog: Where the unit of a number is declared; without it a distribution is in plain numbers.
  public init(_ answer: Answer, width: Int = 80, catalog: Catalog? = nil) {
    self.answer = answer
    self.width = max(40, min(width, 240))
    if case .distribution(let path, _) = answer.question.subject {
      unitOfNumber = catalog?.field(at: path, of: answer.question.event)?.unit
    } else {
      unitOfNumber = nil
    }
  }

  public var description: String {
    (heading + [""] + body + [""] + footer).joined(separator: "\n") + "\n"
  }

  private var heading: [String] {
    [
      "\(answer.question.app): \(Self.printable(answer.question.text))",
      "\(DateText.interval(answer.question.interval)), in \(Wording.unit(answer.unit, answer.bound))",
    ]
  }

  private var footer: [String] {
    var lines: [String] = []
    if let before = answer.before, let one = answer.series.first, let other = before.series.first,
      answer.series.count == 1
    {
      lines.append(
        "\(Wording.count(one.total, answer.unit)), after \(Wording.count(other.total, answer.unit)) in "
          + DateText.interval(before.question.interval))
    }
    if answer.lastPeriodIsRunning, answer.question.period != .total {
      lines.append(
        marksRunning
          ? "* still running: the number will grow"
          : "the last \(answer.question.period.rawValue) is still running: its numbers will grow")
    }
    if let cut = answer.periods.indices.first(where: { isCut($0) }) {
      let period = answer.question.period.rawValue
      lines.append(
        marksRunning
          ? "~ only a part of this \(period) lies in the interval"
          : "only a part of the \(DateText.period(answer.periods[cut], answer.question.period)) lies in the interval"
      )
    }
    lines.append("rests on \(Wording.count(Double(answer.reports), .events))")
    if let sentence = Wording.explanation(answer.unit, answer.bound) { lines.append(sentence) }
    return lines
  }

  /// Whether each period has a line of its own, to which a mark can stand.
  private var marksRunning: Bool {
    if case .retention = answer.question.subject { return false }
    return answer.series.count == 1
  }

  /// A group as it is named in the first column.
  private func name(_ series: Answer.Series) -> String {
    let name = Self.printable(Wording.key(series.key, isOther: series.isOther))
    guard case .stickiness = answer.question.subject else { return name }
    return name == "1" ? "1 day" : "\(name) days"
  }

  private var body: [String] {
    if case .distribution = answer.question.subject { return distributions }
    switch answer.question.subject {
    case .recent: return recent
    case .retention: return cohorts
    default: break
    }
    guard answer.series.contains(where: { $0.total != 0 }) else { return ["nothing in this interval"] }
    if answer.question.period == .total || answer.periods.isEmpty { return totals }
    return answer.series.count == 1 ? overTime(answer.series[0]) : sparklines
  }

  /// One row a group: name, number, share, bar.
  private var totals: [String] {
    if answer.series.count == 1, answer.series[0].key.isEmpty {
      return [Wording.count(answer.series[0].total, answer.unit)]
    }
    let whole = answer.series.reduce(0) { $0 + $1.total }
    let greatest = answer.series.map(\.total).max() ?? 0
    let before = answer.before.map { before in
      answer.series.map { series in
        before.series.first { $0.key == series.key && $0.isOther == series.isOther }
      }
    }
    let rows = answer.series.enumerated().map { index, series in
      [name(series), Decimal.count(series.total), share(series, index, whole)]
        + (before.map { ["before " + ($0[index].map { Decimal.count($0.total) } ?? "–")] } ?? [])
    }
    return table(rows) { Self.bar(answer.series[$0].total, of: greatest, width: $1) }
  }

  /// The part of all groups, or, of a funnel, of those who took the first step.
  private func share(_ series: Answer.Series, _ index: Int, _ whole: Double) -> String {
    if case .funnel = answer.question.subject {
      return index == 0 ? "" : Decimal.percent(series.total, of: answer.series[0].total)
    }
    return sumsUp ? Decimal.percent(series.total, of: whole) : ""
  }

  /// Whether the groups are parts of a whole: users and elements of lists may be in several.
  private var sumsUp: Bool {
    switch answer.question.subject {
    case .breakdown(_, .users), .adoption, .funnel: false
    default: true
    }
  }

  /// One row a cohort: its size, then the part of it that was active so many periods later.
  private var cohorts: [String] {
    guard answer.series.contains(where: { $0.total != 0 }) else { return ["nothing in this interval"] }
    let shown = min(answer.periods.count, max(2, (width - 24) / 6))
    let header = ["first seen", "users"] + (0..<shown).map { "+\($0)" }
    return table(
      [header]
        + answer.series.enumerated().map { index, series in
          [Self.printable(Wording.key(series.key)), Decimal.count(series.total)]
            + series.values.dropFirst(index).prefix(shown).map {
              series.total > 0 ? Decimal.percent($0, of: series.total) : "-"
            }
        }
    ) { _, _ in "" }
  }

  private var recent: [String] {
    if answer.events.isEmpty { return ["nothing in this interval"] }
    return answer.events.map { event in
      Self.printable("\(event.time)  \(event.event)  \(event.properties.text)  \(event.context.text)")
    }
  }

  private func overTime(_ series: Answer.Series) -> [String] {
    let greatest = series.values.max() ?? 0
    let rows = zip(answer.periods, series.values).enumerated().map { index, point in
      [
        DateText.period(point.0, answer.question.period)
          + (answer.isRunning(index) ? " *" : isCut(index) ? " ~" : ""),
        Decimal.count(point.1),
      ]
    }
    return table(rows) { Self.bar(series.values[$0], of: greatest, width: $1) }
  }

  private var sparklines: [String] {
    let rows = answer.series.map { series in
      [name(series), Decimal.count(series.total)]
    }
    return table(rows) { Self.sparkline(answer.series[$0].values, width: $1) }
      + [
        "",
        "\(DateText.interval(answer.question.interval)), each line to its own scale",
      ]
  }

  private var distributions: [String] {
    guard answer.distributions.contains(where: { $0.count > 0 }) else { return ["nothing in this interval"] }
    let quantity = Quantity(unit: unitOfNumber)
    var lines = table(
      [["", "values", "least", "p50", "p90", "p95", "p99", "greatest", "mean"]]
        + answer.distributions.map { item in
          [Self.printable(Wording.key(item.key)), Decimal.count(Double(item.count))]
            + [item.min, item.p50, item.p90, item.p95, item.p99, item.max, item.mean].map(quantity.text)
        }
    ) { _, _ in "" }
    if answer.distributions.count == 1, let only = answer.distributions.first, only.histogram.count > 1 {
      let greatest = Double(only.histogram.map(\.count).max() ?? 0)
      lines.append("")
      lines += table(
        only.histogram.map {
          ["\(quantity.text($0.from)) to \(quantity.text($0.to))", Decimal.count(Double($0.count))]
        }
      ) { Self.bar(Double(only.histogram[$0].count), of: greatest, width: $1) }
    }
    return lines
  }

  /// Whether a period is partial for another reason than that it still runs.
  private func isCut(_ index: Int) -> Bool { answer.isPartial(index) && !answer.isRunning(index) }

  /// Lays rows out in columns, the first to the left, the others to the right, then what `tail` draws.
  private func table(_ rows: [[String]], tail: (Int, Int) -> String) -> [String] {
    guard let columns = rows.map(\.count).max() else { return [] }
    let first = min(max(20, width / 2), rows.map { $0[0].count }.max() ?? 0)
    let widths = (0..<columns).map { column in
      column == 0 ? first : rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let room = max(8, width - widths.reduce(0) { $0 + $1 + 2 })
    return rows.enumerated().map { index, row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let text = cell.count > widths[column] ? String(cell.prefix(widths[column] - 1)) + "…" : cell
        let padding = String(repeating: " ", count: widths[column] - text.count)
        line += (column == 0 ? text + padding : padding + text) + "  "
      }
      line += tail(index, room)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  /// A bar to an eighth of a column; anything above nothing shows at least a sliver.
  static func bar(_ value: Double, of greatest: Double, width: Int) -> String {
    guard greatest > 0, value > 0 else { return "" }
    let eighths = max(1, Int((value / greatest * Double(width * 8)).rounded()))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
  }

  /// A line of eight heights; more values than columns are added up.
  static func sparkline(_ values: [Double], width: Int) -> String {
    guard !values.isEmpty, width > 0 else { return "" }
    let columns = min(width, values.count)
    let sums = (0..<columns).map { column in
      values[(column * values.count / columns)..<((column + 1) * values.count / columns)].reduce(0, +)
    }
    let greatest = sums.max() ?? 0
    let heights = Array("▁▂▃▄▅▆▇█")
    return String(sums.map { greatest > 0 ? heights[min(7, Int($0 / greatest * 7.999))] : heights[0] })
  }

  /// `text` without anything a terminal would act on.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}

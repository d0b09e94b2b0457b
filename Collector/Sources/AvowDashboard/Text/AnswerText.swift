public import AvowStore
public import AvowWire

/// An answer for a terminal: a heading, a table with bars, sparklines where there are several lines.
///
/// Plain UTF-8 without colours, so that it reads the same in a pipe. Nothing a client sent can move the
/// cursor: control characters are replaced.
public struct AnswerText: Sendable, CustomStringConvertible {
  let answer: Answer
  let width: Int
  private let unitOfNumber: String?
  /// Whether an event may be in several groups, since a list has several elements.
  private let isByList: Bool
  /// Which days are meant: `UTC`, or the catalog's zone; `nil` without a catalog.
  private let zone: String?

  /// Creates the text of an answer.
  ///
  /// - Parameters:
  ///   - width: The columns of the terminal.
  ///   - catalog: Where the unit of a number, lists and the zone are declared; without it a distribution is in
  ///     plain numbers.
  public init(_ answer: Answer, width: Int = 80, catalog: Catalog? = nil) {
    self.answer = answer
    self.width = max(40, min(width, 240))
    if case .distribution(let path, _) = answer.question.subject {
      unitOfNumber = catalog?.field(at: path, of: answer.question.event)?.unit
    } else {
      unitOfNumber = nil
    }
    if case .breakdown(let fields, .events) = answer.question.subject {
      isByList = fields.contains { catalog?.isMany($0, of: answer.question.event) ?? false }
    } else {
      isByList = false
    }
    zone = catalog.map { $0.reportingZone ?? "UTC" }
  }

  public var description: String {
    (heading + [""] + body + [""] + footer).joined(separator: "\n") + "\n"
  }

  private var heading: [String] {
    [
      "\(answer.question.app): \(Self.printable(answer.question.text))",
      "\(DateText.interval(answer.question.interval)), in \(Wording.unit(answer.unit, answer.bound))"
        + (zone.map { ", by days in \($0)" } ?? ""),
    ]
  }

  private var footer: [String] {
    var lines: [String] = []
    if let before = answer.before {
      let interval = DateText.interval(before.question.interval)
      if answer.series.count == 1, let one = answer.series.first, !isRetention {
        lines.append(
          "\(Wording.count(one.total, answer.unit)), after "
            + "\(Wording.count(counterpart(of: one)?.total ?? 0, answer.unit)) in \(interval)")
      } else {
        lines.append("before: \(interval)")
      }
    }
    if answer.lastPeriodIsRunning, answer.question.period == .total, !isRecent {
      lines.append("the interval is still running: its numbers will grow")
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
    if isRetention { return false }
    return answer.series.count == 1
  }

  private var isRetention: Bool { if case .retention = answer.question.subject { true } else { false } }
  private var isRecent: Bool { if case .recent = answer.question.subject { true } else { false } }

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
    case .retention:
      guard let before = answer.before else { return cohorts(answer) }
      return cohorts(answer) + ["", "before, \(DateText.interval(before.question.interval)):"]
        + cohorts(before)
    default: break
    }
    guard shown.contains(where: { $0.total != 0 || (counterpart(of: $0)?.total ?? 0) != 0 }) else {
      return ["nothing in this interval"]
    }
    if answer.question.period == .total || answer.periods.isEmpty { return totals }
    guard shown.count == 1 else { return sparklines }
    // Whose numbers these are, where the question keeps groups apart.
    return (shown[0].key.isEmpty && !shown[0].isOther ? [] : [name(shown[0]) + ":", ""]) + overTime(shown[0])
  }

  /// The groups, and the rest where only the days before had one: what is gone must not go unsaid.
  private var shown: [Answer.Series] {
    guard let rest = answer.before?.series.first(where: \.isOther), !answer.series.contains(where: \.isOther)
    else { return answer.series }
    return answer.series
      + [Answer.Series(key: [], isOther: true, values: rest.values.map { _ in 0 }, total: 0)]
  }

  /// One row a group: name, number, share, bar.
  private var totals: [String] {
    let shown = shown
    if shown.count == 1, shown[0].key.isEmpty, !shown[0].isOther {
      return [Wording.count(shown[0].total, answer.unit)]
    }
    let whole = isByList ? Double(answer.reports) : shown.reduce(0) { $0 + $1.total }
    let greatest = shown.map(\.total).max() ?? 0
    let rows = shown.enumerated().map { index, series in
      [name(series), Decimal.count(series.total), share(series, index, whole)] + before(series)
    }
    return table(rows) { Self.bar(shown[$0].total, of: greatest, width: $1) }
  }

  /// The same group in the days before; `nil`: there was nothing of it.
  private func counterpart(of series: Answer.Series) -> Answer.Series? {
    answer.before?.series.first { $0.key == series.key && $0.isOther == series.isOther }
  }

  /// What a group, or one of its periods, was before; nothing where the question does not compare.
  private func before(_ series: Answer.Series, at index: Int? = nil) -> [String] {
    guard let before = answer.before else { return [] }
    let other = counterpart(of: series)
    guard let index else { return ["before " + Decimal.count(other?.total ?? 0)] }
    // The days before may touch fewer periods.
    guard index < other?.values.count ?? before.periods.count else { return ["before –"] }
    return ["before " + Decimal.count(other.map { $0.values[index] } ?? 0)]
  }

  /// The part of all groups; of a list's elements, of all events; of a funnel, of those who took the first step.
  private func share(_ series: Answer.Series, _ index: Int, _ whole: Double) -> String {
    if case .funnel = answer.question.subject {
      return index == 0 ? "" : Decimal.percent(series.total, of: answer.series[0].total)
    }
    return sumsUp ? Decimal.percent(series.total, of: whole) : ""
  }

  /// Whether the groups are parts of a whole: users may be in several.
  private var sumsUp: Bool {
    switch answer.question.subject {
    case .breakdown(_, .users), .adoption, .funnel: false
    default: true
    }
  }

  /// One row a cohort: its size, then the part of it that was active so many periods later.
  private func cohorts(_ answer: Answer) -> [String] {
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
      ] + before(series, at: index)
    }
    return table(rows) { Self.bar(series.values[$0], of: greatest, width: $1) }
  }

  private var sparklines: [String] {
    let shown = shown
    let rows = shown.map { series in
      [name(series), Decimal.count(series.total)] + before(series)
    }
    return table(rows) { Self.sparkline(shown[$0].values, width: $1) }
      + [
        "",
        "\(DateText.interval(answer.question.interval)), each line to its own scale",
      ]
  }

  private var distributions: [String] {
    let before = answer.before?.distributions ?? []
    guard (answer.distributions + before).contains(where: { $0.count > 0 }) else {
      return ["nothing in this interval"]
    }
    let quantity = Quantity(unit: unitOfNumber)
    func row(_ name: String, _ item: Answer.Distribution) -> [String] {
      [name, Decimal.count(Double(item.count))]
        + [item.min, item.p50, item.p90, item.p95, item.p99, item.max, item.mean].map(quantity.text)
    }
    func isSame(_ one: Answer.Distribution, _ other: Answer.Distribution) -> Bool {
      one.key == other.key && one.isOther == other.isOther
    }
    var rows = [["", "values", "least", "p50", "p90", "p95", "p99", "greatest", "mean"]]
    let gone = before.filter { one in !answer.distributions.contains { isSame($0, one) } }
    for item in answer.distributions {
      rows.append(row(Self.printable(Wording.key(item.key, isOther: item.isOther)), item))
      guard answer.before != nil else { continue }
      rows.append(before.first { isSame($0, item) }.map { row("  before", $0) } ?? ["  before", "0"])
    }
    for item in gone {
      rows.append([Self.printable(Wording.key(item.key, isOther: item.isOther)), "0"])
      rows.append(row("  before", item))
    }
    var lines = table(rows) { _, _ in "" }
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
}

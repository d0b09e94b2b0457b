public import AvowStore
import AvowWire

/// An answer as CSV (RFC 4180) with a header: one row for each group and period, so that a spreadsheet can
/// pivot it.
///
/// An absent field is an empty cell; an empty text is `""`. What `top` left out has `other` in the column
/// `group`.
public struct AnswerCSV: Sendable, CustomStringConvertible {
  private let answer: Answer

  /// Creates the CSV of an answer.
  public init(_ answer: Answer) { self.answer = answer }

  public var description: String {
    rows.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// The rows, and where the question compares those of the days before: the column `days` tells them apart.
  private var rows: [[String]] {
    guard let before = answer.before else { return rows(answer) }
    let (now, then) = (rows(answer), rows(before))
    return [["days"] + now[0]] + now.dropFirst().map { ["asked"] + $0 }
      + then.dropFirst().map { ["before"] + $0 }
  }

  private func rows(_ answer: Answer) -> [[String]] {
    let names: [String]
    switch answer.question.subject {
    case .distribution(_, let fields):
      names = fields.map(\.description)
      let header = names + ["count", "min", "p50", "p90", "p95", "p99", "max", "mean"]
      return [header.map(Self.cell)]
        + answer.distributions.map { item in
          cells(item.key, names.count) + [String(item.count)]
            + [item.min, item.p50, item.p90, item.p95, item.p99, item.max, item.mean].map(Self.number)
        }
    case .events(let byEvent): names = byEvent ? ["event"] : []
    case .activeUsers: names = []
    case .breakdown(let fields, _): names = fields.map(\.description)
    case .rolling: names = []
    case .retention: names = ["cohort"]
    case .funnel: names = ["step"]
    case .adoption(let field): names = [field.description]
    case .stickiness: names = ["days"]
    case .newAndReturning: names = ["kind"]
    case .recent:
      return [["time", "event", "context", "properties"]]
        + answer.events.map {
          [
            $0.time.description, Self.cell($0.event), Self.cell($0.context.text),
            Self.cell($0.properties.text),
          ]
        }
    }
    let hasPeriods = answer.question.period != .total
    let header =
      (hasPeriods ? [answer.question.period.rawValue] : []) + (names.isEmpty ? [] : names + ["group"])
      + [answer.unit.rawValue] + (hasPeriods ? ["running", "partial"] : [])
    var rows = [header.map(Self.cell)]
    for series in answer.series {
      let keys = names.isEmpty ? [] : cells(series.key, names.count) + [series.isOther ? "other" : "value"]
      guard hasPeriods else {
        rows.append(keys + [Self.number(series.total)])
        continue
      }
      for (index, value) in series.values.enumerated() where index < answer.periods.count {
        rows.append(
          [CivilDate(dayNumber: answer.periods[index]).description] + keys
            + [Self.number(value)]
            + [answer.isRunning(index), answer.isPartial(index)].map { $0 ? "true" : "false" })
      }
    }
    return rows
  }

  private func cells(_ key: [String?], _ count: Int) -> [String] {
    (0..<count).map { $0 < key.count ? key[$0].map(Self.cell) ?? "" : "" }
  }

  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }

  private static func cell(_ text: String) -> String {
    let needsQuotes =
      text.isEmpty || text.first == " " || text.last == " "
      || text.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else { return text }
    // By scalars: a mark that combines with a quotation mark must not hide it.
    var doubled = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      doubled.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar])
    }
    return "\"\(String(doubled))\""
  }
}

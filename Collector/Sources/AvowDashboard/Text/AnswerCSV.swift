public import AvowStore
public import AvowWire

/// An answer as CSV (RFC 4180) with a header: one row for each group and period, so that a spreadsheet can
/// pivot it.
///
/// An absent field is an empty cell; an empty text is `""`. What `top` left out has `other` in the column
/// `group`. The last columns say in every row what the numbers are worth: bound, reports, interval, zone.
public struct AnswerCSV: Sendable, CustomStringConvertible {
  private let answer: Answer
  private let catalog: Catalog?

  /// Creates the CSV of an answer.
  ///
  /// - Parameter catalog: Where the zone of the days and the unit of a number are declared.
  public init(_ answer: Answer, catalog: Catalog? = nil) {
    self.answer = answer
    self.catalog = catalog
  }

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
    case .distribution(let number, let fields):
      return distributions(answer, number, fields.map(\.description))
    case .recent:
      return [["time", "event", "context", "properties"]]
        + answer.events.map {
          [
            $0.time.description, CSVCell.text($0.event), CSVCell.text($0.context.text),
            CSVCell.text($0.properties.text),
          ]
        }
    case .events(let byEvent): names = byEvent ? ["event"] : []
    case .activeUsers, .rolling: names = []
    case .breakdown(let fields, _): names = fields.map(\.description)
    case .retention: names = ["cohort"]
    case .funnel: names = ["step"]
    case .adoption(let field): names = [field.description]
    case .stickiness: names = ["days"]
    case .newAndReturning: names = ["kind"]
    }
    let hasPeriods = answer.question.period != .total
    let header =
      (hasPeriods ? [answer.question.period.rawValue] : []) + (names.isEmpty ? [] : names + ["group"])
      + [answer.unit.rawValue, "running"] + (hasPeriods ? ["partial"] : [])
    var rows = [header.map(CSVCell.text) + Self.basisHeader]
    let basis = basis(answer)
    for series in answer.series {
      let keys = names.isEmpty ? [] : cells(series.key, names.count) + [series.isOther ? "other" : "value"]
      guard hasPeriods else {
        rows.append(keys + [Self.number(series.total), Self.flag(answer.lastPeriodIsRunning)] + basis)
        continue
      }
      for (index, value) in series.values.enumerated() where index < answer.periods.count {
        rows.append(
          [CivilDate(dayNumber: answer.periods[index]).description] + keys
            + [Self.number(value)] + [answer.isRunning(index), answer.isPartial(index)].map(Self.flag) + basis
        )
      }
    }
    return rows
  }

  /// One row a group; its histogram is one cell, `FROM..TO=COUNT` with spaces between.
  private func distributions(_ answer: Answer, _ number: FieldPath, _ names: [String]) -> [[String]] {
    let header =
      names + (names.isEmpty ? [] : ["group"])
      + ["count", "min", "p50", "p90", "p95", "p99", "max", "mean", "unit", "histogram", "running"]
    let unit = catalog?.field(at: number, of: answer.question.event)?.unit ?? ""
    return [header.map(CSVCell.text) + Self.basisHeader]
      + answer.distributions.map { item in
        let bins = item.histogram.map { "\(Self.number($0.from))..\(Self.number($0.to))=\($0.count)" }
        return cells(item.key, names.count)
          + (names.isEmpty ? [] : [item.isOther ? "other" : "value"]) + [String(item.count)]
          + [item.min, item.p50, item.p90, item.p95, item.p99, item.max, item.mean].map(Self.number)
          + [
            unit.isEmpty ? "" : CSVCell.text(unit),
            bins.isEmpty ? "" : CSVCell.text(bins.joined(separator: " ")),
            Self.flag(answer.lastPeriodIsRunning),
          ] + basis(answer)
      }
  }

  /// What a reader must know of each number, in every row, so that rows stay right when they are moved.
  private static let basisHeader = ["bound", "reports", "since", "until", "zone"]

  private func basis(_ answer: Answer) -> [String] {
    let interval = answer.question.interval
    return [
      answer.bound.rawValue, String(answer.reports), CivilDate(dayNumber: interval.first).description,
      CivilDate(dayNumber: interval.last).description, catalog.map { $0.reportingZone ?? "UTC" } ?? "",
    ]
  }

  private static func flag(_ value: Bool) -> String { value ? "true" : "false" }

  private func cells(_ key: [String?], _ count: Int) -> [String] {
    (0..<count).map { $0 < key.count ? key[$0].map(CSVCell.text) ?? "" : "" }
  }

  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }
}

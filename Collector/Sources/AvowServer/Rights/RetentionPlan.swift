import AvowStore
import AvowWire

/// When stored events have to go, by the catalogs: counted in whole UTC days from their receipt.
struct RetentionRule: Sendable {
  var app: String
  var event: String
  /// An event received on day D goes when day D + `days` is over.
  var days: Int
  /// The day on which all of it goes.
  var expires: Int?
  /// The rule in the catalog's words.
  var text: String

  init(_ event: String, of catalog: Catalog) {
    let declared = catalog.event(named: event)
    let retention = declared?.retention ?? catalog.retention
    app = catalog.app
    self.event = event
    days = retention.days
    text = retention.canonical
    if case .date(let date) = declared?.expires, let day = CivilDate(date)?.dayNumber {
      expires = day
      text += ", expires \(date)"
    }
    if declared == nil { text += ", no longer declared" }
  }

  /// What was received before this has to go on `day`.
  func limit(on day: Int) -> Timestamp {
    if let expires, day >= expires { return Timestamp(day: day + 1) }
    return Timestamp(day: day - days)
  }

  /// The first day on which something received at `oldest` has to go.
  func next(oldest: Timestamp) -> Int { min(oldest.day + days + 1, expires ?? .max) }
}

/// What of one event goes next.
struct RetentionStep: Sendable {
  var rule: RetentionRule
  var oldest: Timestamp
  /// The day it goes; today or earlier: it is due.
  var day: Int
  /// How many go that day.
  var count: Int

  func json(today: Int) -> JSONValue {
    [
      "app": .string(rule.app), "event": .string(rule.event), "kept": .string(rule.text),
      "oldest": .string("\(CivilDate(dayNumber: oldest.day))"),
      "goes": .string(day <= today ? "now" : "\(CivilDate(dayNumber: day))"),
      "count": .integer(Int64(count)),
    ]
  }
}

import AvowDashboard
import AvowIngest
import AvowWire

/// The counts of what was not kept: written down by name, so that they outlive the process.
///
/// A kill -9 loses at most the counts of the last few seconds; events are never concerned.
extension CollectorState {
  /// The counters by the name they have in `status`, in `/metrics` and in the control database.
  static let counters: [(name: String, path: any WritableKeyPath<Quarantine.Counters, Int> & Sendable)] = [
    ("received", \.received), ("stored", \.stored), ("duplicates", \.duplicates), ("refused", \.refused),
    ("removed", \.removed), ("dropped", \.dropped), ("control", \.control),
    ("unauthenticated", \.unauthenticated), ("clock", \.clock), ("lost", \.lost),
  ]

  /// What became of an app's events, by name.
  public func counts(app: String) -> [(name: String, value: Int)] {
    let counters = quarantine.counters()[app] ?? Quarantine.Counters()
    return Self.counters.map { ($0.name, counters[keyPath: $0.path]) }
  }

  /// What passed so far, of all apps together.
  var totals: Totals {
    let counters = quarantine.counters().values
    return Totals(
      requests: traffic.answers, putOff: traffic.putOff, received: counters.reduce(0) { $0 + $1.received },
      stored: counters.reduce(0) { $0 + $1.stored })
  }

  /// Takes up the counts of earlier processes.
  func restoreQuality() throws(CollectorError) {
    guard let text = try database.note(Self.note), let saved = try? JSONValue(parsing: text) else {
      try database.setNote(Self.sinceNote, String(clock.now().milliseconds))
      return
    }
    for (app, values) in saved["counters"]?.objectValue ?? [:] {
      var counters = Quarantine.Counters()
      for counter in Self.counters {
        counters[keyPath: counter.path] = Int(values[counter.name]?.integerValue ?? 0)
      }
      quarantine.count(counters, app: app)
    }
    quarantine.load((saved["lines"]?.arrayValue ?? []).compactMap(Quarantine.Line.init(json:)))
  }

  /// Writes the counts down.
  func saveQuality() throws(CollectorError) {
    let counters = quarantine.counters().keys.reduce(into: [String: JSONValue]()) { saved, app in
      saved[app] = .object(
        counts(app: app).reduce(into: [:]) { $0[$1.name] = .integer(Int64($1.value)) })
    }
    let saved: JSONValue = [
      "counters": .object(counters), "lines": .array(quarantine.snapshot().map(\.json)),
    ]
    try database.setNote(Self.note, saved.text)
  }

  private static let note = "quality"
  private static let sinceNote = "quality since"

  /// The quarantine of an app, a line each.
  func qualityLines(app: String) -> [JSONValue] {
    quarantine.snapshot().filter { $0.app == app }.map(\.json)
  }

  /// What the dashboard shows of an app.
  func quality(app: String) -> QualityReport? {
    let counters = quarantine.counters()[app] ?? Quarantine.Counters()
    let since = ((try? database.note(Self.sinceNote)) ?? nil).flatMap { Int64($0) }
      .map(Timestamp.init(milliseconds:))
    let now = clock.now()
    var lines = quarantine.snapshot().filter { $0.app == app }.map(QualityReport.Line.init)
    // What is only counted stands as one line about the whole app.
    let sums: [(QualityReport.Outcome, Int, String)] = [
      (.duplicate, counters.duplicates, "stored before"),
      (.dropped, counters.dropped, "dropped by declaration"),
      (.control, counters.control, "call of an SDK that is no event"),
      (.unauthenticated, counters.unauthenticated, "came by an address that asks no key"),
      (.clock, counters.clock, "implausible time"),
    ]
    for (outcome, count, reason) in sums where count > 0 {
      lines.append(
        QualityReport.Line(outcome, reason: reason, count: count, first: since ?? now, last: now))
    }
    return QualityReport(stored: counters.stored, since: since, lines: lines)
  }
}

extension Quarantine.Line {
  var json: JSONValue {
    [
      "app": .string(app), "event": .string(event), "field": field.map(JSONValue.string) ?? .null,
      "reason": .string(reason.rawValue), "count": .integer(Int64(count)),
      "app_version": appVersion.map(JSONValue.string) ?? .null,
      "first": .string("\(first)"), "last": .string("\(last)"),
      "unauthenticated": .boolean(isUnauthenticated),
    ]
  }

  init?(json: JSONValue) {
    guard let app = json["app"]?.stringValue, let event = json["event"]?.stringValue,
      let reason = json["reason"]?.stringValue.flatMap(Quarantine.Reason.init(rawValue:)),
      let count = json["count"]?.integerValue,
      let first = json["first"]?.stringValue.flatMap({ Timestamp(iso8601: $0) }),
      let last = json["last"]?.stringValue.flatMap({ Timestamp(iso8601: $0) })
    else { return nil }
    self.init(
      app: app, event: event, field: json["field"]?.stringValue, reason: reason, count: Int(count),
      appVersion: json["app_version"]?.stringValue, first: first, last: last,
      isUnauthenticated: json["unauthenticated"]?.boolValue ?? false)
  }
}

extension QualityReport.Line {
  init(_ line: Quarantine.Line) {
    let outcome: QualityReport.Outcome =
      switch line.reason {
      case .unknownEvent, .expired, .malformed: .refused
      case .retired: .retired
      case .newer: .newer
      default: .removed
      }
    self.init(
      outcome, event: line.event, field: line.field,
      reason: line.reason.rawValue.replacing("_", with: " ")
        + (line.isUnauthenticated ? ", without a key" : ""), count: line.count,
      appVersion: line.appVersion, first: line.first, last: line.last)
  }
}

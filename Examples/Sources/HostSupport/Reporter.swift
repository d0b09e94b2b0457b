public import Avow

/// Records events and keeps count of them, so that a demo can compare what was recorded with what was stored.
///
/// A program of your own needs none of this: it calls `telemetry.record(_:)`.
public final class Reporter<Declared: DeclaredCatalog> {
  /// What records.
  public let telemetry: Telemetry<Declared>
  /// How many events of each name were recorded.
  public private(set) var recorded: [String: Int] = [:]

  /// Creates a reporter.
  public init(_ telemetry: Telemetry<Declared>) { self.telemetry = telemetry }

  /// Records an event.
  public func record(_ event: Declared.Event) {
    telemetry.record(event)
    recorded[Self.name(of: event), default: 0] += 1
  }

  /// Sends what was recorded and prints the counts as one line of JSON; nothing counts while telemetry is off.
  public func finish() {
    telemetry.flush(timeout: .seconds(10))
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("app")
    writer.string(Declared.catalog.app)
    writer.key("recorded")
    writer.beginObject()
    if telemetry.status.mode == .enabled {
      for (name, count) in recorded.sorted(by: { $0.key < $1.key }) {
        writer.key(name)
        writer.integer(count)
      }
    }
    writer.endObject()
    writer.endObject()
    print(writer.text)
  }

  /// The name of an event in its catalog: `list_reports` for the case `listReports`.
  static func name(of event: Declared.Event) -> String {
    let label = Mirror(reflecting: event).children.first?.label ?? "\(event)"
    return Declared.catalog.events.first { declared in
      declared.name.utf8.filter { $0 != UInt8(ascii: "_") }.elementsEqual(label.lowercased().utf8)
    }?.name ?? label
  }
}

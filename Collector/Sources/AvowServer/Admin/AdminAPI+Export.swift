import AvowIngest
import AvowStore
import AvowWire

extension AdminAPI {
  /// Streams stored events, a line each.
  func export(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let entry = try state.catalogs.entry(app: request.required("app"))
    let catalog = entry.catalog
    if let event = request["event"], catalog.event(named: event) == nil {
      let names = catalog.events.map(\.name).joined(separator: ", ")
      throw CollectorError(.notFound, "\(catalog.app) declares no event \"\(event)\"; it declares \(names)")
    }
    let today = state.today(for: catalog)
    let since = try request.day("since")
    let until = try request.day("until")
    let first = since ?? 0
    let last = until ?? max(first, today + 1)
    guard first <= last else { throw CollectorError(.usage, "since is later than until") }
    let interval = since == nil && until == nil ? nil : DayInterval(first: first, last: last)
    // A user is named by the identifier he quotes, or by the pseudonym an export shows.
    let users: [Identifier128?] =
      request["user"].map { state.pseudonyms(app: catalog.app, quoted: $0) } ?? [nil]
    let store = state.store
    let event = request["event"]
    let format = request["format"] ?? "ndjson"
    guard format == "ndjson" || format == "csv" else {
      throw CollectorError(.usage, "format is ndjson or csv")
    }
    let columns = CSVColumns(catalog: catalog, event: event)
    return AdminResponse(
      status: 200,
      contentType: format == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
      body: .stream { write in
        if format == "csv" { try await write(columns.header) }
        for user in users {
          let range = ExportRequest(app: catalog.app, event: event, interval: interval, user: user)
          try await store.export(range) { events in
            var bytes: [UInt8] = []
            for event in events {
              bytes += format == "csv" ? columns.line(event) : Self.line(event)
            }
            try await write(bytes)
          }
        }
      })
  }

  /// One event as a line of NDJSON.
  static func line(_ event: StoredEvent) -> [UInt8] {
    var writer = JSONWriter(capacity: 512)
    writer.beginObject()
    writer.key("id")
    writer.string("\(event.id)")
    writer.key("event")
    writer.string(event.event)
    writer.key("time")
    writer.string("\(event.time)")
    writer.key("received")
    writer.string("\(event.received)")
    // Only where it differs, which is what an import needs to know the event again.
    if let sent = event.sent {
      writer.key("sent")
      writer.string("\(sent)")
    }
    if event.isEphemeral {
      writer.key("ephemeral")
      writer.boolean(true)
    }
    for (name, value) in [("user", event.user), ("session", event.session)] {
      writer.key(name)
      if let value { writer.string("\(value)") } else { writer.null() }
    }
    writer.key("context")
    event.context.write(to: &writer)
    writer.key("properties")
    event.properties.write(to: &writer)
    writer.endObject()
    return writer.bytes + [0x0A]
  }
}

/// The columns of a CSV export (RFC 4180).
struct CSVColumns: Sendable {
  private let context: [String]
  /// The properties of the one event exported; `nil` when several are, whose properties become one JSON column.
  private let properties: [String]?

  init(catalog: Catalog, event: String?) {
    context = catalog.context.map(\.name)
    properties = event.flatMap(catalog.event(named:)).map { $0.properties.map(\.name) }
  }

  var header: [UInt8] {
    let names =
      ["id", "event", "time", "received", "sent", "ephemeral", "user", "session"]
      + context.map { "context." + $0 }
      + (properties ?? ["properties"])
    return Array((names.joined(separator: ",") + "\r\n").utf8)
  }

  func line(_ event: StoredEvent) -> [UInt8] {
    var cells = [
      "\(event.id)", event.event, "\(event.time)", "\(event.received)",
      // As in NDJSON: only where it says something.
      event.sent.map { "\($0)" } ?? "", event.isEphemeral ? "true" : "",
      event.user.map { "\($0)" } ?? "", event.session.map { "\($0)" } ?? "",
    ]
    cells += context.map { Self.text(event.context[$0]) }
    if let properties {
      cells += properties.map { Self.text(event.properties[$0]) }
    } else {
      cells.append(event.properties.text)
    }
    return Array((cells.map(Self.quoted).joined(separator: ",") + "\r\n").utf8)
  }

  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .some(let other): other.text
    }
  }

  private static func quoted(_ text: String) -> String {
    // A cell that begins like a formula would be run by spreadsheet programs.
    let first = text.utf8.first
    let isFormula =
      first == UInt8(ascii: "=") || first == UInt8(ascii: "+") || first == UInt8(ascii: "@")
      || (first == UInt8(ascii: "-") && Double(text) == nil)
    let safe = isFormula ? "'" + text : text
    let needsQuotes = safe.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }
    guard needsQuotes else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}

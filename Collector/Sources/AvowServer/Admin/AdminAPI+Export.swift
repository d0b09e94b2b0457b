import AvowDashboard
import AvowIngest
import AvowStore
import AvowWire

extension AdminAPI {
  /// Streams stored events, a line each.
  func export(_ request: AdminRequest) async throws -> AdminResponse {
    let entry = try state.entry(app: request.required("app"))
    let catalog = entry.catalog
    let history = try state.history(of: catalog)
    if let event = request["event"], catalog.event(named: event) == nil {
      // What is stored is handed out, whether or not it is still declared.
      guard try await state.store.holdings(app: catalog.app).contains(where: { $0.event == event }) else {
        let names = catalog.events.map(\.name).joined(separator: ", ")
        throw CollectorError(.notFound, "\(catalog.app) declares no event \"\(event)\"; it declares \(names)")
      }
    }
    let filters = try filters(request, catalog, history)
    let today = state.today(for: catalog)
    let since = try request.day("since")
    let until = try request.day("until")
    let first = since ?? 0
    let last = until ?? max(first, today + 1)
    guard first <= last else { throw CollectorError(.usage, "since is later than until") }
    let interval = since == nil && until == nil ? nil : DayInterval(first: first, last: last)
    // A user is named by the identifier he quotes, or by the pseudonym an export shows.
    let users: [Identifier128?] =
      try request["user"].map { quoted throws(CollectorError) in
        try state.user(of: catalog.app, quoted: [quoted]).pseudonyms
      } ?? [nil]
    let store = state.store
    let event = request["event"]
    let format = request["format"] ?? "ndjson"
    guard format == "ndjson" || format == "csv" else {
      throw CollectorError(.usage, "format is ndjson or csv")
    }
    let columns = CSVColumns(history, event: event)
    return AdminResponse(
      status: 200,
      contentType: format == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
      body: .stream { write in
        if format == "csv" { try await write(columns.header) }
        for user in users {
          let range = ExportRequest(
            app: catalog.app, event: event, interval: interval, user: user, filters: filters)
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

  /// What `where` says, in the words of a question's conditions.
  private func filters(
    _ request: AdminRequest, _ catalog: Catalog, _ history: CatalogHistory
  ) throws -> [Filter] {
    guard let conditions = request["where"] else { return [] }
    if let event = request["event"], let version = history.lastVersion(declaring: event) {
      throw CollectorError(
        .usage,
        "\"\(event)\" was declared until version \(version), so its fields are not known to conditions; "
          + "leave out where")
    }
    let of = request["event"].map { " of \($0)" } ?? ""
    func read(_ text: String) throws -> Question {
      try Question(parsing: text, app: catalog.app, catalog: catalog, today: state.clock.now().day)
    }
    let question = try read("events\(of) where \(conditions)")
    var plain = try read("events\(of)")
    plain.filters = question.filters
    // A property may name its event, for the question.
    plain.event = question.event
    guard question == plain else {
      throw CollectorError(
        .usage, "where takes conditions alone, such as \"os_name = linux and app_version >= 1.2\"")
    }
    _ = try ExportRequest(app: catalog.app, event: request["event"], filters: question.filters)
      .resolved(catalog)
    return question.filters
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

  init(_ history: CatalogHistory, event: String?) {
    context = history.context
    properties = event.map(history.properties(of:))
  }

  var header: [UInt8] {
    let names =
      ["id", "event", "time", "received", "user", "session", "sent", "ephemeral"]
      + context.map { "context." + $0 }
      + (properties ?? ["properties"])
    return Array((names.joined(separator: ",") + "\r\n").utf8)
  }

  func line(_ event: StoredEvent) -> [UInt8] {
    var cells = [
      "\(event.id)", event.event, "\(event.time)", "\(event.received)",
      event.user.map { "\($0)" } ?? "", event.session.map { "\($0)" } ?? "",
      // As in NDJSON: only where it says something.
      event.sent.map { "\($0)" } ?? "", event.isEphemeral ? "true" : "",
    ]
    cells += context.map { Self.text(event.context[$0]) }
    if let properties {
      cells += properties.map { Self.text(event.properties[$0]) }
    } else {
      cells.append(event.properties.text)
    }
    return Array((cells.map { $0.isEmpty ? "" : CSVCell.text($0) }.joined(separator: ",") + "\r\n").utf8)
  }

  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .some(let other): other.text
    }
  }
}

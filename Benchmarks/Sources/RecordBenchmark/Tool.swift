import Avow

/// The events of the measurements: one with four properties (two texts, a number, a flag), one counter, and
/// five with two properties for the size on the wire.
enum Tool: DeclaredCatalog {
  static let catalog = Catalog(
    app: "recordbench", name: "Record benchmark", version: 1,
    consent: .init(default: .enabled, reportsInCI: true), delivery: .init(everyMilliseconds: 2_000),
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field("os_name", .text(.oneOf(StandardField.operatingSystems)), source: .osName),
    ],
    events: [
      EventDeclaration(
        "run_model",
        properties: [
          Field("model", .text(.pattern("[a-z0-9_]{1,32}"))),
          Field("time_taken", .integer(.init(min: 0))),
          Field("is_remote", .boolean),
          Field("client_version", .text(.pattern("[0-9.]{1,16}"))),
        ]),
      EventDeclaration("requests", properties: [Field("count", .integer(.init(min: 0)))]),
    ]
      + ["list_projects", "get_project", "list_reports", "add_snapshot", "search_projects"].map {
        EventDeclaration(
          $0,
          properties: [
            Field("item_count", .integer(.init(min: 0))), Field("kind", .text(.oneOf(["report", "suite"]))),
          ])
      })
  // As in generated code: nothing is computed at the start.
  static let digest = "bd5ddb4ddab8d0cb357e8f75f06bd1f48213bbc4fe7ba3eadd69ebfe9ce9002f"

  enum Counter: Int, DeclaredCounter {
    case requests
    var slot: Int { rawValue }
  }

  struct Context: DeclaredContext {
    func encode(into encoder: inout EventEncoder) {}
  }

  enum Event: DeclaredEvent {
    case runModel(
      model: String? = nil, timeTaken: Int? = nil, isRemote: Bool? = nil, clientVersion: String? = nil)
    case action(Int, itemCount: Int, kind: Int)

    func encode(into encoder: inout EventEncoder) {
      switch self {
      case .runModel(let model, let timeTaken, let isRemote, let clientVersion):
        encoder.begin(event: 0)
        if let model { encoder.text(model, field: 0, maxLength: 32) }
        if let timeTaken { encoder.integer(timeTaken, field: 1, in: 0...1_099_511_627_776) }
        if let isRemote { encoder.boolean(isRemote, field: 2) }
        if let clientVersion { encoder.text(clientVersion, field: 3, maxLength: 16) }
      case .action(let which, let itemCount, let kind):
        encoder.begin(event: 2 + which)
        encoder.integer(itemCount, field: 0, in: 0...1_099_511_627_776)
        encoder.choice(kind, field: 1)
      }
    }
  }
}

import Avow
import Synchronization

/// The workshop two versions ago: less of everything.
enum EarlyWorkshop: DeclaredCatalog {
  static let catalog = narrowed(Workshop.catalog)
  static let digest = catalog.digest
  typealias Event = Workshop.Event
  typealias Context = Workshop.Context

  static func narrowed(_ catalog: Catalog) -> Catalog {
    var catalog = catalog
    catalog.version = 1
    catalog.context.removeAll { $0.name == "edition" || $0.name == "uptime" }
    catalog.events = [
      catalog.events[0],
      EventDeclaration(
        "optimize",
        properties: [
          Field("model_size", .integer(.init(min: 0))), Field("mode", .text(.oneOf(["fast"]))),
          Field("is_remote", .boolean), Field("framework", .version(.major)),
        ]),
    ]
    return catalog
  }
}

/// The workshop as an opt-in tool.
enum ShyWorkshop: DeclaredCatalog {
  static let catalog: Catalog = {
    var catalog = Workshop.catalog
    catalog.consent.default = .disabled
    return catalog
  }()
  static let digest = catalog.digest
  typealias Event = Workshop.Event
  typealias Context = Workshop.Context
}

/// Its first version.
enum EarlyShyWorkshop: DeclaredCatalog {
  static let catalog = EarlyWorkshop.narrowed(ShyWorkshop.catalog)
  static let digest = catalog.digest
  typealias Event = Workshop.Event
  typealias Context = Workshop.Context
}

/// The workshop that asks.
enum AskingWorkshop: DeclaredCatalog {
  static let catalog: Catalog = {
    var catalog = Workshop.catalog
    catalog.consent.default = .ask
    catalog.recipient = .init(name: "Example e.V.")
    return catalog
  }()
  static let digest = catalog.digest
  typealias Event = Workshop.Event
  typealias Context = Workshop.Context
}

/// A person who gives one answer, and what he was shown.
final class Person: Sendable {
  let answer: String?
  let shown = Mutex<[String]>([])

  init(_ answer: String? = nil) { self.answer = answer }

  var terminal: TelemetryTerminal {
    .custom(
      print: { [self] text in shown.withLock { $0.append(text) } }, readLine: { [self] in answer })
  }
}

/// The workshop with a new name for its user each month.
enum MonthlyWorkshop: DeclaredCatalog {
  static let catalog: Catalog = {
    var catalog = Workshop.catalog
    catalog.identity.rotate = .month
    return catalog
  }()
  static let digest = catalog.digest
  typealias Event = Workshop.Event
  typealias Context = Workshop.Context
}

import AvowWire

/// A catalog as admission uses it.
final class CompiledCatalog: Sendable {
  let catalog: Catalog
  let digest: String
  let app: [UInt8]
  let events: KeyTable
  let properties: [EventIndex]
  let context: [CompiledField]
  let contextNames: KeyTable
  /// The context field that takes the network part of the connection's address, -1 for none.
  let networkField: Int
  /// The context field that says which version of the tool reported, -1 for none.
  let versionField: Int
  /// One for each entry of `accepts` and each of its formats.
  let mappings: [Mapping]

  /// The properties of one event.
  final class EventIndex: Sendable {
    let name: String
    let fields: [CompiledField]
    let names: KeyTable
    /// The first UTC day on which nothing is recorded any more.
    let expiresOn: Int?
    /// The numeric parts of the first version that records nothing any more.
    let expiresFrom: [Int]?

    init(_ event: EventDeclaration) {
      name = event.name
      fields = event.properties.map(CompiledField.init)
      names = KeyTable(names: event.properties.map(\.name))
      if case .date(let text) = event.expires {
        expiresOn = CivilDate(text)?.dayNumber
      } else {
        expiresOn = nil
      }
      if case .version(let text) = event.expires {
        expiresFrom = VersionText.parts(text).numbers
      } else {
        expiresFrom = nil
      }
    }

    /// Whether nothing is recorded any more; `version`, the sender's, is asked for only where it matters.
    func isExpired(on day: Int, version: () -> String?) -> Bool {
      if let expiresOn, day >= expiresOn { return true }
      guard let expiresFrom, let version = version() else { return false }
      return VersionText.isAtLeast(version, expiresFrom)
    }
  }

  init(_ catalog: Catalog) {
    self.catalog = catalog
    digest = catalog.digest
    app = Array(catalog.app.utf8)
    events = KeyTable(names: catalog.events.map(\.name))
    properties = catalog.events.map(EventIndex.init)
    context = catalog.context.map(CompiledField.init)
    contextNames = KeyTable(names: catalog.context.map(\.name))
    networkField = context.firstIndex(where: \.isNetwork) ?? -1
    versionField = catalog.context.firstIndex { $0.source == .appVersion || $0.name == "app_version" } ?? -1
    let slots = SlotNames(catalog)
    let (context, properties) = (context, properties)
    mappings = catalog.accepts.enumerated().flatMap { index, entry in
      entry.formats.map { format in
        Mapping(
          entry, at: index, format: format, catalog: catalog, slots: slots, context: context,
          properties: properties)
      }
    }
  }

  /// The entry that opens `format` for the app's key, best one without an address of its own.
  func mapping(for format: Acceptance.Format) -> Mapping? {
    mappings.first { $0.format == format && $0.entry.paths.isEmpty }
      ?? mappings.first { $0.format == format }
  }
}

/// Numbers for everything a foreign request can say about an event of a catalog: five that each event
/// has, then the context's fields, then the names of properties, each once however many events share it.
struct SlotNames: Sendable {
  static let event = 0
  static let id = 1
  static let time = 2
  static let user = 3
  static let session = 4
  static let special = ["event", "id", "time", "user", "session"]

  let names: [String]
  let contextCount: Int

  init(_ catalog: Catalog) {
    var names = Self.special
    names += catalog.context.map(\.name)
    contextCount = catalog.context.count
    var known: Set<String> = []
    for event in catalog.events {
      for field in event.properties where known.insert(field.name).inserted { names.append(field.name) }
    }
    self.names = names
  }

  var firstContext: Int { Self.special.count }
  var firstProperty: Int { Self.special.count + contextCount }
}

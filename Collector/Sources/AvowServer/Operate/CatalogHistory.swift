import AvowCatalog
import AvowWire

/// What the catalogs of an app declared over time: stored events outlive their declarations.
struct CatalogHistory: Sendable {
  /// The newest first; today's is the first.
  private let catalogs: [Catalog]

  /// - Parameter older: Texts of the catalogs that this collector ran with; one it cannot read any more is
  ///   passed over.
  init(today: Catalog, older: [ControlDatabase.LoadedCatalog]) {
    let before = older.filter { $0.app == today.app && $0.version < today.version }
      .sorted { $0.version > $1.version }
    catalogs = [today] + before.compactMap { CatalogFile.read($0.text, file: $0.app).catalog }
  }

  /// The names of all context fields, today's first.
  var context: [String] { Self.distinct(catalogs.flatMap(\.context).map(\.name)) }

  /// The names of all properties that an event ever had, today's first.
  func properties(of event: String) -> [String] {
    Self.distinct(catalogs.compactMap { $0.event(named: event) }.flatMap(\.properties).map(\.name))
  }

  /// The last version that declared an event which today's does not.
  func lastVersion(declaring event: String) -> Int? {
    guard catalogs.first?.event(named: event) == nil else { return nil }
    return catalogs.first { $0.event(named: event) != nil }?.version
  }

  /// Events that only older versions declared.
  var retired: [String] {
    let today = Set(catalogs.first?.events.map(\.name) ?? [])
    return Self.distinct(catalogs.flatMap(\.events).map(\.name)).filter { !today.contains($0) }
  }

  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}

extension CollectorState {
  func history(of catalog: Catalog) throws(CollectorError) -> CatalogHistory {
    CatalogHistory(today: catalog, older: try database.catalogs(app: catalog.app))
  }
}

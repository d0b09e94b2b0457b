import AvowCatalog
import AvowDashboard
import AvowIngest
public import AvowStore
import AvowWire
import Logging
import Synchronization

/// What the parts of one running collector share.
public final class CollectorState: Sendable {
  /// What follows from the catalogs and changes together when they are loaded anew.
  private struct Loaded {
    var catalogs: CatalogSet
    var ingest: Ingest
  }

  public let store: any EventStore
  public let clock: any CollectorClock
  let folder: DataFolder
  let database: ControlDatabase
  let keys: KeyRing
  let access: Access
  let quarantine: Quarantine
  let deletions: Deletions
  let erased: ErasedMarks
  let publisher: Publisher
  let budget = BodyBudget()
  let limits: Limits
  let traffic = Traffic()
  let rates = Rates()
  /// What TLS connections are met with; `nil` for plain HTTP.
  let tls: TLSIdentity?
  let started: Timestamp
  /// Where requests are answered, such as `http://127.0.0.1:8765`; `nil` until they are.
  let address = Mutex<String?>(nil)
  let logger: Logger
  let configuration: CollectorConfiguration
  private let pepper: [UInt8]
  private let loaded: Mutex<Loaded>

  init(
    configuration: CollectorConfiguration, folder: DataFolder, database: ControlDatabase,
    store: any EventStore, catalogs: CatalogSet, pepper: [UInt8], access: Access,
    quarantine: Quarantine, tls: TLSIdentity?, clock: any CollectorClock, logger: Logger
  ) throws(CollectorError) {
    self.configuration = configuration
    self.folder = folder
    self.database = database
    self.store = store
    self.pepper = pepper
    self.access = access
    self.quarantine = quarantine
    self.tls = tls
    limits = Limits(configuration)
    started = clock.now()
    let erased = ErasedMarks()
    self.erased = erased
    deletions = Deletions(
      store: store, database: database, clock: clock, key: try ReceiptKey(folder: folder.path),
      erased: erased, logger: logger)
    publisher = Publisher(store: store, database: database)
    self.clock = clock
    self.logger = logger
    let keys = KeyRing()
    self.keys = keys
    loaded = Mutex(
      Loaded(
        catalogs: catalogs,
        ingest: try Self.makeIngest(
          catalogs, pepper: pepper, quarantine: quarantine, erased: erased, keys: keys)))
    try refreshKeys()
    erased.replace(with: try database.marks())
  }

  /// The catalogs in force.
  public var catalogs: CatalogSet { loaded.withLock { $0.catalogs } }

  /// The rules in force.
  var ingest: Ingest { loaded.withLock { $0.ingest } }

  /// Reads the keys again after one was added or revoked.
  func refreshKeys() throws(CollectorError) {
    keys.replace(with: try database.keys())
  }

  /// Reads the catalogs' files again; when one of them has an error nothing changes.
  ///
  /// - Returns: what the files say that is worth attention.
  func reload() async throws -> [String] {
    guard !configuration.catalogPaths.isEmpty else {
      logger.info(
        "no catalog to load again: none was named at the start, those kept from before are in force")
      return []
    }
    let set = try CatalogSet(reading: configuration.catalogPaths)
    try set.check(against: database, accepting: configuration.acceptsChangedCatalogs)
    let widened = Self.widening(from: catalogs, to: set)
    let ingest = try Self.makeIngest(
      set, pepper: pepper, quarantine: quarantine, erased: erased, keys: keys)
    for catalog in set.catalogs { try await store.install(catalog) }
    try set.remember(in: database, at: clock.now())
    loaded.withLock { $0 = Loaded(catalogs: set, ingest: ingest) }
    logger.info("catalogs loaded", metadata: ["apps": "\(set.catalogs.map(\.app).joined(separator: " "))"])
    return try set.warnings + widened + absentApps()
  }

  /// The apps that ran before, have keys in force, and have no catalog now: their clients are told that nobody
  /// knows the key, for which most of them drop what they have.
  func absentApps() throws(CollectorError) -> [String] {
    let loaded = Set(catalogs.catalogs.map(\.app))
    let keys = try database.keys().filter { $0.revoked == nil && !loaded.contains($0.app) }
    return Dictionary(grouping: keys, by: \.app).sorted { $0.key < $1.key }.map { app, keys in
      "no catalog is loaded for the app \"\(app)\", so what \(keys.count == 1 ? "its write key sends" : "its \(keys.count) write keys send") is refused: name its catalog with --catalog, or revoke what is no longer used; its events are kept as long as was promised"
    }
  }

  /// What the new catalogs collect that the old ones did not, a sentence each.
  private static func widening(from old: CatalogSet, to new: CatalogSet) -> [String] {
    new.entries.flatMap { entry in
      guard let before = old.catalogs.first(where: { $0.app == entry.catalog.app }) else { return [String]() }
      return CatalogDiff(from: before, to: entry.catalog).changes.filter { $0.effect == .widens }
        .map { "\(entry.catalog.app) now collects more: \($0.sentence)" }
    }
  }

  private static func makeIngest(
    _ set: CatalogSet, pepper: [UInt8], quarantine: Quarantine, erased: ErasedMarks, keys: KeyRing
  ) throws(CollectorError) -> Ingest {
    do {
      return try Ingest(
        catalogs: set.catalogs, pepper: pepper, quarantine: quarantine, erased: erased,
        appOfKey: { keys.app(of: $0) })
    } catch {
      throw CollectorError(.catalog, "\(error)")
    }
  }
}

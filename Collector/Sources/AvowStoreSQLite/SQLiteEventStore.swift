public import AvowStore
public import AvowWire
import GRDB
public import Logging
import Synchronization

/// The embedded store: SQLite in a folder, nothing to install.
///
/// `main.db` holds the events, one typed table an event; `identity.sqlite` alone knows pseudonyms; `index.db`
/// holds closed days once more, column by column, which makes questions fast. One thread writes, with everything that waits in one durable transaction; readers see the last commit and
/// never wait for it. `Documentation/store.md` describes the files for people with `sqlite3`.
///
/// ```swift
/// let store = try await SQLiteEventStore(folder: "/var/lib/avow", clock: now, logger: logger)
/// try await store.install(catalog)
/// let result = try await store.append(batch)   // durable when this returns
/// try await store.close()
/// ```
public final class SQLiteEventStore: EventStore {
  let folder: String
  let files: StoreFiles
  let writer: Writer
  let index: SegmentIndex
  let clock: @Sendable () -> Timestamp
  let logger: Logger
  let state = Mutex(State())

  struct State: Sendable {
    /// What each app's catalog allows to ask, and the tables that hold the answers.
    var installed: [String: Installed] = [:]
    var isClosed = false
  }

  struct Installed: Sendable {
    let catalog: Catalog
    var schema: AppSchema
    let zone: ReportingZone
    /// SQLite's count of changes of the schema when this was read.
    let cookie: Int

    static func cookie(_ db: Database) throws -> Int {
      try Int.fetchOne(db, sql: "PRAGMA schema_version") ?? 0
    }
  }

  /// Opens the store in `folder`, making what is missing.
  ///
  /// - Parameters:
  ///   - folder: Where the files are. One store at a time may have it open.
  ///   - pepper: The secret that identifiers are hashed with, kept off the data disk. With one, the files
  ///     alone do not tell whether a known pseudonym was erased.
  ///   - clock: What time it is; marks the running period and dates what is kept.
  ///   - logger: Where rare events are noted: an erasure that is finished at start, a log that cannot be cut.
  /// - Throws: `StoreError` saying which file is wrong and how to mend it.
  public convenience init(
    folder: String, pepper: [UInt8] = [], clock: @escaping @Sendable () -> Timestamp, logger: Logger
  ) async throws(StoreError) {
    try await self.init(
      folder: folder, pepper: pepper, clock: clock, logger: logger, limits: Writer.Limits(),
      keepsIndex: true)
  }

  init(
    folder: String, pepper: [UInt8] = [], clock: @escaping @Sendable () -> Timestamp, logger: Logger,
    limits: Writer.Limits, keepsIndex: Bool
  ) async throws(StoreError) {
    let files = try StoreFiles.open(folder)
    self.folder = folder
    self.files = files
    self.clock = clock
    self.logger = logger
    writer = Writer(limits: limits)
    index = SegmentIndex(
      try IndexFile.open(folder), main: files.main, clock: clock, logger: logger, isAutomatic: keepsIndex)
    do {
      try await writer.start { try WriterState(files, pepper: pepper, clock: clock) }
    } catch {
      throw StoreError(error)
    }
    try await finishErasing()
  }

  public func install(_ catalog: Catalog) async throws(StoreError) {
    let zone = try ReportingZone(catalog.reportingZone)
    let (schema, cookie, users) = try await writer.perform { state in
      (try state.install(catalog), try state.cookie(), try state.identities.users(of: catalog.app).map.next)
    }
    index.note(greatestUser: Int(users), of: schema.number)
    let installed = Installed(catalog: catalog, schema: schema, zone: zone, cookie: cookie)
    state.withLock { $0.installed[catalog.app] = installed }
  }

  public func append(_ batch: EventBatch) async throws(StoreError) -> AppendResult {
    if batch.entries.isEmpty { return AppendResult(outcomes: []) }
    return try await writer.append(batch).get()
  }

  public func close() async throws(StoreError) {
    state.withLock { $0.isClosed = true }
    await writer.close()
    do {
      try await index.close()
      // Whoever copies the folder of a stopped collector finds everything in the file itself. When a reader
      // stands in the way, or the store is closed already, the log stays or is gone: neither matters.
      _ = try? await files.main.writeWithoutTransaction { try cutLog($0) }
      try files.close()
    } catch {
      throw StoreError(error)
    }
  }

  func installed(_ app: String) throws(StoreError) -> Installed {
    let (found, isClosed) = state.withLock { ($0.installed[app], $0.isClosed) }
    if isClosed { throw .closed }
    guard let found else { throw .unknownApp(app) }
    return found
  }
}

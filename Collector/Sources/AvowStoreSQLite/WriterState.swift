import AvowStore
import AvowWire
import GRDB
import Logging

/// Everything the writer's thread owns. Not `Sendable`: it is made on that thread and never leaves it.
final class WriterState {
  let files: StoreFiles
  let identities: Identities
  let clock: @Sendable () -> Timestamp
  private let connection: OpaquePointer
  private let seen: SeenEvents
  let marks: MarkWriter
  private let checkpointer: Checkpointer
  private let scratch = BatchWriter.Scratch()
  private var schemas: [String: AppSchema]
  private var apps: [String: AppWriter] = [:]
  /// By app, then by the catalog's digest.
  private var plans: [String: [String: CatalogPlan]] = [:]
  private var lastPlan: (app: String, digest: String, plan: CatalogPlan)?

  init(_ files: StoreFiles, pepper: [UInt8], clock: @escaping @Sendable () -> Timestamp) throws {
    self.files = files
    self.clock = clock
    do { identities = try Identities(files.identity, pepper: pepper) } catch {
      throw StoreError(error, in: "identity.sqlite")
    }
    let known = identities
    try files.main.writeWithoutTransaction { try Self.pair($0, known) }
    connection = try files.main.unsafeReentrantWrite { try AvowStoreSQLite.connection($0) }
    seen = try SeenEvents(connection)
    marks = try MarkWriter(connection)
    checkpointer = try Checkpointer(path: files.main.path, writer: connection)
    schemas = try files.main.writeWithoutTransaction { try AppSchema.load($0) }
  }

  /// Makes sure that nobody else works on the log: called before whatever is no append.
  func holdLog() { checkpointer.wait() }

  // MARK: Catalogs

  /// Makes room for a catalog and returns all that is stored of its app.
  func install(_ catalog: Catalog) throws -> AppSchema {
    let digest = catalog.digest
    let schema = try files.main.writeWithoutTransaction { db in
      var schema: AppSchema?
      try db.inTransaction(.immediate) {
        var installer = SchemaInstaller(db, try AppSchema.find(catalog.app, db))
        try installer.install(catalog)
        if installer.hasNewNumbers {
          try DayMark.changeAll(of: installer.schema.number, now: clock(), db)
        }
        try db.execute(
          sql: """
            INSERT OR IGNORE INTO catalogs (app, version, digest, installed, canonical)
            VALUES (?, ?, ?, ?, ?)
            """,
          arguments: [
            catalog.app, catalog.version, digest, clock().milliseconds, catalog.canonical.text,
          ])
        schema = installer.schema
        return .commit
      }
      guard let schema else {
        throw StoreError.failed("the catalog of \(catalog.app) could not be installed")
      }
      return schema
    }
    schemas[catalog.app] = schema
    let app = try appWriter(schema)
    plans[catalog.app, default: [:]][digest] = try files.main.writeWithoutTransaction { _ in
      try CatalogPlan(connection, catalog, app: app, schema: schema)
    }
    lastPlan = nil
    return schema
  }

  func appWriter(_ schema: AppSchema) throws -> AppWriter {
    if let app = apps[schema.app] { return app }
    let users = try identities.users(of: schema.app)
    let app = try files.main.writeWithoutTransaction { _ in
      try AppWriter(connection, schema, users: users)
    }
    apps[schema.app] = app
    return app
  }

  /// See `SQLiteEventStore.Installed`.
  func cookie() throws -> Int {
    try files.main.writeWithoutTransaction { try SQLiteEventStore.Installed.cookie($0) }
  }

  func schema(of app: String) -> AppSchema? { schemas[app] }

  private func plan(of batch: EventBatch) throws -> CatalogPlan {
    if let lastPlan, lastPlan.digest == batch.digest, lastPlan.app == batch.catalog.app {
      return lastPlan.plan
    }
    guard let known = plans[batch.catalog.app] else { throw StoreError.unknownApp(batch.catalog.app) }
    guard let plan = known[batch.digest] else {
      throw StoreError.failed(
        "version \(batch.catalog.version) of the catalog of \(batch.catalog.app) is not installed")
    }
    lastPlan = (batch.catalog.app, batch.digest, plan)
    return plan
  }

  // MARK: Events

  /// Stores batches in one transaction. When it throws, nothing of them is stored.
  func store(_ batches: [EventBatch]) throws -> [AppendResult] {
    // Before anything is begun: a batch of an unknown app is no reason to undo others.
    let plans = try batches.map(plan)
    checkpointer.finish()
    defer { checkpointer.start() }
    do {
      return try files.main.writeWithoutTransaction { db in
        var results: [AppendResult] = []
        try db.inTransaction(.immediate) {
          for (index, batch) in batches.enumerated() {
            var writer = BatchWriter(batch, plan: plans[index], seen: seen, marks: marks, scratch: scratch)
            results.append(try writer.write())
          }
          try marks.write(now: clock())
          try seen.prune(now: clock())
          do { try identities.commit() } catch { throw StoreError(error, in: "identity.sqlite") }
          return .commit
        }
        for app in apps.values { app.commit() }
        return results
      }
    } catch {
      identities.rollBack()
      marks.rollBack()
      for app in apps.values { app.rollBack() }
      // Reading may fail for the same reason; then the set lacks nothing that was committed.
      try? files.main.writeWithoutTransaction { db in
        try seen.reload(connection)
        // On a full disk the log is the one thing here that can be made smaller.
        if StoreError(error).code == .diskFull {
          checkpointer.wait()
          _ = try cutLog(db)
        }
      }
      throw error
    }
  }

  /// Takes the marks of erased rows out of the table of events seen. Inside a transaction.
  func forgetSeen(app: Int64, _ id: UnsafeRawBufferPointer) throws { try seen.forget(app: app, id) }
}

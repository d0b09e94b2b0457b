import AvowStore
import CSQLiteSettings
import Foundation
import GRDB

/// The two files of a store: `main.db` with the events, `identity.sqlite` with the pseudonyms.
struct StoreFiles: Sendable {
  let main: DatabasePool
  let identity: DatabaseQueue

  /// All files of a store. Each event's user comes into being before the event.
  static let names = ["main.db", "identity.sqlite", "index.db"]

  /// "AVOW" in SQLite's header, so that nothing writes into somebody else's database.
  private static let applicationID: Int32 = 0x4156_4F57

  /// Opens the files, making them when they are missing.
  static func open(_ folder: String) throws(StoreError) -> StoreFiles {
    _ = isMemoryUncounted
    try makeFolder(folder)
    let main = try open(folder + "/main.db") { path throws in
      let pool = try DatabasePool(path: path, configuration: configuration(cacheMebibytes: 64))
      try pool.writeWithoutTransaction { db in
        try claim(db, path)
        // GRDB sets NORMAL when it switches to WAL.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 8000")
      }
      try mainMigrations.migrate(pool)
      return pool
    }
    let identity = try open(folder + "/identity.sqlite") { path throws in
      let queue = try DatabaseQueue(path: path, configuration: configuration(cacheMebibytes: 4))
      try queue.writeWithoutTransaction { db in
        try claim(db, path)
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = FULL")
      }
      try Identities.migrations.migrate(queue)
      return queue
    }
    return StoreFiles(main: main, identity: identity)
  }

  /// Whether SQLite took it: a program that used SQLite before keeps its own settings. A lock less for each
  /// allocation is a twentieth of the writer's time.
  private static let isMemoryUncounted = avow_sqlite3_uncounted_memory() == 0

  /// Lets go of both files.
  func close() throws {
    try main.closeLastly()
    try identity.close()
  }

  private static func makeFolder(_ folder: String) throws(StoreError) {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: folder, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw .failed("\(folder) is a file: choose a folder for the data")
      }
    } else {
      do {
        try files.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw .failed(
          "the data folder \(folder) cannot be made: check the permissions of the folder above it")
      }
    }
    guard files.isWritableFile(atPath: folder) else {
      throw .failed("the data folder \(folder) is not writable: check who owns it and its permissions")
    }
  }

  private static func open<Connection>(
    _ path: String, _ body: (String) throws -> Connection
  ) throws(StoreError) -> Connection {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    do {
      return try body(path)
    } catch {
      throw StoreError(error, in: name)
    }
  }

  private static func configuration(cacheMebibytes: Int) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      guard !db.configuration.readonly else { return }
      // Page size and auto-vacuum only take before the first table, which is before WAL.
      try db.execute(sql: "PRAGMA page_size = 4096")
      try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "PRAGMA cache_size = -\(cacheMebibytes * 1024)")
    }
    return configuration
  }

  private static func claim(_ db: Database, _ path: String) throws {
    let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    if id == applicationID { return }
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard id == 0, tables == 0 else {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      throw StoreError.failed(
        "\(name) is a database of another program: move it away or choose another data folder")
    }
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
  }

  private static var mainMigrations: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 bookkeeping") { db in
      try db.execute(
        sql: """
          CREATE TABLE apps (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, texts TEXT NOT NULL);
          CREATE TABLE catalogs (
            app TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, installed INTEGER NOT NULL,
            canonical TEXT NOT NULL, PRIMARY KEY (app, version, digest));
          CREATE TABLE tables (
            name TEXT PRIMARY KEY, "view" TEXT NOT NULL UNIQUE, app TEXT NOT NULL, event TEXT, list TEXT,
            kind TEXT NOT NULL);
          CREATE TABLE columns (
            "table" TEXT NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL, scope TEXT NOT NULL,
            type TEXT NOT NULL, PRIMARY KEY ("table", name));
          CREATE TABLE seen (
            app INTEGER NOT NULL, id BLOB NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL,
            PRIMARY KEY (app, id, sent)) WITHOUT ROWID;
          CREATE INDEX "seen.received" ON seen (received);
          """)
    }
    migrator.registerMigration("2 days") { db in
      try db.execute(
        sql: """
          CREATE TABLE days (
            app INTEGER NOT NULL, day INTEGER NOT NULL, mark INTEGER NOT NULL, rows INTEGER NOT NULL,
            PRIMARY KEY (app, day)) WITHOUT ROWID
          """)
      let tables = try Row.fetchAll(
        db,
        sql: """
          SELECT t.name AS name, a.number AS number FROM tables AS t JOIN apps AS a ON a.name = t.app
          WHERE t.event IS NOT NULL AND t.kind = 'row'
          """)
      for table in tables {
        let time = RowKey.timeSQL()
        // Rounds down before 1970 too.
        let day = "((\(time) - ((\(time) % 86400000) + 86400000) % 86400000) / 86400000)"
        try db.execute(
          sql: """
            INSERT INTO days (app, day, mark, rows)
            SELECT ?, \(day), 1, count(*) FROM \(quoted(table["name"])) WHERE true GROUP BY 2
            ON CONFLICT (app, day) DO UPDATE SET rows = rows + excluded.rows
            """, arguments: [table["number"] as Int64])
      }
    }
    migrator.registerMigration("3 care") { db in
      // `removed` counts removals of rows; `rewritten` is what it was when the file was last written anew. A
      // file from before this table may hold copies of rows that went.
      try db.execute(
        sql: """
          CREATE TABLE care (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
          INSERT INTO care (name, value)
          VALUES ('removed', (SELECT EXISTS (SELECT 1 FROM days))), ('rewritten', 0)
          """)
    }
    return migrator
  }
}

extension DatabasePool {
  /// Closes all connections, the one that writes last.
  ///
  /// The last one to close empties the log and removes it, which SQLite does not let a read-only connection
  /// do; GRDB closes the readers last.
  func closeLastly() throws {
    releaseMemory()
    try close()
  }
}

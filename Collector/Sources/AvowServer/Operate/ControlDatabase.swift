import AvowIngest
import AvowWire
import Foundation
import GRDB

/// What the collector knows beside events: write keys, catalogs ever loaded, the quarantine's counts.
final class ControlDatabase: Sendable {
  private let queue: DatabaseQueue

  /// Whether there was no such file, or an empty one.
  let isNew: Bool

  init(queue: DatabaseQueue, isNew: Bool) {
    self.queue = queue
    self.isNew = isNew
  }

  convenience init(folder: String) throws(CollectorError) {
    do {
      var configuration = Configuration()
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
      }
      let queue = try DatabaseQueue(path: folder + "/control.sqlite", configuration: configuration)
      let isNew = try queue.read { try Self.migrator.appliedIdentifiers($0).isEmpty }
      try Self.migrator.migrate(queue)
      self.init(queue: queue, isNew: isNew)
    } catch {
      throw CollectorError(.dataFolder, "\(folder)/control.sqlite: \(Self.explain(error))")
    }
  }

  /// Copies everything into a file of the same name in another folder.
  func copy(into folder: String) throws(CollectorError) {
    do {
      let target = try DatabaseQueue(path: folder + "/control.sqlite")
      try queue.backup(to: target)
      let damage = try target.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(5)") }
      try target.close()
      guard damage == ["ok"] else {
        throw CollectorError(.failed, "the copy of control.sqlite is damaged; run `avow doctor`")
      }
      for suffix in ["-wal", "-shm"] { SmallFile.remove(folder + "/control.sqlite" + suffix) }
      SmallFile.restrict(folder + "/control.sqlite")
    } catch let error as CollectorError {
      throw error
    } catch {
      throw Self.failure(error)
    }
  }

  func close() { try? queue.close() }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("keys, catalogs, quarantine") { db in
      try db.execute(
        sql: """
          CREATE TABLE keys(
            digest BLOB PRIMARY KEY, app TEXT NOT NULL, prefix TEXT NOT NULL,
            created INTEGER NOT NULL, revoked INTEGER) WITHOUT ROWID;
          CREATE TABLE catalogs(
            app TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL,
            loaded INTEGER NOT NULL, PRIMARY KEY(app, version, digest)) WITHOUT ROWID;
          CREATE TABLE notes(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("deletions") { db in try makeDeletions(db) }
    migrator.registerMigration("publications") { db in try makePublications(db) }
    migrator.registerMigration("states of published weeks") { db in try makePublishedStates(db) }
    migrator.registerMigration("deletions cleaned") { db in try addCleaning(db) }
    migrator.registerMigration("marks of erased users") { db in try makeMarks(db) }
    migrator.registerMigration("keys for erasures") { db in
      try db.execute(sql: "ALTER TABLE keys ADD COLUMN erases INTEGER NOT NULL DEFAULT 0")
    }
    return migrator
  }

  // MARK: Keys

  func insertKey(_ key: StoredKey) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql:
          "INSERT OR REPLACE INTO keys(digest, app, prefix, created, revoked, erases) VALUES (?, ?, ?, ?, NULL, ?)",
        arguments: [
          key.digest.blob, key.app, key.prefix, key.created.milliseconds, key.erases,
        ])
    }
  }

  func revokeKey(digest: [UInt8], at time: Timestamp) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql: "UPDATE keys SET revoked = ? WHERE digest = ? AND revoked IS NULL",
        arguments: [time.milliseconds, digest.blob])
    }
  }

  func keys() throws(CollectorError) -> [StoredKey] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM keys ORDER BY app, created").map { row in
        StoredKey(
          app: row["app"], digest: Array(row["digest"] as Data), prefix: row["prefix"],
          created: Timestamp(milliseconds: row["created"]),
          revoked: (row["revoked"] as Int64?).map(Timestamp.init(milliseconds:)), erases: row["erases"])
      }
    }
  }

  // MARK: Catalogs

  /// A catalog as it was loaded once.
  struct LoadedCatalog {
    var app: String
    var version: Int
    var digest: String
    var text: String
  }

  /// The newest catalog of each app, in the order of their names.
  func newestCatalogs() throws(CollectorError) -> [LoadedCatalog] {
    try catalogs().reduce(into: [String: LoadedCatalog]()) { newest, catalog in newest[catalog.app] = catalog
    }
    .values.sorted { $0.app < $1.app }
  }

  /// Every catalog that an app ran with, or that any did, the oldest of each app first.
  func catalogs(app: String? = nil) throws(CollectorError) -> [LoadedCatalog] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT app, version, digest, text FROM catalogs WHERE app = ?1 OR ?1 IS NULL
          ORDER BY app, version, loaded
          """, arguments: [app]
      ).map { row in
        LoadedCatalog(
          app: row["app"], version: row["version"], digest: row["digest"], text: row["text"])
      }
    }
  }

  func insertCatalogs(_ catalogs: [LoadedCatalog], at time: Timestamp) throws(CollectorError) {
    try write { db in
      for catalog in catalogs {
        try db.execute(
          sql: "INSERT OR REPLACE INTO catalogs(app, version, digest, text, loaded) VALUES (?, ?, ?, ?, ?)",
          arguments: [catalog.app, catalog.version, catalog.digest, catalog.text, time.milliseconds])
      }
    }
  }

  // MARK: Notes

  func note(_ name: String) throws(CollectorError) -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT value FROM notes WHERE name = ?", arguments: [name])
    }
  }

  func setNote(_ name: String, _ value: String) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO notes(name, value) VALUES (?, ?)", arguments: [name, value])
    }
  }

  // MARK: Transactions

  func read<T>(_ body: (Database) throws -> T) throws(CollectorError) -> T {
    do { return try queue.read(body) } catch { throw Self.failure(error) }
  }

  @discardableResult
  func write<T>(_ body: (Database) throws -> T) throws(CollectorError) -> T {
    do { return try queue.write(body) } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> CollectorError {
    CollectorError(.failed, "control.sqlite: \(explain(error))")
  }

  /// What went wrong, and what to do.
  private static func explain(_ error: any Error) -> String {
    let said = reason(error)
    return switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      "it is damaged (\(said)): stop the collector and restore the file from a backup"
    case .SQLITE_FULL: "the disk is full: free some space"
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
      "it cannot be opened for writing (\(said)): check who owns it and its permissions"
    default: said
    }
  }

  /// SQLite's own message without the statement's arguments, which may be a user's.
  static func reason(_ error: any Error) -> String {
    (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(type(of: error))"
  }
}

extension [UInt8] {
  fileprivate var blob: Data { Data(self) }
}

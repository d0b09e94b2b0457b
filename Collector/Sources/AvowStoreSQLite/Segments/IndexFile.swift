import AvowStore
import AvowWire
import Foundation
import GRDB

/// `index.db`: the segments of closed days. A cache: when it is lost or damaged it is made again.
///
/// ```text
/// streams   number -> app, table, column
/// days      app, day -> the mark of the state encoded, and which tables have how many rows, after a checksum
/// segments  stream << 35 | day << 15 | part -> blob (PackedColumn)
/// ```
struct IndexFile: Sendable {
  let pool: DatabasePool
  let names: StreamNames

  /// Raised when the meaning of the file changes; an older file is thrown away.
  static let version = 3

  /// Opens the file, and makes it anew when anything is wrong with it: nothing is in it that the rows do not hold.
  ///
  /// Every page is looked at first.
  static func open(_ folder: String) throws(StoreError) -> IndexFile {
    let path = folder + "/" + name
    // What a `reindex` that broke off left.
    remove(folder, draft)
    do {
      if FileManager.default.fileExists(atPath: path), !StoreCheck.isSound(path) {
        throw PackedColumn.Damage()
      }
      return try make(path)
    } catch {
      remove(folder)
    }
    do { return try make(path) } catch { throw StoreError(error, in: "index.db") }
  }

  /// Opens the file as it is, to look for what is wrong with it.
  static func examine(_ folder: String) throws(StoreError) -> IndexFile {
    do { return try make(folder + "/" + name) } catch is PackedColumn.Damage {
      throw .corrupt(
        "index.db is damaged or of another version of avow: nothing is lost; make it again with `avow reindex`"
      )
    } catch {
      throw StoreError(error, in: name)
    }
  }

  /// Begins a file beside the one in use, which `publish` puts in its place once it is whole.
  static func begin(_ folder: String) throws(StoreError) -> IndexFile {
    remove(folder, draft)
    do { return try make(folder + "/" + draft) } catch { throw StoreError(error, in: draft) }
  }

  /// Puts the closed file that was begun in the place of the one in use.
  static func publish(_ folder: String) throws(StoreError) {
    // Nothing of the old one may be left beside the new one, least of all its log.
    remove(folder)
    do {
      try FileManager.default.moveItem(atPath: folder + "/" + draft, toPath: folder + "/" + name)
    } catch {
      throw .failed("the new index.db cannot be put in its place: check the permissions of the data folder")
    }
  }

  private static let name = "index.db"
  private static let draft = "index.db.new"

  /// Removes the file; it is made again from the rows.
  static func remove(_ folder: String) { remove(folder, name) }

  /// Removes what was begun and not finished.
  static func removeDraft(_ folder: String) { remove(folder, draft) }

  private static func remove(_ folder: String, _ name: String) {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: folder + "/" + name + suffix)
    }
  }

  /// What stands in for a file that turned out damaged: an index without a day.
  static func blank() throws -> DatabaseQueue {
    let queue = try DatabaseQueue()
    try queue.write { try $0.execute(sql: schema) }
    return queue
  }

  private static let schema = """
    CREATE TABLE IF NOT EXISTS streams (
      number INTEGER PRIMARY KEY, app INTEGER NOT NULL, "table" TEXT NOT NULL, "column" TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS days (
      app INTEGER NOT NULL, day INTEGER NOT NULL, mark INTEGER NOT NULL, summary BLOB NOT NULL,
      PRIMARY KEY (app, day)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS segments (k INTEGER PRIMARY KEY, b BLOB NOT NULL);
    """

  private static func make(_ path: String) throws -> IndexFile {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      guard !db.configuration.readonly else {
        try db.execute(sql: "PRAGMA cache_size = -8192")
        return
      }
      try db.execute(sql: "PRAGMA page_size = 8192")
      try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "PRAGMA cache_size = -8192")
    }
    let pool = try DatabasePool(path: path, configuration: configuration)
    let keys = try pool.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      guard version == 0 || version == Self.version else { throw PackedColumn.Damage() }
      try db.execute(sql: schema + "PRAGMA user_version = \(Self.version)")
      return try Row.fetchAll(db, sql: "SELECT * FROM streams ORDER BY number").enumerated()
        .map { index, row in
          guard row["number"] == index else { throw PackedColumn.Damage() }
          return StreamKey(app: row["app"], table: row["table"], column: row["column"])
        }
    }
    return IndexFile(pool: pool, names: StreamNames(keys))
  }

  func close() throws { try pool.closeLastly() }

  // MARK: Keys

  static func key(stream: Int, day: Int, part: Int) -> Int64 {
    Int64(stream) << 35 | Int64(day) << 15 | Int64(part)
  }

  static func day(ofKey key: Int64) -> Int { Int(key >> 15 & 0xFFFFF) }

  /// Whether a day has a place in a key: from 1970 to the year 4840.
  static func isIndexable(_ day: Int) -> Bool { day >= 0 && day < 1 << 20 }

  // MARK: Reading

  /// What the file holds of an app: days and the marks of their encoded state.
  static func marks(of app: Int64, _ db: Database) throws -> [Int: Int64] {
    let statement = try Statement(connection(db), "SELECT day, mark FROM days WHERE app = ?1")
    statement.bind(1, app)
    var marks: [Int: Int64] = [:]
    while try statement.step() { marks[Int(statement.column(0))] = statement.column(1) }
    return marks
  }

  /// What is encoded of a day, without its blobs; `nil` when there is nothing, or nothing to be trusted.
  static func summary(of app: Int64, day: Int, _ db: Database) throws -> DayImage? {
    let statement = try Statement(
      connection(db), "SELECT mark, summary FROM days WHERE app = ?1 AND day = ?2")
    statement.bind(1, app)
    statement.bind(2, Int64(day))
    guard try statement.step() else { return nil }
    return DayImage(sealed: statement.blob(1), app: app, day: day, mark: statement.column(0))
  }

  /// Everything of one day, as it was encoded.
  func image(of app: Int64, day: Int, _ db: Database) throws -> DayImage? {
    guard var image = try Self.summary(of: app, day: day, db) else { return nil }
    let find = try Statement(connection(db), "SELECT k, b FROM segments WHERE k BETWEEN ?1 AND ?2")
    for stream in names.numbers(ofApp: app) {
      find.bind(1, Self.key(stream: stream, day: day, part: 0))
      find.bind(2, Self.key(stream: stream, day: day, part: 0x7FFF))
      while try find.step() {
        let part = Int(find.column(0) & 0x7FFF)
        image.blobs[DayImage.BlobKey(stream: stream, part: part)] = Array(find.blob(1))
      }
      find.reset()
    }
    return image
  }

  // MARK: Writing

  /// Puts images in place of what there was of their days, with their marks, in one transaction. A day
  /// without an image is taken out.
  func write(_ images: [(day: Int, mark: Int64, image: DayImage?)], app: Int64) throws {
    let keys = names.all()
    try pool.write { db in
      let connection = try AvowStoreSQLite.connection(db)
      let known = try Int.fetchOne(db, sql: "SELECT count(*) FROM streams") ?? 0
      for number in known..<max(known, keys.count) {
        let key = keys[number]
        try db.execute(
          sql: "INSERT INTO streams (number, app, \"table\", \"column\") VALUES (?, ?, ?, ?)",
          arguments: [number, key.app, key.table, key.column])
      }
      let streams = names.numbers(ofApp: app)
      let delete = try Statement(connection, "DELETE FROM segments WHERE k BETWEEN ?1 AND ?2")
      let insert = try Statement(connection, "INSERT INTO segments (k, b) VALUES (?1, ?2)")
      let isThere = try Statement(connection, "SELECT 1 FROM days WHERE app = ?1 AND day = ?2")
      let note = try Statement(
        connection, "INSERT OR REPLACE INTO days (app, day, mark, summary) VALUES (?1, ?2, ?3, ?4)")
      let forget = try Statement(connection, "DELETE FROM days WHERE app = ?1 AND day = ?2")
      for (day, mark, image) in images where Self.isIndexable(day) {
        isThere.bind(1, app)
        isThere.bind(2, Int64(day))
        // What is left of an event that has no rows any more must go too, so all streams are cleared.
        if try isThere.integer() != nil {
          for stream in streams {
            delete.bind(1, Self.key(stream: stream, day: day, part: 0))
            delete.bind(2, Self.key(stream: stream, day: day, part: 0x7FFF))
            try delete.run()
          }
        }
        guard let image else {
          forget.bind(1, app)
          forget.bind(2, Int64(day))
          try forget.run()
          continue
        }
        for (place, blob) in image.blobs.sorted(by: {
          ($0.key.stream, $0.key.part) < ($1.key.stream, $1.key.part)
        }) {
          insert.bind(1, Self.key(stream: place.stream, day: day, part: place.part))
          try blob.withUnsafeBytes {
            insert.bind(2, blob: $0)
            try insert.run()
          }
        }
        note.bind(1, app)
        note.bind(2, Int64(day))
        note.bind(3, mark)
        note.bind(4, image.sealed(app: app, day: day, mark: mark))
        try note.run()
      }
    }
  }

  /// Cuts the log; returns whether that was possible.
  func truncateLog() throws -> Bool {
    try pool.writeWithoutTransaction { db in
      try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
  }
}

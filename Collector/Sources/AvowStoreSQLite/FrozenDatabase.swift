import AvowStore
import Foundation
import GRDBSQLite

/// A database file as it was at one moment, on a connection of its own, for copying while others write.
///
/// The open transaction holds that state; the log cannot be cut while it lasts.
final class FrozenDatabase {
  let name: String
  private let connection: OpaquePointer

  /// Freezes the state of the moment.
  init(folder: String, name: String) throws(StoreError) {
    self.name = name
    do { connection = try Self.open(folder + "/" + name, SQLITE_OPEN_READWRITE) } catch {
      throw StoreError(error, in: name)
    }
    do {
      try Self.execute("PRAGMA busy_timeout = 5000; BEGIN", connection)
      // The transaction begins with the first read.
      _ = try Statement(connection, "SELECT count(*) FROM sqlite_master").integer()
    } catch {
      throw StoreError(error, in: name)
    }
  }

  deinit { sqlite3_close_v2(connection) }

  /// How large it is.
  func bytes() throws -> Int {
    let pages = try Statement(connection, "PRAGMA page_count").integer() ?? 0
    let size = try Statement(connection, "PRAGMA page_size").integer() ?? 0
    return Int(pages * size)
  }

  /// Copies a part of the database; the first call makes the file. Returns how many bytes are still to come.
  func copy(_ copy: Copy) throws -> Int {
    let code = sqlite3_backup_step(copy.handle, 2048)
    guard code == SQLITE_OK || code == SQLITE_DONE else {
      throw SQLiteFailure(copy.connection, doing: "backup")
    }
    return code == SQLITE_DONE ? 0 : Int(sqlite3_backup_remaining(copy.handle)) * copy.pageSize
  }

  /// Begins a copy into a new file, for its owner only.
  func makeCopy(folder: String) throws -> Copy {
    let path = folder + "/" + name
    let file = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw StoreError.failed("\(path) cannot be made: \(String(cString: strerror(errno)))")
    }
    Foundation.close(file)
    let target = try Self.open(path, SQLITE_OPEN_READWRITE)
    // A copy that breaks off is thrown away, so it needs no journal.
    try Self.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", target)
    guard let handle = sqlite3_backup_init(target, "main", connection, "main") else {
      defer { sqlite3_close_v2(target) }
      throw SQLiteFailure(target, doing: "backup")
    }
    let size = try Statement(connection, "PRAGMA page_size").integer() ?? 4096
    return Copy(connection: target, handle: handle, pageSize: Int(size))
  }

  /// A file that is being written.
  final class Copy {
    fileprivate let connection: OpaquePointer
    fileprivate let handle: OpaquePointer
    fileprivate let pageSize: Int
    private var isFinished = false

    fileprivate init(connection: OpaquePointer, handle: OpaquePointer, pageSize: Int) {
      self.connection = connection
      self.handle = handle
      self.pageSize = pageSize
    }

    /// Makes what was copied durable.
    func finish() throws {
      isFinished = true
      let code = sqlite3_backup_finish(handle)
      guard code == SQLITE_OK else { throw SQLiteFailure(connection, doing: "backup") }
    }

    deinit {
      if !isFinished { sqlite3_backup_finish(handle) }
      sqlite3_close_v2(connection)
    }
  }

  // MARK: Connections

  static func open(_ path: String, _ flags: Int32) throws(SQLiteFailure) -> OpaquePointer {
    var connection: OpaquePointer?
    let code = sqlite3_open_v2(path, &connection, flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_URI, nil)
    guard code == SQLITE_OK, let connection else {
      defer { sqlite3_close_v2(connection) }
      throw SQLiteFailure(code: code, message: String(cString: sqlite3_errstr(code)), sql: "open")
    }
    return connection
  }

  static func execute(_ sql: String, _ connection: OpaquePointer) throws(SQLiteFailure) {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteFailure(connection, doing: sql)
    }
  }
}

import AvowStore
import GRDBSQLite

/// A prepared statement on a connection that GRDB owns.
///
/// GRDB's own statements cost 1 to 2 microseconds a row more than SQLite itself, which is as much as the
/// row. Not `Sendable`: it lives and dies where its connection is used.
final class Statement {
  let handle: OpaquePointer
  private let connection: OpaquePointer

  /// Prepares `sql`.
  init(_ connection: OpaquePointer, _ sql: String) throws(SQLiteFailure) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else {
      throw SQLiteFailure(connection, doing: sql)
    }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: Running

  /// Steps once; returns whether there is a row.
  func step() throws(SQLiteFailure) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure()
    }
  }

  /// Runs a statement that returns nothing, and makes it ready for the next time.
  func run() throws(SQLiteFailure) {
    let code = sqlite3_step(handle)
    if code != SQLITE_DONE && code != SQLITE_ROW { throw failure() }
    sqlite3_reset(handle)
  }

  /// Runs an `INSERT`; returns `false` when its key is taken.
  func insert() throws(SQLiteFailure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_DONE {
      sqlite3_reset(handle)
      return true
    }
    let extended = sqlite3_extended_errcode(connection)
    if extended == SQLITE_CONSTRAINT | (6 << 8) || extended == SQLITE_CONSTRAINT | (10 << 8) {
      // SQLITE_CONSTRAINT_PRIMARYKEY and _ROWID, macros that Swift does not import.
      sqlite3_reset(handle)
      return false
    }
    throw failure()
  }

  /// Runs a query for at most one row of one integer.
  func integer() throws(SQLiteFailure) -> Int64? {
    defer { sqlite3_reset(handle) }
    return try step() ? column(0) : nil
  }

  func reset() { sqlite3_reset(handle) }

  private func failure() -> SQLiteFailure {
    let failure = SQLiteFailure(connection, doing: String(cString: sqlite3_sql(handle)))
    sqlite3_reset(handle)
    return failure
  }

  // MARK: Binding

  @inline(__always) func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }
  @inline(__always) func bind(_ index: Int32, _ value: Double) { sqlite3_bind_double(handle, index, value) }
  @inline(__always) func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

  func clear() { sqlite3_clear_bindings(handle) }

  /// Binds text that stays where it is until the statement ran.
  func bind(_ index: Int32, text: UnsafeBufferPointer<UInt8>) {
    // An empty buffer has no address, and SQLite reads a missing address as NULL.
    guard let base = text.baseAddress else {
      sqlite3_bind_text(handle, index, "", 0, nil)
      return
    }
    base.withMemoryRebound(to: CChar.self, capacity: text.count) {
      _ = sqlite3_bind_text(handle, index, $0, Int32(text.count), nil)
    }
  }

  /// Binds bytes that stay where they are until the statement ran.
  func bind(_ index: Int32, blob: UnsafeRawBufferPointer) {
    sqlite3_bind_blob(handle, index, blob.baseAddress, Int32(blob.count), nil)
  }

  /// Binds a copy of `text`.
  func bind(_ index: Int32, _ text: String) {
    var text = text
    text.withUTF8 { buffer in
      guard let base = buffer.baseAddress else {
        sqlite3_bind_text(handle, index, "", 0, nil)
        return
      }
      base.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
        _ = sqlite3_bind_text(handle, index, $0, Int32(buffer.count), Self.transient)
      }
    }
  }

  /// Binds a copy of `bytes`.
  func bind(_ index: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes {
      _ = sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), Self.transient)
    }
  }

  /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies what is bound.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  // MARK: Columns

  @inline(__always) func column(_ index: Int32) -> Int64 { sqlite3_column_int64(handle, index) }
  @inline(__always) func number(_ index: Int32) -> Double { sqlite3_column_double(handle, index) }
  @inline(__always) func isNull(_ index: Int32) -> Bool {
    sqlite3_column_type(handle, index) == SQLITE_NULL
  }

  func optional(_ index: Int32) -> Int64? { isNull(index) ? nil : column(index) }

  func text(_ index: Int32) -> String {
    guard let start = sqlite3_column_text(handle, index) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, index))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func blob(_ index: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
  }
}

/// Quotes a name for SQL. Names come from catalogs and are `[a-z][a-z0-9_.-]*`; quoting costs nothing.
func quoted(_ name: String) -> String {
  "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

import AvowStore
import GRDB
import GRDBSQLite

/// What SQLite said went wrong; never a value, for SQL holds only parameters.
struct SQLiteFailure: Error {
  let code: Int32
  let message: String
  let sql: String

  init(code: Int32, message: String, sql: String) {
    self.code = code
    self.message = message
    self.sql = sql
  }

  init(_ connection: OpaquePointer, doing sql: String) {
    code = sqlite3_errcode(connection)
    message = String(cString: sqlite3_errmsg(connection))
    self.sql = sql
  }
}

extension SQLiteFailure {
  /// Whether an error says that a file is damaged.
  static func isDamage(_ error: any Error) -> Bool {
    let code =
      switch error {
      case let failure as SQLiteFailure: failure.code & 0xFF
      case let error as DatabaseError: error.resultCode.primaryResultCode.rawValue
      default: SQLITE_OK
      }
    return [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR].contains(code)
  }
}

extension StoreError {
  /// Names the file in what goes wrong while it is read, where several are read together.
  static func naming<Value>(_ file: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError {
      throw StoreError(error, in: file)
    } catch let failure as SQLiteFailure {
      throw StoreError(failure, in: file)
    }
  }

  /// Puts an error of SQLite or GRDB into words an operator can act on.
  init(_ error: any Error, in file: String = "main.db") {
    switch error {
    case let error as StoreError: self = error
    case let failure as SQLiteFailure:
      self = Self.make(code: failure.code & 0xFF, text: failure.message, file: file)
    case let error as DatabaseError:
      self = Self.make(code: error.resultCode.rawValue, text: error.message ?? "", file: file)
    case is CancellationError:
      self = .failed("the question was cancelled")
    default:
      self = .failed("\(file): \(error)")
    }
  }

  private static func make(code: Int32, text: String, file: String) -> StoreError {
    switch code {
    case SQLITE_FULL:
      .diskFull("the disk is full: nothing of this was stored; free some space, and the store goes on")
    case SQLITE_CORRUPT where file == "index.db", SQLITE_NOTADB where file == "index.db":
      .corrupt(
        "index.db is damaged (\(text)): nothing is lost; stop the collector and make it again with `avow reindex`"
      )
    case SQLITE_CORRUPT:
      .corrupt("\(file) is damaged (\(text)): stop the collector and restore the folder from a backup")
    case SQLITE_NOTADB:
      .corrupt(
        "\(file) is no SQLite database: if it was the collector's it is damaged, so restore the folder from a backup; else move it away or choose another data folder"
      )
    case SQLITE_BUSY, SQLITE_LOCKED:
      .failed("\(file) is locked by another program: close it and try again")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      .failed("\(file) cannot be written: check who owns the data folder and its permissions")
    case SQLITE_CANTOPEN:
      .failed("\(file) cannot be opened: check that the data folder exists and is writable")
    case SQLITE_IOERR:
      .failed("\(file): the disk reports an error (\(text))")
    case SQLITE_INTERRUPT:
      .failed("the question was cancelled")
    default:
      .failed("\(file): \(text)")
    }
  }
}

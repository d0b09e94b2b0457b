import Dispatch
import GRDB
import GRDBSQLite
import Synchronization

/// Copies what is in the log of `main.db` into the file beside the writer, so that nobody waits for it.
///
/// SQLite would have the commit that makes the log long copy all of it. Here a connection of its own copies what
/// there is; what was written meanwhile, which is little, the writer copies before its next transaction, for only
/// a log that is copied to its end begins anew. Each half alone fails: without the writer's the log grows for
/// ever, without the other the writer stands still for tens of milliseconds.
///
/// Belongs to the writer's thread, but for the copying.
final class Checkpointer {
  private enum Phase: Sendable {
    case idle
    /// The other connection copies.
    case copying
    /// It has; the writer's turn.
    case copied
  }

  /// Shared with the queue that copies.
  private final class Shared: Sendable {
    let phase = Mutex(Phase.idle)
    let database: DatabaseQueue

    init(_ database: DatabaseQueue) { self.database = database }

    func copy() {
      _ = try? database.writeWithoutTransaction { try passive(connection($0)) }
      // When it failed, for want of room say, the log stays as it is, and the next commit asks again.
      phase.withLock { $0 = .copied }
    }
  }

  /// Pages of 4 KiB from which the log is copied.
  private let long: Int
  /// Pages from which the writer copies it all itself, for it writes faster than the disk takes.
  private let tooLong: Int

  private let shared: Shared
  private let queue = DispatchQueue(label: "avow.checkpoint", qos: .utility)
  private let writer: OpaquePointer
  /// Pages in the log after the last commit, told by SQLite.
  private let pages: UnsafeMutablePointer<Int32>

  /// - Parameter writer: The writer's connection, whose own copying this replaces.
  init(path: String, writer: OpaquePointer, long: Int = 4000, tooLong: Int = 64_000) throws {
    self.long = long
    self.tooLong = tooLong
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    shared = Shared(try DatabaseQueue(path: path, configuration: configuration))
    self.writer = writer
    pages = .allocate(capacity: 1)
    pages.initialize(to: 0)
    sqlite3_wal_hook(
      writer,
      { pages, _, _, count in
        pages?.storeBytes(of: count, as: Int32.self)
        return SQLITE_OK
      }, pages)
  }

  /// Waits for the copying and closes the connection.
  deinit {
    sqlite3_wal_hook(writer, nil, nil)
    queue.sync { try? shared.database.close() }
    pages.deallocate()
  }

  /// Waits until nothing is copied: whoever wants to cut the log must have it for himself.
  func wait() { queue.sync {} }

  /// Called before each transaction.
  func finish() {
    if shared.phase.withLock({ $0 == .copied }) {
      passive(writer)
      shared.phase.withLock { $0 = .idle }
    } else if pages.pointee >= tooLong {
      passive(writer)
    }
  }

  /// Called after each transaction.
  func start() {
    guard pages.pointee >= long else { return }
    let isIdle = shared.phase.withLock { phase in
      guard phase == .idle else { return false }
      phase = .copying
      return true
    }
    if isIdle { queue.async { [shared] in shared.copy() } }
  }
}

/// Copies what can be copied without anybody waiting.
private func passive(_ connection: OpaquePointer) {
  sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
}

public import AvowStore
public import AvowWire
import GRDB
import Logging

extension SQLiteEventStore {
  /// Erases everything stored for these pseudonyms of an app, and keeps what later arrives for them out.
  ///
  /// First the pseudonyms go and are marked, so that nothing new comes in, and the numbers whose rows must
  /// go are noted; then the rows go, and the days they were in are encoded again; then the files are
  /// scrubbed. A crash in between is made good at the
  /// next start. What page splits left of an event's id in `main.db` goes with its next VACUUM.
  public func forget(app: String, users: [Identifier128]) async throws(StoreError) -> Erasure {
    let now = clock()
    let numbers = try await writer.perform { state in
      guard state.schema(of: app) != nil else { throw StoreError.unknownApp(app) }
      do { return try state.identities.erase(app: app, users: users, now: now) } catch {
        throw StoreError(error, in: "identity.sqlite")
      }
    }
    var erasure = try await eraseRows(app: app, numbers: numbers)
    erasure.leavesTraces = try await !scrub()
    return erasure
  }

  /// Ends what a crash cut short.
  func finishErasing() async throws(StoreError) {
    let unfinished = try await writer.perform { try $0.identities.unfinished() }
    for (app, numbers) in unfinished {
      let erasure = try await eraseRows(app: app, numbers: numbers)
      logger.notice(
        "store.erasure.finished",
        metadata: ["app": "\(app)", "users": "\(numbers.count)", "events": "\(erasure.events)"])
    }
    if !unfinished.isEmpty { _ = try await scrub() }
  }

  private func eraseRows(app: String, numbers: [UInt32]) async throws(StoreError) -> Erasure {
    if numbers.isEmpty { return Erasure(users: 0, events: 0) }
    // The long part, finding the rows, is done by a reader. Nothing is added meanwhile: the users are marked.
    let wanted = Set(numbers)
    let found: [RowEraser.Rows]
    do {
      found = try await files.main.read { db in
        guard let schema = try AppSchema.load(db)[app] else { return [] }
        return try index.read { try RowEraser.find(wanted, schema, index, db, $0) }
      }
    } catch {
      throw StoreError(error)
    }
    for rows in found {
      // In steps, so that no commit waits long.
      for first in stride(from: 0, to: rows.keys.count, by: 1000) {
        let keys = rows.keys[first..<min(first + 1000, rows.keys.count)]
        try await writer.perform { try $0.erase(keys, of: rows, users: wanted) }
      }
      for end in stride(from: rows.keys.count, to: 0, by: -1000) {
        let keys = Array(rows.keys[max(0, end - 1000)..<end].reversed())
        try await writer.perform { try $0.closeGaps(at: keys, of: rows) }
      }
    }
    // The days are encoded again without them; what is in memory of those days goes.
    index.forget()
    try await index.refresh(app: app)
    try await writer.perform { try $0.identities.finishErasing(app: app, numbers: numbers) }
    return Erasure(
      users: Set(found.flatMap(\.users)).count, events: found.reduce(0) { $0 + $1.keys.count })
  }

  /// Rewrites `identity.sqlite` and cuts both logs, trying again while a reader stands in the way.
  public func scrub() async throws(StoreError) -> Bool {
    for attempt in 1...10 {
      let isClean = try await writer.perform { [index] state in
        let identities: Bool
        do { identities = try state.identities.scrub(rewriting: attempt == 1) } catch {
          throw StoreError(error, in: "identity.sqlite")
        }
        let rows = try state.files.main.writeWithoutTransaction { try cutLog($0) }
        return try identities && rows && index.truncateLog()
      }
      if isClean { return true }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
    }
    logger.notice("store.erasure.log_not_cut")
    return false
  }
}

/// Moves the log into the file and empties it; returns `false` at once when a reader stands in the way, for
/// whoever waits here keeps everybody from appending.
func cutLog(_ db: Database) throws -> Bool {
  try db.execute(sql: "PRAGMA busy_timeout = 0")
  defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
  return try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
}

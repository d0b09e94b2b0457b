public import AvowStore
public import AvowWire
import GRDB
import Synchronization

extension SQLiteEventStore {
  public func holdings(app: String) async throws(StoreError) -> [Holding] {
    try await read(app) { schema, db in
      try schema.eventTables.map { table in
        Holding(event: table.event ?? "", oldest: try RowAge.oldest(in: table, db))
      }
    }
  }

  public func count(app: String, event: String, receivedBefore: Timestamp) async throws(StoreError) -> Int {
    try await read(app) { schema, db in
      guard let table = schema.table(event: event) else { return 0 }
      let count = try Statement(
        connection(db), "SELECT count(*) FROM \(quoted(table.name)) WHERE \(RowAge.condition)")
      RowAge.bind(count, from: .min, before: receivedBefore)
      return Int(try count.integer() ?? 0)
    }
  }

  /// Removes rows by age; each step is a transaction of a few milliseconds between those of the writer. The
  /// days are encoded again once, when all rows have gone.
  public func purge(
    app: String, receivedBefore limits: [String: Timestamp]
  ) async throws(StoreError) -> [String: Int] {
    var purged: [String: Int] = [:]
    for (event, limit) in limits.sorted(by: { $0.key < $1.key }) {
      purged[event] = try await purgeRows(app: app, event: event, receivedBefore: limit)
    }
    if purged.values.contains(where: { $0 > 0 }) {
      // What is in memory of those days goes, too.
      index.forget()
      try await index.refresh(app: app)
      try await giveBackPages()
    }
    return purged
  }

  private func purgeRows(
    app: String, event: String, receivedBefore: Timestamp
  ) async throws(StoreError) -> Int {
    var from = Int64.min
    var purged = 0
    while true {
      let start = from
      let (schema, keys): (AppSchema, [Int64]) = try await read(app) { schema, db in
        let table = schema.table(event: event)
        return (
          schema,
          try table.map { try RowAge.keys(in: $0, from: start, before: receivedBefore, limit: 4096, db) }
            ?? []
        )
      }
      guard let table = schema.table(event: event), let last = keys.last else { return purged }
      let children = schema.children(of: table)
      for first in stride(from: 0, to: keys.count, by: 512) {
        let part = keys[first..<min(first + 512, keys.count)]
        purged += try await writer.perform {
          try $0.purge(part, of: table, children: children, app: schema.number, before: receivedBefore)
        }
      }
      from = last + 1
    }
  }

  public func forgetAbsentUsers(app: String, erasedBefore: Timestamp) async throws(StoreError) -> Int {
    // Who is used while the rows are read is noted by the writer, so that nobody is forgotten who just came.
    let next = try await writer.perform { state in
      guard state.schema(of: app) != nil else { throw StoreError.unknownApp(app) }
      return try state.identities.watch(app: app)
    }
    let forgotten: Int
    do {
      let present: Set<UInt32> = try await read(app) { schema, db in
        var present: Set<UInt32> = []
        for table in schema.eventTables {
          let all = try Statement(
            connection(db), "SELECT _user FROM \(quoted(table.name)) WHERE _user IS NOT NULL")
          while try all.step() { present.insert(UInt32(truncatingIfNeeded: all.column(0))) }
        }
        return present
      }
      forgotten = try await writer.perform {
        try $0.identities.forgetAbsent(app: app, next: next, present: present, erasedBefore: erasedBefore)
      }
    } catch {
      try? await writer.perform { $0.identities.unwatch(app: app) }
      throw error
    }
    try await writer.perform { $0.identities.unwatch(app: app) }
    if forgotten > 0 { _ = try await scrub() }
    return forgotten
  }

  /// Hands free pages back to the file system, a few at a time.
  private func giveBackPages() async throws(StoreError) {
    while true {
      let rest = try await writer.perform { state in
        try state.files.main.writeWithoutTransaction { db in
          for _ in try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(256)") {}
          return try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        }
      }
      if rest == 0 { return }
    }
  }

  private func read<Value: Sendable>(
    _ app: String, _ body: @escaping @Sendable (AppSchema, Database) throws -> Value
  ) async throws(StoreError) -> Value {
    if state.withLock({ $0.isClosed }) { throw StoreError.closed }
    do {
      return try await files.main.read { db in
        guard let schema = try AppSchema.load(db)[app] else { throw StoreError.unknownApp(app) }
        return try body(schema, db)
      }
    } catch {
      throw StoreError(error)
    }
  }
}

/// Finds rows by the time of their receipt, which lies within ten minutes after the time of the key's end
/// and at most thirty days behind it.
enum RowAge {
  /// The time of receipt as SQL.
  private static let received = "((_key >> \(RowKey.idBits)) + \(RowKey.epoch) + _received)"
  static let condition = "_key >= ?1 AND _key <= ?2 AND \(received) < ?3"

  static func bind(_ statement: Statement, from key: Int64, before: Timestamp) {
    statement.bind(1, key)
    statement.bind(2, lastKey(receivedAt: before.milliseconds))
    statement.bind(3, before.milliseconds)
  }

  static func keys(
    in table: StoredTable, from key: Int64, before: Timestamp, limit: Int, _ db: Database
  ) throws -> [Int64] {
    let find = try Statement(
      connection(db),
      "SELECT _key FROM \(quoted(table.name)) WHERE \(condition) ORDER BY _key LIMIT \(limit)")
    bind(find, from: key, before: before)
    var keys: [Int64] = []
    while try find.step() { keys.append(find.column(0)) }
    return keys
  }

  static func oldest(in table: StoredTable, _ db: Database) throws -> Timestamp? {
    let first = try Statement(
      connection(db), "SELECT \(received) FROM \(quoted(table.name)) ORDER BY _key LIMIT 1")
    guard try first.step() else { return nil }
    // A row received earlier still has a key of ten minutes after its receipt at most.
    let oldest = try Statement(
      connection(db), "SELECT min(\(received)) FROM \(quoted(table.name)) WHERE _key <= ?1")
    oldest.bind(1, lastKey(receivedAt: first.column(0)))
    guard try oldest.step() else { return nil }
    return Timestamp(milliseconds: oldest.column(0))
  }

  private static func lastKey(receivedAt time: Int64) -> Int64 {
    RowKey.last(of: Timestamp(milliseconds: time + RowKey.plausibleFuture))
  }
}

extension WriterState {
  /// Removes rows that were received before a moment, in one transaction; returns how many.
  func purge(
    _ keys: some Sequence<Int64>, of table: StoredTable, children: [StoredTable], app: Int64,
    before: Timestamp
  ) throws -> Int {
    try files.main.writeWithoutTransaction { db in
      var count = 0
      try db.inTransaction(.immediate) {
        let connection = try AvowStoreSQLite.connection(db)
        // The condition again: the row may have gone and another come since the keys were read.
        let delete = try Statement(
          connection, "DELETE FROM \(quoted(table.name)) WHERE \(RowAge.condition) RETURNING _shift")
        let lists = try children.map {
          try Statement(connection, "DELETE FROM \(quoted($0.name)) WHERE _key = ?1")
        }
        try noteRemoval(db)
        for key in keys {
          delete.bind(1, key)
          delete.bind(2, key)
          delete.bind(3, before.milliseconds)
          let isGone = try delete.step()
          let shift = isGone ? delete.column(0) : 0
          while try delete.step() {}
          delete.reset()
          guard isGone else { continue }
          count += 1
          marks.note(app: app, day: Timestamp(milliseconds: RowKey.time(of: key) + shift).day, rows: -1)
          for list in lists {
            list.bind(1, key)
            try list.run()
          }
        }
        try marks.write(now: clock())
        return .commit
      }
      return count
    }
  }
}

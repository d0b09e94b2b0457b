import AvowStore
import AvowWire
import GRDB

/// Finds and removes the rows of erased users.
struct RowEraser {
  /// The rows of one event.
  struct Rows: Sendable {
    let app: Int64
    let table: StoredTable
    let children: [StoredTable]
    var keys: [Int64] = []
    var users: Set<UInt32> = []
  }

  private let users: Set<UInt32>
  private let schema: AppSchema
  private let index: SegmentIndex
  private let db: Database
  private let reader: DayReader
  private let column = ColumnDecoder()
  private var found: [Rows]

  /// Finds the rows of `users`. There is no index by user, which would cost more than all others together:
  /// each day's segments tell whether and when they were there, and days without segments are read.
  static func find(
    _ users: Set<UInt32>, _ schema: AppSchema, _ index: SegmentIndex, _ db: Database, _ indexDB: Database
  ) throws -> [Rows] {
    var eraser = try RowEraser(
      users: users, schema: schema, index: index, db: db,
      reader: DayReader(app: schema.number, index: indexDB), found: [])
    eraser.found = schema.eventTables.map {
      Rows(app: schema.number, table: $0, children: schema.children(of: $0))
    }
    let encoded = try IndexFile.marks(of: schema.number, indexDB)
    for mark in try DayMark.all(of: schema.number, db) {
      if encoded[mark.day] == mark.mark,
        let summary = try index.summary(of: schema.number, mark, indexDB)
      {
        do {
          try eraser.find(onEncoded: mark.day, summary)
          continue
        } catch let damage as DayReader.DamagedDay {
          index.distrust(app: schema.number, day: damage.day)
        }
      }
      try eraser.find(on: mark.day)
    }
    // From the first to the last, as `closeGaps` needs them.
    for index in eraser.found.indices { eraser.found[index].keys.sort() }
    return eraser.found.filter { !$0.keys.isEmpty }
  }

  private mutating func find(onEncoded day: Int, _ summary: DayImage) throws {
    reader.open(day, summary: summary)
    var times: [Set<Int64>] = found.map { _ in [] }
    for part in 0..<summary.parts {
      if let context = schema.table(event: nil), try places(in: context, part: part).isEmpty { continue }
      for (index, rows) in found.enumerated() {
        let places = try places(in: rows.table, part: part)
        if places.isEmpty { continue }
        let stream = number(rows.table, StreamKey.time)
        try reader.read(
          stream, part: part, count: reader.rows(number(rows.table, StreamKey.user), part: part), into: column
        )
        for place in places { times[index].insert(column.value(place)) }
      }
    }
    let start = Timestamp(day: day).milliseconds
    for index in found.indices {
      for time in times[index] { try read(index, start + time...start + time) }
    }
  }

  private func number(_ table: StoredTable, _ name: String) -> Int {
    index.file.names.number(of: StreamKey(app: schema.number, table: table.name, column: name))
  }

  /// Where the users' rows are in a table's part.
  private func places(in table: StoredTable, part: Int) throws -> [Int] {
    let stream = number(table, StreamKey.user)
    let count = reader.rows(stream, part: part)
    if count == 0 { return [] }
    try reader.read(stream, part: part, count: count, into: column)
    return (0..<count).filter { users.contains(UInt32(truncatingIfNeeded: column.value($0))) }
  }

  private mutating func find(on day: Int) throws {
    let start = Timestamp(day: day).milliseconds
    for index in found.indices { try read(index, start...start + 86_399_999) }
  }

  private mutating func read(_ index: Int, _ span: ClosedRange<Int64>) throws {
    var rows = found[index]
    // Few are asked for by name; of many, each row is looked up.
    let names =
      users.count <= 200 ? " AND e._user IN (\(users.map(String.init).joined(separator: ", ")))" : ""
    let scan = RowScan(table: rows.table.name, columns: "e._user", condition: names)
    try scan.run(db, from: span.lowerBound, through: span.upperBound) { row in
      let user = UInt32(truncatingIfNeeded: row.statement.column(2))
      guard user != 0, users.contains(user) else { return }
      rows.keys.append(row.key)
      rows.users.insert(user)
    }
    found[index] = rows
  }
}

extension WriterState {
  /// Removes rows that belong to `users`, in one transaction.
  func erase(_ keys: some Sequence<Int64>, of rows: RowEraser.Rows, users: Set<UInt32>) throws {
    try files.main.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        let table = quoted(rows.table.name)
        let connection = try AvowStoreSQLite.connection(db)
        let find = try Statement(connection, "SELECT _user, _id, _shift FROM \(table) WHERE _key = ?1")
        let delete = try Statement(connection, "DELETE FROM \(table) WHERE _key = ?1")
        let children = try rows.children.map {
          try Statement(connection, "DELETE FROM \(quoted($0.name)) WHERE _key = ?1")
        }
        try noteRemoval(db)
        for key in keys {
          find.bind(1, key)
          defer { find.reset() }
          guard try find.step(), users.contains(UInt32(truncatingIfNeeded: find.column(0))) else { continue }
          let id = Array(find.blob(1))
          let time = RowKey.time(of: key) + find.column(2)
          find.reset()
          marks.note(app: rows.app, day: Timestamp(milliseconds: time).day, rows: -1)
          if !id.isEmpty { try id.withUnsafeBytes { try forgetSeen(app: rows.app, $0) } }
          for statement in children + [delete] {
            statement.bind(1, key)
            try statement.run()
          }
        }
        try marks.write(now: clock())
        return .commit
      }
    }
  }

  /// Moves rows that had to give way to the removed ones back towards their own keys, in one transaction.
  ///
  /// Otherwise a retry of such an event would find its key free and be stored twice. Keys come from the
  /// last to the first, so that each gap sees the rows behind it already closed up.
  func closeGaps(at keys: some Sequence<Int64>, of rows: RowEraser.Rows) throws {
    try files.main.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        let connection = try AvowStoreSQLite.connection(db)
        let find = try Statement(
          connection, "SELECT _id, _shift FROM \(quoted(rows.table.name)) WHERE _key = ?1")
        let moves = try ([rows.table] + rows.children).map {
          try Statement(connection, "UPDATE \(quoted($0.name)) SET _key = ?1 WHERE _key = ?2")
        }
        for key in keys { try closeGap(at: key, app: rows.app, find, moves) }
        try marks.write(now: clock())
        return .commit
      }
    }
  }

  private func closeGap(at key: Int64, app: Int64, _ find: Statement, _ moves: [Statement]) throws {
    /// The key a row asked for; its own for one without an id, which nobody looks for; `nil` for no row.
    func home(of key: Int64) throws -> Int64? {
      find.bind(1, key)
      defer { find.reset() }
      guard try find.step() else { return nil }
      return find.isNull(0) ? key : key & ~RowKey.idMask | RowKey.bits(of: Identifier128(bytes: find.blob(0)))
    }
    guard try home(of: key) == nil else { return }
    var gap = key
    var next = RowKey.next(after: gap)
    while next != key, let wanted = try home(of: next) {
      if (next &- wanted) & RowKey.idMask >= (next &- gap) & RowKey.idMask {
        // The order of rows that are otherwise equal is that of their keys.
        find.bind(1, next)
        if try find.step() {
          let time = RowKey.time(of: next) + find.column(1)
          marks.note(app: app, day: Timestamp(milliseconds: time).day, rows: 0)
        }
        find.reset()
        for move in moves {
          move.bind(1, gap)
          move.bind(2, next)
          try move.run()
        }
        gap = next
      }
      next = RowKey.next(after: next)
    }
  }
}

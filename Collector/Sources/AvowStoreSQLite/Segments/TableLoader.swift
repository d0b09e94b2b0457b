import AvowWire
import GRDB

/// Reads the rows of one event's table, column by column. Lives in one read.
struct TableLoader {
  let table: StoredTable
  private let lists: [(column: Int, table: StoredTable, reader: Statement)]
  private let scan: RowScan.Prepared

  init(_ table: StoredTable, _ schema: AppSchema, _ db: Database) throws {
    self.table = table
    let connection = try AvowStoreSQLite.connection(db)
    lists = try table.columns.enumerated().compactMap { index, column in
      guard column.type == .list || column.type == .records,
        let items = schema.table(
          event: table.event, list: column.field, kind: column.type == .list ? .list : .records)
      else { return nil }
      return (index, items, try ContextValues.itemReader(items, connection))
    }
    let sql = (["_user", "_ephemeral", "_received", "_context"] + table.columns.map(\.name))
      .map { "e." + quoted($0) }.joined(separator: ", ")
    scan = try RowScan(table: table.name, columns: sql).prepared(db)
  }

  /// Reads the rows whose time lies in a span.
  func load(_ span: ClosedRange<Int64>, dayStart: Int64) throws -> LoadedRows {
    var rows = LoadedRows(table, dayStart: dayStart)
    let columns = table.columns
    try scan.run(from: span.lowerBound, through: span.upperBound) { row in
      let statement = row.statement
      rows.keys.append(row.key)
      rows.times.append(row.time)
      rows.users.append(UInt32(truncatingIfNeeded: statement.column(2)))
      rows.ephemeral.append(!statement.isNull(3))
      rows.received.append(RowKey.time(of: row.key) + statement.column(4))
      rows.contexts.append(statement.column(5))
      for index in columns.indices {
        let position = Int32(6 + index)
        let has = !statement.isNull(position)
        rows.presence[index].append(has)
        rows.values[index].append(has ? statement.raw(position, columns[index].type) : 0)
      }
    }
    for list in lists {
      var items: [Int: ContextValues.Items] = [:]
      for row in rows.keys.indices where rows.presence[list.column][row] {
        let found = try ContextValues.read(list.reader, key: rows.keys[row], list.table)
        items[row] = found
        // What counts is what is there.
        rows.values[list.column][row] = Int64(found.values.count)
      }
      rows.lists.append((list.table, items))
    }
    return rows
  }
}

/// Rows of one event's table, column by column.
struct LoadedRows {
  let table: StoredTable
  var columns: [StoredColumn] { table.columns }
  var keys: [Int64] = []
  var times: [Int64] = []
  /// 0: none.
  var users: [UInt32] = []
  var ephemeral: [Bool] = []
  var received: [Int64] = []
  /// 0: none.
  var contexts: [Int64] = []
  var values: [[Int64]]
  var presence: [[Bool]]
  /// The items of lists by row.
  var lists: [(table: StoredTable, items: [Int: ContextValues.Items])] = []
  /// The order of segments: by user, then time, then receipt.
  private(set) var order: [Int] = []

  private let dayStart: Int64

  init(_ table: StoredTable, dayStart: Int64) {
    self.table = table
    self.dayStart = dayStart
    values = Array(repeating: [], count: table.columns.count)
    presence = Array(repeating: [], count: table.columns.count)
  }

  /// User and time of a row in one word: two rows of a day with the same word have both in common.
  @inline(__always)
  func place(_ row: Int) -> UInt64 {
    UInt64(users[row]) << 27 | UInt64(times[row] - dayStart)
  }

  mutating func putInOrder() {
    let places = keys.indices.map(place)
    order = keys.indices.sorted { left, right in
      if places[left] != places[right] { return places[left] < places[right] }
      return (received[left], keys[left]) < (received[right], keys[right])
    }
  }
}

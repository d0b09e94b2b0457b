import AvowWire
import GRDB

/// Reads the rows of one event's table. Lives in one read.
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
    let rows = LoadedRows(table, dayStart: dayStart)
    try scan.run(from: span.lowerBound, through: span.upperBound) { rows.append($0) }
    for list in lists {
      var items: [Int: ContextValues.Items] = [:]
      for row in 0..<rows.count where rows.has(row, column: list.column) {
        let found = try ContextValues.read(list.reader, key: rows.key(row), list.table)
        items[row] = found
        // What counts is what is there.
        rows.set(Int64(found.values.count), row: row, column: list.column)
      }
      rows.lists.append((list.table, items))
    }
    return rows
  }
}

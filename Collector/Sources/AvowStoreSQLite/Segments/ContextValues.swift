import GRDB

/// Sets of context values by their number, read once and kept: they never change.
struct ContextValues: Sendable {
  /// The columns of single values, in the order of the values.
  let columns: [StoredColumn]
  /// The columns of lists, with the tables of their items.
  let lists: [(column: StoredColumn, items: StoredTable)]
  private let table: StoredTable
  private var values: [Int64] = []
  private var presence: [Bool] = []
  /// By number of the set; -1: not read yet.
  private var rows: [Int32] = []
  private var items: [Int32: [Items?]] = [:]

  /// The items of one list.
  struct Items: Sendable {
    /// By item, then by column of the items' table.
    var values: [[Int64]] = []
    var presence: [[Bool]] = []
  }

  private static let most = 200_000

  init(_ table: StoredTable, _ schema: AppSchema) {
    self.table = table
    columns = table.columns.filter { $0.type != .list && $0.type != .records }
    lists = table.columns.compactMap { column in
      guard column.type == .list || column.type == .records,
        let items = schema.table(
          event: nil, list: column.field, kind: column.type == .list ? .list : .records)
      else { return nil }
      return (column, items)
    }
  }

  /// Whether the schema still has just these columns.
  func isCurrent(_ schema: AppSchema) -> Bool {
    guard let now = schema.table(event: nil), now == table else { return false }
    return lists.allSatisfy { list in schema.tables.contains(list.items) }
  }

  /// Where the values of a set begin; reads it when it is new.
  mutating func row(of number: Int64, _ readers: Readers) throws -> Int {
    let index = Int(truncatingIfNeeded: number)
    guard index >= 0, index < 1 << 28 else { return try read(number, readers) }
    if index < rows.count, rows[index] >= 0 { return Int(rows[index]) }
    let row = try read(number, readers)
    while rows.count <= index { rows.append(-1) }
    rows[index] = Int32(row)
    return row
  }

  /// Puts the values of a column, of sets that `row(of:)` gave or of none (-1), into `gathered`.
  func gather(_ rows: [Int], column: Int, into gathered: GatheredColumn) {
    let width = columns.count
    values.withUnsafeBufferPointer { known in
      presence.withUnsafeBufferPointer { present in
        rows.withUnsafeBufferPointer { rows in
          gathered.fill(rows.count) { index, values, presence in
            let row = rows[index]
            values[index] = row < 0 ? 0 : known[row * width + column]
            presence[index] = row >= 0 && present[row * width + column]
          }
        }
      }
    }
  }

  /// The items of a list; `nil`: the set has no such list.
  func items(_ row: Int, _ list: Int) -> Items? { items[Int32(row)]?[list] }

  /// Called between two segments only: rows handed out before mean nothing afterwards.
  mutating func forgetIfFull() {
    guard count >= Self.most else { return }
    values = []
    presence = []
    rows = []
    items = [:]
    count = 0
  }

  private var count = 0

  private mutating func read(_ number: Int64, _ readers: Readers) throws -> Int {
    defer { count += 1 }
    let statement = readers.sets
    statement.bind(1, number)
    defer { statement.reset() }
    let isThere = try statement.step()
    for (index, column) in columns.enumerated() {
      let has = isThere && !statement.isNull(Int32(index))
      presence.append(has)
      values.append(has ? statement.raw(Int32(index), column.type) : 0)
    }
    guard !lists.isEmpty else { return count }
    var found: [Items?] = []
    for (index, list) in lists.enumerated() {
      guard isThere, !statement.isNull(Int32(columns.count + index)) else {
        found.append(nil)
        continue
      }
      found.append(try Self.read(readers.items[index], key: number, list.items))
    }
    items[Int32(count)] = found
    return count
  }

  /// Reads all items of one owner.
  static func read(_ statement: Statement, key: Int64, _ table: StoredTable) throws -> Items {
    statement.bind(1, key)
    defer { statement.reset() }
    var items = Items()
    while try statement.step() {
      var values: [Int64] = []
      var presence: [Bool] = []
      for (index, column) in table.columns.enumerated() {
        let has = !statement.isNull(Int32(index))
        presence.append(has)
        values.append(has ? statement.raw(Int32(index), column.type) : 0)
      }
      items.values.append(values)
      items.presence.append(presence)
    }
    return items
  }

  /// The statements that read sets; they live in one read.
  final class Readers {
    fileprivate let sets: Statement
    fileprivate let items: [Statement]

    init(_ values: ContextValues, _ db: Database) throws {
      let connection = try AvowStoreSQLite.connection(db)
      let names = (values.columns + values.lists.map(\.column)).map { quoted($0.name) }
      sets = try Statement(
        connection,
        "SELECT \((names.isEmpty ? ["1"] : names).joined(separator: ", ")) FROM \(quoted(values.table.name)) "
          + "WHERE _key = ?1")
      items = try values.lists.map { try ContextValues.itemReader($0.items, connection) }
    }
  }

  /// A statement that reads the items of one owner in order.
  static func itemReader(_ table: StoredTable, _ connection: OpaquePointer) throws -> Statement {
    let names = table.columns.map { quoted($0.name) }
    return try Statement(
      connection,
      "SELECT \((names.isEmpty ? ["1"] : names).joined(separator: ", ")) FROM \(quoted(table.name)) "
        + "WHERE _key = ?1 ORDER BY _row")
  }
}

extension Statement {
  /// A value as segments keep it: a number's bits, anything else as SQLite's integer.
  @inline(__always)
  func raw(_ index: Int32, _ type: StoredType) -> Int64 {
    type == .number ? Int64(bitPattern: number(index).bitPattern) : column(index)
  }
}

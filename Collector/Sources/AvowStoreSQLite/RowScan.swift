import AvowWire
import GRDB

/// Reads the rows of a table whose time lies in a span, each exactly once: those near their key's time by
/// the range of keys, the others by the `shifted` index (see `RowKey`).
struct RowScan {
  /// The row at hand.
  struct Row {
    let key: Int64
    /// Milliseconds since 1970.
    let time: Int64
    /// The asked columns, from 2.
    let statement: Statement
  }

  var table: String
  /// SQL of further columns of `e` and what is joined.
  var columns = ""
  var joins = ""
  /// SQL that begins with ` AND`, with parameters from `?3`.
  var condition = ""
  var bind: (Statement) -> Void = { _ in }

  /// Calls `body` with every row from one millisecond through another.
  func run(
    _ db: Database, from first: Int64, through last: Int64, _ body: (Row) throws -> Void
  ) throws {
    if first > last { return }
    try prepared(db).run(from: first, through: last, body)
  }

  /// The scan with its statements prepared, for one that is run again and again in one read.
  func prepared(_ db: Database) throws -> Prepared {
    let connection = try AvowStoreSQLite.connection(db)
    let more = columns.isEmpty ? "" : ", " + columns
    let statements = try [
      "\(quoted(table)) AS e NOT INDEXED\(joins) WHERE NOT \(RowKey.shiftedSQL("e.")) AND e._key BETWEEN ?1 AND ?2",
      "\(quoted(table)) AS e INDEXED BY \(quoted(table + ".shifted"))\(joins) "
        + "WHERE \(RowKey.shiftedSQL("e.")) AND \(RowKey.timeSQL("e.")) BETWEEN ?1 AND ?2",
    ].map { source in
      let statement = try Statement(
        connection, "SELECT e._key, e._shift\(more) FROM \(source)\(condition)")
      bind(statement)
      return statement
    }
    return Prepared(near: statements[0], shifted: statements[1])
  }

  /// A scan's statements; they live in one read.
  struct Prepared {
    fileprivate let near: Statement
    fileprivate let shifted: Statement

    /// Calls `body` with every row from one millisecond through another.
    func run(from first: Int64, through last: Int64, _ body: (Row) throws -> Void) throws {
      try run(
        near, RowKey.first(of: Timestamp(milliseconds: first - RowKey.nearby)),
        RowKey.last(of: Timestamp(milliseconds: last + RowKey.nearby)), first...last, body)
      try run(shifted, first, last, first...last, body)
    }

    private func run(
      _ statement: Statement, _ low: Int64, _ high: Int64, _ span: ClosedRange<Int64>,
      _ body: (Row) throws -> Void
    ) throws {
      statement.bind(1, low)
      statement.bind(2, high)
      defer { statement.reset() }
      while try statement.step() {
        let key = statement.column(0)
        let time = RowKey.time(of: key) + statement.column(1)
        if span.contains(time) { try body(Row(key: key, time: time, statement: statement)) }
      }
    }
  }

  /// Returns a span of time that holds all rows; `nil` when there is none.
  func span(_ db: Database) throws -> ClosedRange<Int64>? {
    let connection = try AvowStoreSQLite.connection(db)
    let ends = try Statement(
      connection,
      """
      SELECT (SELECT min(_key) FROM \(quoted(table))), (SELECT max(_key) FROM \(quoted(table))),
        (SELECT min(\(RowKey.timeSQL())) FROM \(quoted(table)) WHERE \(RowKey.shiftedSQL())),
        (SELECT max(\(RowKey.timeSQL())) FROM \(quoted(table)) WHERE \(RowKey.shiftedSQL()))
      """)
    guard try ends.step(), !ends.isNull(0) else { return nil }
    let low = RowKey.time(of: ends.column(0)) - RowKey.nearby
    let high = RowKey.time(of: ends.column(1)) + RowKey.nearby
    return min(low, ends.optional(2) ?? low)...max(high, ends.optional(3) ?? high)
  }
}

import GRDBSQLite

/// Rows of one event's table, as they are needed to encode them: row after row in one piece of memory.
///
/// A class, for it owns that memory. Used by one thread.
final class LoadedRows {
  let table: StoredTable
  var columns: [StoredColumn] { table.columns }
  private(set) var count = 0
  /// The items of lists by row.
  var lists: [(table: StoredTable, items: [Int: ContextValues.Items])] = []
  /// The order of segments: by user, then time, then receipt.
  private(set) var order: [Place] = []

  private let dayStart: Int64
  private let width: Int
  private var words: UnsafeMutablePointer<Int64>
  private var capacity = 256

  /// A row and what it is put in order by.
  struct Place {
    /// User and time in one word: two rows of a day with the same word have both in common.
    var word: UInt64
    var row: Int
  }

  /// A time within a day has so many bits.
  static let timeBits: UInt64 = 27

  /// The words of a row, before its values.
  private enum Word {
    static let key = 0
    static let time = 1
    static let user = 2
    static let isEphemeral = 3
    static let received = 4
    static let context = 5
    static let values = 6
  }

  init(_ table: StoredTable, dayStart: Int64) {
    self.table = table
    self.dayStart = dayStart
    // A value and whether it is there.
    width = Word.values + 2 * table.columns.count
    words = .allocate(capacity: capacity * width)
  }

  deinit { words.deallocate() }

  // MARK: Filling

  /// Takes the row at hand, whose columns from 2 are user, ephemeral, received, context and the table's own.
  func append(_ row: RowScan.Row) {
    if count == capacity { grow() }
    let to = words + count * width
    let statement = row.statement
    to[Word.key] = row.key
    to[Word.time] = row.time
    to[Word.user] = Int64(UInt32(truncatingIfNeeded: statement.column(2)))
    to[Word.isEphemeral] = statement.isNull(3) ? 0 : 1
    to[Word.received] = RowKey.time(of: row.key) + statement.column(4)
    to[Word.context] = statement.column(5)
    var at = Word.values
    for index in table.columns.indices {
      let position = Int32(6 + index)
      let raw = statement.raw(position, table.columns[index].type)
      to[at] = raw
      // What is not nothing is there, which saves a call.
      to[at + 1] = raw != 0 || !statement.isNull(position) ? 1 : 0
      at += 2
    }
    count += 1
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Int64>.allocate(capacity: capacity * 2 * width)
    larger.update(from: words, count: count * width)
    words.deallocate()
    words = larger
    capacity *= 2
  }

  /// Corrects a value.
  func set(_ value: Int64, row: Int, column: Int) { words[row * width + Word.values + 2 * column] = value }

  // MARK: Reading

  func key(_ row: Int) -> Int64 { words[row * width + Word.key] }
  func time(_ row: Int) -> Int64 { words[row * width + Word.time] }
  /// 0: none.
  func user(_ row: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[row * width + Word.user]) }
  func isEphemeral(_ row: Int) -> Bool { words[row * width + Word.isEphemeral] != 0 }
  func received(_ row: Int) -> Int64 { words[row * width + Word.received] }
  /// 0: none.
  func context(_ row: Int) -> Int64 { words[row * width + Word.context] }
  func has(_ row: Int, column: Int) -> Bool { words[row * width + Word.values + 2 * column + 1] != 0 }

  /// Puts the values of a column, in the order of segments, into `gathered`.
  func gather(column: Int, into gathered: GatheredColumn) {
    gathered.fill(order.count) { index, values, presence in
      let from = words + order[index].row * width + Word.values + 2 * column
      values[index] = from[0]
      presence[index] = from[1] != 0
    }
  }

  func putInOrder() {
    let (words, width, dayStart) = (words, width, dayStart)
    order = (0..<count).map { row in
      let from = words + row * width
      return Place(
        word: UInt64(bitPattern: from[Word.user]) << Self.timeBits | UInt64(from[Word.time] - dayStart),
        row: row)
    }
    order.sort { left, right in
      if left.word != right.word { return left.word < right.word }
      let (one, other) = (words + left.row * width, words + right.row * width)
      return (one[Word.received], one[Word.key]) < (other[Word.received], other[Word.key])
    }
  }
}

import AvowStore
import GRDB

/// The rows of one source in one part of a day, with the ones that pass the filters. Belongs to one
/// question, which uses it again for every part and day.
final class Block {
  let plan: ScanPlan
  /// The place of the source in the question.
  let source: Int
  private let reader: DayReader
  private var part = 0
  private(set) var rows = 0
  /// Whether no other block has rows of this day, so that a user who is met again is met right after.
  var isAlone = false
  /// The UTC day at hand.
  var day: Int { reader.day }
  /// The rows that pass, ascending.
  private(set) var selected: UnsafeMutablePointer<Int32>
  private(set) var selectedCount = 0
  private var capacity = 1024
  private var generation = 0
  /// A handful, looked through from the first.
  private var decoders: [(stream: Int, decoder: ColumnDecoder)] = []
  /// By list of the plan: where the items of each row begin, and the end.
  private var starts: [Int: [Int]] = [:]

  init(_ plan: ScanPlan, source: Int, reader: DayReader) {
    self.plan = plan
    self.source = source
    self.reader = reader
    selected = .allocate(capacity: capacity)
  }

  deinit { selected.deallocate() }

  /// Goes to a part of the reader's day.
  ///
  /// - Parameter span: Only rows of these milliseconds of the day; `nil`: all.
  /// - Returns: Whether a row passes.
  func load(part: Int, span: Range<Int64>?) throws -> Bool {
    self.part = part
    selectedCount = 0
    rows = reader.rows(plan.users, part: part)
    if rows == 0 { return false }
    generation += 1
    if !starts.isEmpty { starts.removeAll(keepingCapacity: true) }
    if rows > capacity {
      selected.deallocate()
      capacity = rows * 2
      selected = .allocate(capacity: capacity)
    }
    let selected = selected
    for row in 0..<rows { selected[row] = Int32(truncatingIfNeeded: row) }
    selectedCount = rows
    if let span {
      let times = try column(plan.times).plainValues()
      keep { row in span.contains(times[row]) }
    }
    for filter in plan.filters {
      if selectedCount == 0 { return false }
      try apply(filter)
    }
    return selectedCount > 0
  }

  /// For a tally that put something else in the place of the rows it was given.
  func select(_ count: Int) { selectedCount = count }

  // MARK: Columns

  /// A column of the rows.
  func column(_ stream: Int) throws -> ColumnDecoder { try column(stream, count: rows) }

  private func column(_ stream: Int, count: Int) throws -> ColumnDecoder {
    let decoder: ColumnDecoder
    if let known = decoders.first(where: { $0.stream == stream }) {
      decoder = known.decoder
      if decoder.generation == generation { return decoder }
    } else {
      decoder = ColumnDecoder()
      decoders.append((stream, decoder))
    }
    try reader.read(stream, part: part, count: count, into: decoder)
    decoder.generation = generation
    return decoder
  }

  /// A column of the items of a list.
  func items(_ stream: Int, list: Int) throws -> ColumnDecoder {
    try column(stream, count: try bounds(list)[rows])
  }

  /// Where the items of each row begin; one more entry says where the last row's end.
  func bounds(_ list: Int) throws -> [Int] {
    if let known = starts[list] { return known }
    let counts = try column(plan.lists[list].counts)
    var bounds: [Int] = []
    bounds.reserveCapacity(rows + 1)
    var sum = 0
    for row in 0..<rows {
      bounds.append(sum)
      if !counts.isAbsent(row) { sum += Int(truncatingIfNeeded: max(0, min(counts.value(row), 1 << 20))) }
    }
    bounds.append(sum)
    starts[list] = bounds
    return bounds
  }

  // MARK: Filters

  @inline(__always)
  private func keep(_ passes: (Int) throws -> Bool) rethrows {
    let selected = selected
    var kept = 0
    for position in 0..<selectedCount {
      let row = selected[position]
      if try passes(Int(row)) {
        selected[kept] = row
        kept += 1
      }
    }
    selectedCount = kept
  }

  private func apply(_ filter: ScanPlan.Filter) throws {
    switch filter {
    case .scalar(let stream, let test):
      let column = try column(stream)
      guard let verdicts = try verdicts(column, test) else {
        try keep { try test.holds(column.value($0), isAbsent: column.isAbsent($0)) }
        return
      }
      if !verdicts.contains(false) { return }
      let (indexes, selected, count) = (column.indexes, selected, selectedCount)
      verdicts.withUnsafeBufferPointer { verdicts in
        // Without a branch: what is selected is as good as random.
        var kept = 0
        for position in 0..<count {
          let row = selected[position]
          selected[kept] = row
          kept += verdicts[Int(indexes[Int(row)])] ? 1 : 0
        }
        selectedCount = kept
      }
    case .element(let list, let stream, let test, let isNone):
      let bounds = try bounds(list)
      let values = try items(stream, list: list)
      try keep { row in
        for item in bounds[row]..<bounds[row + 1]
        where try test.holds(values.value(item), isAbsent: values.isAbsent(item)) {
          return !isNone
        }
        return isNone
      }
    case .record(let list, let tests):
      let bounds = try bounds(list)
      let columns = try tests.map { (try items($0.stream, list: list), $0.test) }
      try keep { row in
        for item in bounds[row]..<bounds[row + 1] where try Self.holds(columns, item) { return true }
        return false
      }
    }
  }

  /// By entry of a dictionary, the absent value last: whether the test holds; `nil` without a dictionary.
  private func verdicts(_ column: ColumnDecoder, _ test: ValueTest) throws -> [Bool]? {
    guard column.hasDictionary else { return nil }
    var verdicts = try column.entries.map { try test.holds($0, isAbsent: false) }
    verdicts.append(try test.holds(0, isAbsent: true))
    return verdicts
  }

  static func holds(_ columns: [(ColumnDecoder, ValueTest)], _ item: Int) throws -> Bool {
    for (column, test) in columns {
      guard try test.holds(column.value(item), isAbsent: column.isAbsent(item)) else { return false }
    }
    return true
  }

  // MARK: Users

  /// The users of the rows, ascending; 0: none.
  func users() throws -> UnsafeMutablePointer<Int32> {
    let users = try column(plan.users)
    // Written ascending; a blob that says otherwise is not ours.
    guard users.kind == .ascending else { throw DayReader.DamagedDay(day: reader.day) }
    return users.numbers
  }

  /// Which rows come from clients without a lasting state, those that are not 0; `nil`: none.
  func ephemeral() throws -> UnsafeMutablePointer<Int64>? {
    guard try reader.has(plan.ephemeral) else { return nil }
    let column = try column(plan.ephemeral)
    return column.isEmpty ? nil : column.plainValues()
  }

  /// How many events each row stands for; `nil`: one.
  func weights() throws -> UnsafeMutablePointer<Int64>? {
    try plan.weights.map { try column($0).plainValues() }
  }

  /// How many events the selected rows stand for.
  func weigh() throws -> Int {
    guard let stream = plan.weights else { return selectedCount }
    // All rows of the day's users are all events of the day.
    if selectedCount == rows { return reader.rows(besides: plan.users, part: part) }
    let column = try column(stream)
    let (selected, count) = (selected, selectedCount)
    var sum = 0
    guard column.kind == .dictionary else {
      let weights = column.plainValues()
      for position in 0..<count { sum &+= Int(truncatingIfNeeded: weights[Int(selected[position])]) }
      return sum
    }
    let indexes = column.indexes
    (column.entries + [0]).withUnsafeBufferPointer { entries in
      guard let entries = entries.baseAddress else { return }
      for position in 0..<count {
        sum &+= Int(truncatingIfNeeded: entries[Int(indexes[Int(selected[position])])])
      }
    }
    return sum
  }
}

import AvowWire
import GRDB

/// Makes the segments of a day from its rows. Lives in one read of `main.db`.
///
/// The same rows always give the same bytes: verifying the index is encoding again and comparing.
struct DayEncoder {
  /// Rows of all events together that one part has at most, but for those of one second.
  static let partRows = 65_536

  private let schema: AppSchema
  private let names: StreamNames
  private let db: Database
  private let tables: [TableLoader]
  private let contextTable: StoredTable?
  private var contexts: ContextValues?
  private let readers: ContextValues.Readers?

  /// - Parameter contexts: Sets read before, when they are still of use.
  init(_ schema: AppSchema, names: StreamNames, contexts: ContextValues?, _ db: Database) throws {
    self.schema = schema
    self.names = names
    self.db = db
    tables = try schema.eventTables.map { try TableLoader($0, schema, db) }
    contextTable = schema.table(event: nil)
    let known = contexts.flatMap { $0.isCurrent(schema) ? $0 : nil }
    self.contexts = known ?? contextTable.map { ContextValues($0, schema) }
    readers = try self.contexts.map { try ContextValues.Readers($0, db) }
  }

  /// What was read of contexts, for the next encoder.
  var knownContexts: ContextValues? { contexts }

  /// Encodes a day.
  ///
  /// - Parameter rows: About how many there are; many are encoded in several parts.
  mutating func image(of day: Int, rows: Int) throws -> DayImage {
    var image = DayImage()
    let first = Timestamp(day: day).milliseconds
    for slice in try slices(of: day, rows: rows) {
      contexts?.forgetIfFull()
      let part = image.parts
      try encode(slice, dayStart: first, part: part, into: &image)
      image.parts += 1
    }
    for stream in image.tables.keys {
      while image.tables[stream]?.rows.count ?? 0 < image.parts { image.tables[stream]?.rows.append(0) }
    }
    return image
  }

  /// Cuts a day at seconds so that each slice has few enough rows.
  private func slices(of day: Int, rows: Int) throws -> [ClosedRange<Int64>] {
    let first = Timestamp(day: day).milliseconds
    let last = first + 86_399_999
    guard rows > Self.partRows else { return [first...last] }
    var counts = [Int](repeating: 0, count: 86_400)
    for table in tables {
      try RowScan(table: table.table.name).run(db, from: first, through: last) {
        counts[Int($0.time - first) / 1000] += 1
      }
    }
    var slices: [ClosedRange<Int64>] = []
    var start = 0
    var sum = 0
    for second in counts.indices {
      if sum > 0, sum + counts[second] > Self.partRows {
        slices.append(first + Int64(start) * 1000...first + Int64(second) * 1000 - 1)
        start = second
        sum = 0
      }
      sum += counts[second]
    }
    slices.append(first + Int64(start) * 1000...last)
    return slices
  }

  // MARK: One slice

  private mutating func encode(
    _ slice: ClosedRange<Int64>, dayStart: Int64, part: Int, into image: inout DayImage
  ) throws {
    var loaded: [LoadedRows] = []
    for table in tables {
      var rows = try table.load(slice, dayStart: dayStart)
      if rows.keys.isEmpty { continue }
      rows.putInOrder()
      loaded.append(rows)
    }
    let tied = Self.ties(loaded)
    for rows in loaded {
      try emit(rows, tied: tied, dayStart: dayStart, part: part, into: &image)
    }
    try emitUsers(loaded, part: part, into: &image)
  }

  /// The users and times that occur more than once.
  private static func ties(_ loaded: [LoadedRows]) -> Set<UInt64> {
    var hashes: [UInt64] = []
    for rows in loaded {
      for index in rows.keys.indices where rows.users[index] != 0 { hashes.append(rows.place(index)) }
    }
    hashes.sort()
    var ties: Set<UInt64> = []
    for (one, next) in zip(hashes, hashes.dropFirst()) where one == next { ties.insert(one) }
    return ties
  }

  private mutating func emit(
    _ rows: LoadedRows, tied: Set<UInt64>, dayStart: Int64, part: Int, into image: inout DayImage
  ) throws {
    let table = rows.table
    let (names, app) = (self.names, schema.number)
    let users = names.number(of: StreamKey(app: app, table: table.name, column: StreamKey.user))
    register(users, rows: rows.keys.count, part: part, in: &image)
    func put(_ column: String, _ bytes: [UInt8]) {
      let stream = names.number(of: StreamKey(app: app, table: table.name, column: column))
      image.blobs[DayImage.BlobKey(stream: stream, part: part)] = bytes
    }
    func put(_ column: String, _ values: [Int64], _ presence: [Bool], isNumber: Bool) {
      guard presence.contains(true) else { return }
      put(column, PackedColumn.encode(values, present: presence, isNumber: isNumber))
    }
    put(StreamKey.user, PackedColumn.encode(ascending: rows.order.map { Int64(rows.users[$0]) }))
    put(
      StreamKey.time,
      PackedColumn.encode(rows.order.map { rows.times[$0] - dayStart }, present: nil, isNumber: false))
    if rows.ephemeral.contains(true) {
      put(
        StreamKey.ephemeral,
        PackedColumn.encode(
          rows.order.map { rows.ephemeral[$0] ? 1 : 0 }, present: nil, isNumber: false))
    }
    if !tied.isEmpty {
      let receipts = rows.order.map { tied.contains(rows.place($0)) ? rows.received[$0] : 0 }
      if receipts.contains(where: { $0 != 0 }) {
        put(StreamKey.receipt, PackedColumn.encode(receipts, present: nil, isNumber: false))
      }
    }
    for (index, column) in rows.columns.enumerated() {
      put(
        column.streamName, rows.order.map { rows.values[index][$0] },
        rows.order.map { rows.presence[index][$0] }, isNumber: column.type == .number)
    }
    for list in rows.lists {
      var items = ContextValues.Items()
      for row in rows.order {
        guard let found = list.items[row] else { continue }
        items.values += found.values
        items.presence += found.presence
      }
      Self.put(items, of: list.table) { put($0, $1, $2, isNumber: $3) }
    }
    try emitContext(of: rows) { put($0, $1, $2, isNumber: $3) }
  }

  private mutating func emitContext(
    of rows: LoadedRows, _ put: (String, [Int64], [Bool], Bool) -> Void
  ) throws {
    guard let readers, var contexts = self.contexts else { return }
    // Out of the encoder while it grows, else each growth would copy it.
    self.contexts = nil
    defer { self.contexts = contexts }
    let places = try rows.order.map { row -> Int in
      rows.contexts[row] == 0 ? -1 : try contexts.row(of: rows.contexts[row], readers)
    }
    for (index, column) in contexts.columns.enumerated() {
      put(
        StreamKey.context(column.name), places.map { $0 < 0 ? 0 : contexts.value($0, index) },
        places.map { $0 >= 0 && contexts.has($0, index) }, column.type == .number)
    }
    for (index, list) in contexts.lists.enumerated() {
      var items = ContextValues.Items()
      var counts: [Int64] = []
      var presence: [Bool] = []
      for place in places {
        let found = place < 0 ? nil : contexts.items(place, index)
        presence.append(found != nil)
        counts.append(Int64(found?.values.count ?? 0))
        items.values += found?.values ?? []
        items.presence += found?.presence ?? []
      }
      put(StreamKey.context(list.column.name), counts, presence, false)
      Self.put(items, of: list.items, put)
    }
  }

  private static func put(
    _ items: ContextValues.Items, of table: StoredTable, _ put: (String, [Int64], [Bool], Bool) -> Void
  ) {
    for (index, column) in table.columns.enumerated() {
      put(
        StreamKey.item(table.name, column.name), items.values.map { $0[index] },
        items.presence.map { $0[index] }, column.type == .number)
    }
  }

  private func register(_ stream: Int, rows: Int, part: Int, in image: inout DayImage) {
    var table = image.tables[stream] ?? DayImage.Table(rows: [])
    while table.rows.count < part { table.rows.append(0) }
    table.rows.append(UInt32(rows))
    image.tables[stream] = table
  }

  // MARK: The day's users

  /// One row for each user and set of context values, with how many events it stands for.
  private mutating func emitUsers(
    _ loaded: [LoadedRows], part: Int, into image: inout DayImage
  ) throws {
    guard let contextTable, let readers, !loaded.isEmpty, var contexts = self.contexts else { return }
    self.contexts = nil
    defer { self.contexts = contexts }
    let (names, app) = (self.names, schema.number)
    var visits: [Visit] = []
    for rows in loaded {
      for row in rows.keys.indices {
        visits.append(
          Visit(
            person: UInt64(rows.users[row]) << 1 | (rows.ephemeral[row] ? 1 : 0),
            context: UInt64(bitPattern: rows.contexts[row])))
      }
    }
    visits.sort()
    var kept: [Visit] = []
    var weights: [Int64] = []
    for visit in visits {
      if visit == kept.last {
        weights[weights.count - 1] += 1
      } else {
        kept.append(visit)
        weights.append(1)
      }
    }
    func number(_ column: String) -> Int {
      names.number(of: StreamKey(app: app, table: contextTable.name, column: column))
    }
    func put(_ column: String, _ bytes: [UInt8]) {
      image.blobs[DayImage.BlobKey(stream: number(column), part: part)] = bytes
    }
    register(number(StreamKey.user), rows: kept.count, part: part, in: &image)
    put(StreamKey.user, PackedColumn.encode(ascending: kept.map { Int64($0.person >> 1) }))
    if kept.contains(where: { $0.person & 1 != 0 }) {
      put(
        StreamKey.ephemeral,
        PackedColumn.encode(kept.map { Int64($0.person & 1) }, present: nil, isNumber: false))
    }
    put(StreamKey.weight, PackedColumn.encode(weights, present: nil, isNumber: false))
    let places = try kept.map { $0.context == 0 ? -1 : try contexts.row(of: Int64($0.context), readers) }
    for (index, column) in contexts.columns.enumerated() {
      let presence = places.map { $0 >= 0 && contexts.has($0, index) }
      guard presence.contains(true) else { continue }
      put(
        StreamKey.context(column.name),
        PackedColumn.encode(
          places.map { $0 < 0 ? 0 : contexts.value($0, index) }, present: presence,
          isNumber: column.type == .number))
    }
  }

  private struct Visit: Comparable {
    /// User and whether the client keeps him: by user first, so that users ascend.
    var person: UInt64
    var context: UInt64

    static func < (left: Self, right: Self) -> Bool {
      left.person != right.person ? left.person < right.person : left.context < right.context
    }
  }
}

extension StoredColumn {
  /// The stream of a column of an event's table; a context value that stands there is named as such.
  var streamName: String { scope == .context ? StreamKey.context(name) : name }
}

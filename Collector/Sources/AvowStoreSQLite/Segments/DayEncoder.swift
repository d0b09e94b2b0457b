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
  private let gathered = GatheredColumn()

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
      let rows = try table.load(slice, dayStart: dayStart)
      if rows.count == 0 { continue }
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
    var words: [UInt64] = []
    words.reserveCapacity(loaded.reduce(0) { $0 + $1.count })
    // In the order of segments, so that only runs are left to be merged.
    for rows in loaded {
      for place in rows.order where place.word >> LoadedRows.timeBits != 0 { words.append(place.word) }
    }
    words.sort()
    var ties: Set<UInt64> = []
    for (one, next) in zip(words, words.dropFirst()) where one == next { ties.insert(one) }
    return ties
  }

  private mutating func emit(
    _ rows: LoadedRows, tied: Set<UInt64>, dayStart: Int64, part: Int, into image: inout DayImage
  ) throws {
    let table = rows.table
    let (names, app) = (self.names, schema.number)
    let users = names.number(of: StreamKey(app: app, table: table.name, column: StreamKey.user))
    register(users, rows: rows.count, part: part, in: &image)
    func put(_ column: String, _ bytes: [UInt8]?) {
      guard let bytes else { return }
      let stream = names.number(of: StreamKey(app: app, table: table.name, column: column))
      image.blobs[DayImage.BlobKey(stream: stream, part: part)] = bytes
    }
    func put(_ column: String, _ value: (LoadedRows.Place) -> Int64) {
      let order = rows.order
      gathered.fill(order.count) { index, values, presence in
        values[index] = value(order[index])
        presence[index] = true
      }
      put(column, gathered.packed(isNumber: false))
    }
    put(StreamKey.user, PackedColumn.encode(ascending: rows.order.map { Int64(rows.user($0.row)) }))
    put(StreamKey.time) { rows.time($0.row) - dayStart }
    if (0..<rows.count).contains(where: rows.isEphemeral) {
      put(StreamKey.ephemeral) { rows.isEphemeral($0.row) ? 1 : 0 }
    }
    if !tied.isEmpty, rows.order.contains(where: { tied.contains($0.word) && rows.received($0.row) != 0 }) {
      put(StreamKey.receipt) { tied.contains($0.word) ? rows.received($0.row) : 0 }
    }
    for (index, column) in rows.columns.enumerated() {
      rows.gather(column: index, into: gathered)
      put(column.streamName, gathered.packed(isNumber: column.type == .number))
    }
    for list in rows.lists {
      var items = ContextValues.Items()
      for place in rows.order {
        guard let found = list.items[place.row] else { continue }
        items.values += found.values
        items.presence += found.presence
      }
      Self.put(items, of: list.table, put)
    }
    try emitContext(of: rows.order.map { rows.context($0.row) }, hasLists: true, put)
  }

  /// Puts the columns of sets of context values, given by number; 0 is none.
  private mutating func emitContext(
    of numbers: [Int64], hasLists: Bool, _ put: (String, [UInt8]?) -> Void
  ) throws {
    guard let readers, var contexts = self.contexts else { return }
    // Out of the encoder while it grows, else each growth would copy it.
    self.contexts = nil
    defer { self.contexts = contexts }
    let places = try numbers.map { $0 == 0 ? -1 : try contexts.row(of: $0, readers) }
    for (index, column) in contexts.columns.enumerated() {
      contexts.gather(places, column: index, into: gathered)
      put(StreamKey.context(column.name), gathered.packed(isNumber: column.type == .number))
    }
    guard hasLists else { return }
    for (index, list) in contexts.lists.enumerated() {
      var items = ContextValues.Items()
      let found = places.map { $0 < 0 ? nil : contexts.items($0, index) }
      for one in found {
        items.values += one?.values ?? []
        items.presence += one?.presence ?? []
      }
      gathered.fill(found.count) { index, values, presence in
        values[index] = Int64(found[index]?.values.count ?? 0)
        presence[index] = found[index] != nil
      }
      put(StreamKey.context(list.column.name), gathered.packed(isNumber: false))
      Self.put(items, of: list.items, put)
    }
  }

  private static func put(
    _ items: ContextValues.Items, of table: StoredTable, _ put: (String, [UInt8]?) -> Void
  ) {
    for (index, column) in table.columns.enumerated() {
      let presence = items.presence.map { $0[index] }
      guard presence.contains(true) else { continue }
      put(
        StreamKey.item(table.name, column.name),
        PackedColumn.encode(
          items.values.map { $0[index] }, present: presence, isNumber: column.type == .number))
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
    guard let contextTable, contexts != nil, !loaded.isEmpty else { return }
    let (names, app) = (self.names, schema.number)
    var visits: [Visit] = []
    visits.reserveCapacity(loaded.reduce(0) { $0 + $1.count })
    for rows in loaded {
      for place in rows.order {
        visits.append(
          Visit(
            person: UInt64(rows.user(place.row)) << 1 | (rows.isEphemeral(place.row) ? 1 : 0),
            context: UInt64(bitPattern: rows.context(place.row))))
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
    func put(_ column: String, _ bytes: [UInt8]?) {
      guard let bytes else { return }
      let stream = names.number(of: StreamKey(app: app, table: contextTable.name, column: column))
      image.blobs[DayImage.BlobKey(stream: stream, part: part)] = bytes
    }
    let users = names.number(of: StreamKey(app: app, table: contextTable.name, column: StreamKey.user))
    register(users, rows: kept.count, part: part, in: &image)
    put(StreamKey.user, PackedColumn.encode(ascending: kept.map { Int64($0.person >> 1) }))
    if kept.contains(where: { $0.person & 1 != 0 }) {
      put(
        StreamKey.ephemeral,
        PackedColumn.encode(kept.map { Int64($0.person & 1) }, present: nil, isNumber: false))
    }
    put(StreamKey.weight, PackedColumn.encode(weights, present: nil, isNumber: false))
    try emitContext(of: kept.map { Int64(bitPattern: $0.context) }, hasLists: false, put)
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

import AvowStore
import AvowWire
import GRDB

/// Puts the events of one batch into the tables, inside the writer's transaction.
///
/// Values are bound where they lie in the batch; nothing here makes a `String` or an array for an event.
struct BatchWriter {
  private let batch: EventBatch
  let plan: CatalogPlan
  let app: AppWriter
  private let seen: SeenEvents
  private let marks: MarkWriter
  let scratch: Scratch
  var lastContext: (range: Range<Int>, code: Int64)?
  /// The day of the last events and how many of them the marks do not know yet.
  private var noted = (day: Int.min, rows: 0)
  /// Whether there are events that their keys do not show.
  private var mayBeSeen: Bool

  init(_ batch: EventBatch, plan: CatalogPlan, seen: SeenEvents, marks: MarkWriter, scratch: Scratch) {
    self.batch = batch
    self.plan = plan
    self.seen = seen
    self.marks = marks
    self.scratch = scratch
    app = plan.app
    mayBeSeen = seen.hasAny
  }

  /// Stores every entry and says what became of each.
  mutating func write() throws -> AppendResult {
    var outcomes: [AppendResult.Outcome] = []
    outcomes.reserveCapacity(batch.entries.count)
    try batch.bytes.withUnsafeBufferPointer { bytes in
      try batch.values.withUnsafeBufferPointer { values in
        try batch.items.withUnsafeBufferPointer { items in
          let source = Source(bytes: bytes, values: values, items: items)
          try batch.entries.withUnsafeBufferPointer { entries in
            let users = scratch.users(of: entries, app.users)
            for index in entries.indices {
              outcomes.append(try write(entries[index], user: users[index], source))
            }
          }
        }
      }
    }
    flushMarks()
    return AppendResult(outcomes: outcomes)
  }

  /// The batch's values, without the bounds and ownership checks of arrays.
  struct Source {
    let bytes: UnsafeBufferPointer<UInt8>
    let values: UnsafeBufferPointer<EventBatch.Slot>
    let items: UnsafeBufferPointer<EventBatch.Slot>

    @inline(__always)
    func text(_ slot: EventBatch.Slot) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: bytes[slot.range])
    }
  }

  // MARK: One event

  private mutating func write(
    _ entry: EventBatch.Entry, user: UInt32, _ source: Source
  ) throws -> AppendResult.Outcome {
    if user == Scratch.erased { return .erased }
    let event = plan.events[entry.event]
    let isUsable = RowKey.isUsable(entry.sentTime, received: batch.received)
    let keyTime = isUsable ? entry.sentTime : batch.received
    var key = RowKey.first(of: keyTime)
    if let id = entry.id {
      scratch.id.storeBytes(of: id.high.bigEndian, as: UInt64.self)
      scratch.id.storeBytes(of: id.low.bigEndian, toByteOffset: 8, as: UInt64.self)
      if try isKnown(id, entry.sentTime, isUsable: isUsable, event) { return .duplicate }
      if id.high < Self.places, try isPlace(id, keyTime, event) { return .duplicate }
      key |= RowKey.bits(of: id)
    } else {
      key |= scratch.place()
    }

    let context = try code(ofContext: entry.context, source)
    let insert = event.insert
    insert.clear()
    if entry.id != nil { insert.bind(2, blob: UnsafeRawBufferPointer(scratch.id)) }
    let time = RowKey.time(of: key)
    insert.bind(3, entry.time.milliseconds &- time)
    insert.bind(4, batch.received.milliseconds &- time)
    if user != Scratch.nobody { insert.bind(5, Int64(user)) }
    if let session = entry.session { insert.bind(6, Int64(session.high >> 16)) }
    if let context { insert.bind(7, context) }
    if entry.isEphemeral { insert.bind(8, Int64(1)) }
    if event.hasBeside {
      for index in entry.context {
        let slot = source.values[index]
        try bind(slot, event.beside[Int(slot.field)], to: insert, source)
      }
    }
    var hasItems = false
    for index in entry.properties {
      let slot = source.values[index]
      let place = event.places[Int(slot.field)]
      if place > 0 {
        try bind(slot, Int32(place >> 1), isText: place & 1 != 0, to: insert, source)
      } else {
        if slot.kind == .list || slot.kind == .records { hasItems = true }
        try bind(slot, event.properties[Int(slot.field)], to: insert, source)
      }
    }

    while true {
      insert.bind(1, key)
      if try insert.insert() { break }
      if entry.id != nil, try holds(event.idAtKey, key) { return .duplicate }
      key = RowKey.next(after: key)
    }
    let day = entry.time.day
    if day != noted.day { flushMarks() }
    noted = (day, noted.rows + 1)
    if let id = entry.id, !isUsable {
      try seen.add(
        app: app.schema.number, UnsafeRawBufferPointer(scratch.id), id, entry.sentTime,
        received: batch.received)
      mayBeSeen = true
    }
    if hasItems {
      for index in entry.properties {
        let slot = source.values[index]
        if case .items(_, let items) = event.properties[Int(slot.field)] {
          try write(slot, items, key: key, source)
        }
      }
    }
    return .stored
  }

  private mutating func flushMarks() {
    if noted.rows > 0 { marks.note(app: app.schema.number, day: noted.day, rows: noted.rows) }
    noted.rows = 0
  }

  /// Whether an event was stored under another key than the one it would get now.
  private func isKnown(
    _ id: Identifier128, _ sent: Timestamp, isUsable: Bool, _ event: CatalogPlan.EventPlan
  ) throws -> Bool {
    let bytes = UnsafeRawBufferPointer(scratch.id)
    if isUsable {
      guard mayBeSeen, seen.mayHold(id, sent) else { return false }
      return try seen.contains(app: app.schema.number, bytes, sent)
    }
    if try seen.contains(app: app.schema.number, bytes, sent) { return true }
    // It may have been plausible at the first try: a retry comes later, and 30 days can pass in between.
    guard sent.milliseconds != 0, sent < batch.received else { return false }
    var key = RowKey.first(of: sent) | RowKey.bits(of: id)
    while true {
      event.idAtKey.bind(1, key)
      defer { event.idAtKey.reset() }
      guard try event.idAtKey.step() else { return false }
      if event.idAtKey.blob(0).elementsEqual(bytes) { return true }
      key = RowKey.next(after: key)
    }
  }

  /// An event that came without an identifier is handed out under one made of its table and its key.
  private static let places: UInt64 = 1 << 16

  /// Whether this is such an identifier and the event is still there: an export that comes back.
  private func isPlace(
    _ id: Identifier128, _ time: Timestamp, _ event: CatalogPlan.EventPlan
  ) throws -> Bool {
    let key = Int64(bitPattern: id.low)
    guard RowKey.time(of: key) == time.milliseconds else { return false }
    event.idAtKey.bind(1, key)
    defer { event.idAtKey.reset() }
    return try event.idAtKey.step() && event.idAtKey.isNull(0)
  }

  private func holds(_ idAtKey: Statement, _ key: Int64) throws -> Bool {
    idAtKey.bind(1, key)
    defer { idAtKey.reset() }
    return try idAtKey.step() && idAtKey.blob(0).elementsEqual(UnsafeRawBufferPointer(scratch.id))
  }

  // MARK: Values

  @inline(__always)
  func bind(
    _ slot: EventBatch.Slot, _ target: CatalogPlan.Target, to statement: Statement, _ source: Source
  ) throws {
    switch target {
    case .scalar(let parameter, let isText):
      try bind(slot, parameter, isText: isText, to: statement, source)
    case .items(let parameter, let items):
      statement.bind(parameter, Int64(Self.count(of: slot, items, source)))
    case .nowhere, .beside: break
    }
  }

  @inline(__always)
  private func bind(
    _ slot: EventBatch.Slot, _ parameter: Int32, isText: Bool, to statement: Statement, _ source: Source
  ) throws {
    switch slot.kind {
    case .text: if isText { statement.bind(parameter, try app.code(of: source.text(slot))) }
    case .number: statement.bind(parameter, slot.number)
    case .integer, .boolean: if !isText { statement.bind(parameter, slot.integer) }
    case .list, .records: break
    }
  }

  /// How many items a list has. Records without a single cell count when a later one has some.
  private static func count(
    of slot: EventBatch.Slot, _ plan: CatalogPlan.ItemPlan, _ source: Source
  ) -> Int {
    guard plan.isRecords else { return min(slot.range.count, plan.limit) }
    var count = 0
    for index in slot.range where Int(source.items[index].row) < plan.limit {
      count = max(count, Int(source.items[index].row) + 1)
    }
    return count
  }

  func write(
    _ slot: EventBatch.Slot, _ plan: CatalogPlan.ItemPlan, key: Int64, _ source: Source
  ) throws {
    let range = slot.range
    let count = Self.count(of: slot, plan, source)
    let insert = plan.insert
    for row in 0..<count {
      insert.clear()
      insert.bind(1, key)
      insert.bind(2, Int64(row))
      if plan.isRecords {
        for index in range where Int(source.items[index].row) == row {
          let cell = source.items[index]
          try bind(cell, plan.columns[Int(cell.field)], to: insert, source)
        }
      } else {
        try bind(source.items[range.lowerBound + row], plan.columns[0], to: insert, source)
      }
      try insert.run()
    }
  }
}

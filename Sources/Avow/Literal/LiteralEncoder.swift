public import Synchronization

/// Writes an event that is given by names, each checked against the catalog.
@usableFromInline
struct LiteralEncoder {
  @usableFromInline var encoder: EventEncoder
  /// The event's fields; none when nobody declared it.
  @usableFromInline let fields: UnsafeMutableBufferPointer<LiteralTable.Entry>
  /// -1: nobody declared it.
  @usableFromInline let event: Int
  /// Where the next key is looked for first: literals mostly follow the catalog's order.
  @usableFromInline var next = 0
  /// Names that were not declared, values of another type.
  @usableFromInline var undeclared = 0

  // The spool is borrowed: counting references to it would be a good part of what a record costs.
  @inlinable @inline(__always)
  init(
    _ spool: borrowing Spool, _ name: StaticString, _ memory: UnsafeMutablePointer<UInt8>, capacity: Int
  ) {
    encoder = EventEncoder(memory, capacity: capacity)
    (event, fields) = spool.literalEvent(name)
    if event < 0 { undeclared = 1 }
    encoder.begin(event: event)
  }

  // The rest of the client is compiled for size.
  @usableFromInline @_optimize(speed)
  mutating func put(_ key: StaticString, _ value: TelemetryValue) {
    guard event >= 0 else { return }
    guard key.hasPointerRepresentation, let first = fields.baseAddress else {
      undeclared += 1
      return
    }
    let bytes = key.utf8Start
    let wanted = NameKey(bytes, count: key.utf8CodeUnitCount)
    let count = fields.count
    var index = next
    for _ in 0..<count {
      if index >= count { index = 0 }
      if first[index].name.equals(wanted, bytes) {
        next = index &+ 1
        write(value, first + index, index)
        return
      }
      index &+= 1
    }
    undeclared += 1
  }

  @inline(__always)
  private mutating func write(
    _ value: TelemetryValue, _ entry: UnsafeMutablePointer<LiteralTable.Entry>, _ field: Int
  ) {
    switch (entry.pointee.kind, value) {
    case (.boolean, .boolean(let flag)): encoder.boolean(flag, field: field)
    case (.integer, .integer(let number)):
      // Never above each other: the table sees to that.
      let range = ClosedRange(uncheckedBounds: (entry.pointee.low, entry.pointee.high))
      if entry.pointee.isBucketed {
        encoder.integer(number, field: field, in: range, bucket: entry.pointee.edges)
      } else {
        encoder.integer(number, field: field, in: range)
      }
    case (.number, .number(let number)): real(number, entry, field)
    case (.number, .integer(let number)): real(Double(number), entry, field)
    case (.text, .text(let text)):
      encoder.textInPlace(text, field: field, maxLength: entry.pointee.maxLength)
    case (.choice, .text(let text)): choice(text, entry, field)
    case (.version, .text(let text)):
      encoder.version(text, field: field, precision: entry.pointee.precision)
    default: undeclared += 1
    }
  }

  private mutating func real(
    _ number: Double, _ entry: UnsafeMutablePointer<LiteralTable.Entry>, _ field: Int
  ) {
    let range = ClosedRange(uncheckedBounds: (entry.pointee.least, entry.pointee.most))
    if entry.pointee.isBucketed {
      encoder.number(number, field: field, in: range, bucket: entry.pointee.bounds)
    } else {
      encoder.number(number, field: field, in: range)
    }
  }

  private mutating func choice(
    _ text: String, _ entry: UnsafeMutablePointer<LiteralTable.Entry>, _ field: Int
  ) {
    var text = text
    let choices = entry.pointee.choices
    let found = text.withUTF8 { utf8 -> Int in
      guard let bytes = utf8.baseAddress else { return -1 }
      let wanted = NameKey(bytes, count: utf8.count)
      for index in choices.indices where choices[index].equals(wanted, bytes) { return index }
      return -1
    }
    let place = found >= 0 ? found : entry.pointee.fallback
    if place >= 0 { encoder.choice(place, field: field) } else { undeclared += 1 }
  }
}

extension Telemetry {
  /// Records one event by its name, for programs without generated code.
  ///
  /// A name or a type that the catalog does not declare is left out and counted in `status`; it is never
  /// sent. Lists and records need the typed form.
  @inlinable
  public func record(_ name: StaticString, _ properties: TelemetryProperties = [:]) {
    guard spool.current.load(ordering: .relaxed) != 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { memory in
      guard let base = memory.baseAddress else { return }
      var literal = LiteralEncoder(
        spool, name, base.assumingMemoryBound(to: UInt8.self), capacity: 1024)
      properties.elements.withUnsafeBufferPointer { elements in
        for index in elements.indices { literal.put(elements[index].0, elements[index].1) }
      }
      spool.append(&literal)
    }
  }
}

extension Spool {
  /// The place of a declared event and its fields, -1 and none for another name.
  @usableFromInline
  func literalEvent(_ name: StaticString) -> (Int, UnsafeMutableBufferPointer<LiteralTable.Entry>) {
    // The table lives as long as the spool.
    withLiteralTable { table in
      let event =
        name.hasPointerRepresentation ? table.event(name.utf8Start, count: name.utf8CodeUnitCount) : -1
      return (event, event < 0 ? .init(start: nil, count: 0) : table.events[event].fields)
    }
  }

  /// Names and rules of the catalog, made when first asked for.
  @inline(__always)
  func withLiteralTable<Result>(_ body: (LiteralTable) -> Result) -> Result {
    if let table = literals.load(ordering: .acquiring) {
      return Unmanaged<LiteralTable>.fromOpaque(table)._withUnsafeGuaranteedRef(body)
    }
    return body(makeLiteralTable())
  }

  @inline(never)
  private func makeLiteralTable() -> LiteralTable {
    let table = LiteralTable(plan.catalog)
    let pointer = Unmanaged.passRetained(table).toOpaque()
    let (isMine, other) = literals.compareExchange(
      expected: nil, desired: pointer, ordering: .acquiringAndReleasing)
    guard !isMine, let other else { return table }
    Unmanaged<LiteralTable>.fromOpaque(pointer).release()
    return Unmanaged<LiteralTable>.fromOpaque(other).takeUnretainedValue()
  }

  @usableFromInline
  func append(_ literal: inout LiteralEncoder) {
    if literal.undeclared > 0 { undeclared.wrappingAdd(literal.undeclared, ordering: .relaxed) }
    guard literal.event >= 0 else { return }
    if literal.encoder.overflowed { literal.encoder.trimmed += 1 }
    append(&literal.encoder)
  }
}

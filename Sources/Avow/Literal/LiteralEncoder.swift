public import Synchronization

/// Writes an event that is given by names, each checked against the catalog.
@usableFromInline
struct LiteralEncoder {
  @usableFromInline var encoder: EventEncoder
  private var fields = UnsafeMutableBufferPointer<LiteralTable.Entry>(start: nil, count: 0)
  /// -1: nobody declared it.
  @usableFromInline let event: Int
  /// Where the next key is looked for first: literals mostly follow the catalog's order.
  private var next = 0
  /// Names that were not declared, values of another type.
  @usableFromInline var undeclared = 0

  @usableFromInline
  init(
    // Borrowed: counting references to it would be a good part of what a record costs.
    _ spool: borrowing Spool, _ name: StaticString, _ memory: UnsafeMutablePointer<UInt8>, capacity: Int
  ) {
    encoder = EventEncoder(memory, capacity: capacity)
    // The table lives as long as the spool.
    (event, fields) = spool.withLiteralTable { table in
      let event =
        name.hasPointerRepresentation ? table.event(name.utf8Start, count: name.utf8CodeUnitCount) : -1
      return (event, event < 0 ? .init(start: nil, count: 0) : table.events[event].fields)
    }
    if event < 0 { undeclared = 1 }
    encoder.begin(event: max(0, event))
  }

  @usableFromInline
  mutating func put(_ key: StaticString, _ value: TelemetryValue) {
    guard event >= 0 else { return }
    guard key.hasPointerRepresentation, !fields.isEmpty else {
      undeclared += 1
      return
    }
    let bytes = key.utf8Start
    let wanted = NameKey(bytes, count: key.utf8CodeUnitCount)
    var index = next
    for _ in 0..<fields.count {
      if index >= fields.count { index = 0 }
      if fields[index].name.equals(wanted, bytes) {
        next = index + 1
        write(value, fields, index)
        return
      }
      index += 1
    }
    undeclared += 1
  }

  @inline(__always)
  private mutating func write(
    _ value: TelemetryValue, _ fields: UnsafeMutableBufferPointer<LiteralTable.Entry>, _ field: Int
  ) {
    switch (fields[field].kind, value) {
    case (.boolean, .boolean(let flag)): encoder.boolean(flag, field: field)
    case (.integer, .integer(let number)):
      let range = fields[field].low...max(fields[field].low, fields[field].high)
      if fields[field].edges.isEmpty {
        encoder.integer(number, field: field, in: range)
      } else {
        encoder.integer(number, field: field, in: range, bucket: fields[field].edges)
      }
    case (.number, .number(let number)): real(number, fields, field)
    case (.number, .integer(let number)): real(Double(number), fields, field)
    case (.text, .text(let text)): encoder.text(text, field: field, maxLength: fields[field].maxLength)
    case (.choice, .text(let text)): choice(text, fields, field)
    case (.version, .text(let text)):
      encoder.version(text, field: field, precision: fields[field].precision)
    default: undeclared += 1
    }
  }

  @inline(__always)
  private mutating func real(
    _ number: Double, _ fields: UnsafeMutableBufferPointer<LiteralTable.Entry>, _ field: Int
  ) {
    let range = fields[field].least...max(fields[field].least, fields[field].most)
    if fields[field].bounds.isEmpty {
      encoder.number(number, field: field, in: range)
    } else {
      encoder.number(number, field: field, in: range, bucket: fields[field].bounds)
    }
  }

  @inline(__always)
  private mutating func choice(
    _ text: String, _ fields: UnsafeMutableBufferPointer<LiteralTable.Entry>, _ field: Int
  ) {
    var text = text
    let choices = fields[field].choices
    let found = text.withUTF8 { utf8 -> Int in
      guard let bytes = utf8.baseAddress else { return -1 }
      let wanted = NameKey(bytes, count: utf8.count)
      for index in choices.indices where choices[index].equals(wanted, bytes) { return index }
      return -1
    }
    let place = found >= 0 ? found : fields[field].fallback
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

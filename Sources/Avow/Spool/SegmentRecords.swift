import CAvowShims

/// Reads the records of a segment.
///
/// A live segment is read up to the first place where a record is not yet written. One that a dead
/// process left is read to its end: what is torn or damaged is skipped, word by word, until the
/// generation shows the next whole record.
struct SegmentRecords {
  struct Run {
    var events: [EventReport.Event] = []
    /// Where to go on.
    var end: Int
    /// Whether there may be more after `end`.
    var hasMore = false
    /// Whole records, also those whose values could not be read or are declared no more.
    var count = 0
  }

  let header: SegmentHeader
  let schema: SegmentSchema
  /// The sending program's own catalog; `nil` when the records were written under it.
  var declared: Catalog?

  /// Reads at most `limit` events from the place `start`.
  func read(
    _ memory: UnsafeRawBufferPointer, from start: Int, limit: Int, isDead: Bool, decode: Bool = true
  ) -> Run {
    var offset = max(start, header.recordsOffset) & ~7
    var run = Run(end: offset)
    guard let base = memory.baseAddress else { return run }
    let sealed = avow_load_acquire(base + SegmentLayout.sealedOffset)
    let bound = sealed > 0 && sealed < UInt64(memory.count) ? Int(sealed) : memory.count
    while offset + 16 <= bound {
      if run.count >= limit {
        run.hasMore = true
        break
      }
      let word = avow_load_acquire(base + offset)
      if let record = record(word, base, offset, bound) {
        if decode, let event = event(record, number: UInt32(offset / 8)) { run.events.append(event) }
        run.count += 1
        offset += SegmentLayout.size(count: record.values.count, hasUptime: header.uptimeField != nil)
        run.end = offset
      } else if isDead {
        offset += 8
      } else {
        break
      }
    }
    if isDead, !run.hasMore { run.end = bound }
    return run
  }

  private struct Record {
    var head: UInt64
    var uptime: UInt64
    var values: UnsafeRawBufferPointer
  }

  private func record(_ word: UInt64, _ base: UnsafeRawPointer, _ offset: Int, _ bound: Int) -> Record? {
    guard SegmentLayout.isOf(header.generation, word) else { return nil }
    let count = Int(UInt16(truncatingIfNeeded: word))
    let hasUptime = header.uptimeField != nil
    let size = SegmentLayout.size(count: count, hasUptime: hasUptime)
    guard offset + size <= bound else { return nil }
    var sum: UInt64 = 0
    for index in 0..<(size / 8 - 1) {
      sum &+= SegmentLayout.mix(base.load(fromByteOffset: offset + 8 + index * 8, as: UInt64.self), index)
    }
    guard word == SegmentLayout.word(generation: header.generation, sum: sum, count: count) else {
      return nil
    }
    return Record(
      head: base.load(fromByteOffset: offset + 8, as: UInt64.self),
      uptime: hasUptime ? base.load(fromByteOffset: offset + 16, as: UInt64.self) : 0,
      values: UnsafeRawBufferPointer(start: base + offset + (hasUptime ? 24 : 16), count: count))
  }

  private func event(_ record: Record, number: UInt32) -> EventReport.Event? {
    let index = Int(record.head >> 48)
    guard schema.events.indices.contains(index) else { return nil }
    let declaration = schema.events[index]
    guard var properties = ValueReader.members(record.values, declaration.properties) else { return nil }
    if let declared {
      guard let known = declared.event(named: declaration.name) else { return nil }
      properties.removeAll { !known.declares($0.name) }
    }
    var event = EventReport.Event(
      number: number, name: declaration.name,
      time: Timestamp(milliseconds: Int64(record.head & 0xFFFF_FFFF_FFFF)), properties: properties)
    if let field = header.uptimeField, schema.context.indices.contains(field),
      let seconds = Int64(exactly: record.uptime)
    {
      let name = schema.context[field].name
      if declared?.declares(name) ?? true { event.context = [.init(name, .integer(seconds))] }
    }
    return event
  }

  /// Returns the event that says what a dead process counted; its number is the cell's place, which no record
  /// has.
  func event(of left: (slot: Int, event: Int, count: Int64), in run: Run) -> EventReport.Event? {
    let declaration = schema.events[left.event]
    guard let property = declaration.properties.first, declaration.properties.count == 1,
      declared?.event(named: declaration.name)?.declares(property.name) ?? true
    else { return nil }
    return EventReport.Event(
      number: UInt32(SegmentLayout.cell(left.slot) / 8), name: declaration.name,
      time: run.events.last?.time ?? Timestamp(milliseconds: header.created),
      properties: [.init(property.name, .integer(left.count))])
  }

  /// Returns the context common to the records.
  func context() -> [EventReport.Member] {
    let members = header.context.withUnsafeBytes { ValueReader.members($0, schema.context) } ?? []
    guard let declared else { return members }
    return members.filter { declared.declares($0.name) }
  }
}

extension Catalog {
  /// Whether the context has a field of this name.
  fileprivate func declares(_ name: String) -> Bool { context.contains { $0.name == name } }
}

extension EventDeclaration {
  fileprivate func declares(_ name: String) -> Bool { properties.contains { $0.name == name } }
}

@_spi(AvowCollector) import AvowWire

extension BatchWriter {
  /// Returns the number of the set of context values in `range`, `nil` when there are none.
  mutating func code(ofContext range: Range<Int>, _ source: Source) throws -> Int64? {
    if range.isEmpty { return nil }
    if let lastContext, lastContext.range == range { return lastContext.code }
    let code = try withUnsafeTemporaryAllocation(of: Int.self, capacity: range.count) { order -> Int64? in
      let count = sort(range, into: order, source)
      if count == 0 { return nil }
      let set = UnsafeBufferPointer(rebasing: order[..<count])
      let digest = describe(set, source)
      let code = try app.contexts.number(of: digest) ?? store(contextAt: set, digest, source)
      app.note(context: code)
      return code
    }
    if let code { lastContext = (range, code) }
    return code
  }

  /// Puts the places of the values that belong into a set in the order of their fields: the same set in
  /// another order is the same set. Returns how many there are.
  private func sort(
    _ range: Range<Int>, into order: UnsafeMutableBufferPointer<Int>, _ source: Source
  ) -> Int {
    var count = 0
    for index in range {
      let field = source.values[index].field
      switch plan.context[Int(field)] {
      case .nowhere, .beside: continue
      case .scalar, .items: break
      }
      // They come in order as a rule.
      var place = count
      while place > 0, source.values[order[place - 1]].field > field {
        order[place] = order[place - 1]
        place -= 1
      }
      order[place] = index
      count += 1
    }
    return count
  }

  // MARK: What identifies a set

  /// Hashes names and values as they came: a set that is known costs no look-up of its texts.
  private func describe(_ set: UnsafeBufferPointer<Int>, _ source: Source) -> Identifier128 {
    var size = 0
    for index in set { size += Self.size(of: source.values[index], source) }
    let room = scratch.room(for: size)
    var end = room
    for index in set {
      let slot = source.values[index]
      let field = Int(slot.field)
      write(slot, name: plan.contextNames[field], to: &end, source)
      guard case .items(_, let items) = plan.context[field] else { continue }
      for item in source.items[slot.range] {
        write(item, name: items.isRecords ? items.names[Int(item.field)] : 0, to: &end, source)
      }
    }
    return ContextMap.digest(of: UnsafeRawBufferPointer(start: room, count: end - room))
  }

  private static func size(of slot: EventBatch.Slot, _ source: Source) -> Int {
    switch slot.kind {
    case .text: 24 + slot.range.count
    case .list, .records: source.items[slot.range].reduce(24) { $0 + size(of: $1, source) }
    case .boolean, .integer, .number: 24
    }
  }

  private func write(
    _ slot: EventBatch.Slot, name: UInt64, to end: inout UnsafeMutableRawPointer, _ source: Source
  ) {
    end.storeBytes(of: name.littleEndian, as: UInt64.self)
    end.storeBytes(
      of: (UInt64(slot.kind.rawValue) << 32 | UInt64(slot.row)).littleEndian, toByteOffset: 8, as: UInt64.self
    )
    var payload = slot.payload
    if slot.kind == .list || slot.kind == .records || slot.kind == .text { payload &= 0xFFFF_FFFF }
    end.storeBytes(of: payload.littleEndian, toByteOffset: 16, as: UInt64.self)
    end += 24
    guard slot.kind == .text else { return }
    let text = source.text(slot)
    guard let base = text.baseAddress, !text.isEmpty else { return }
    end.copyMemory(from: base, byteCount: text.count)
    end += text.count
  }

  // MARK: A new set

  private func store(
    contextAt set: UnsafeBufferPointer<Int>, _ digest: Identifier128, _ source: Source
  ) throws -> Int64 {
    let code = app.contexts.add(digest)
    let insert = plan.insertContext
    insert.clear()
    insert.bind(1, code)
    insert.bind(2, blob: scratch.digest(digest))
    for index in set {
      let slot = source.values[index]
      try bind(slot, plan.context[Int(slot.field)], to: insert, source)
    }
    try insert.run()
    for index in set {
      let slot = source.values[index]
      if case .items(_, let items) = plan.context[Int(slot.field)] {
        try write(slot, items, key: code, source)
      }
    }
    return code
  }
}

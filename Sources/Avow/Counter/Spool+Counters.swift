import CAvowShims
import Synchronization

/// Counting: a cell for each counter in the mapped segment, two words that only ever grow: what was counted,
/// and how much of that went into an event.
///
/// A segment that is used again keeps its cells, so a thread that looked at it a moment ago loses nothing.
extension Spool {
  @usableFromInline
  func count(_ slot: Int, _ amount: Int) {
    guard amount > 0, slot < plan.counters.count else { return }
    if isMuting, plan.muting.events.contains(plan.counters[slot]) { return }
    var word = current.load(ordering: .acquiring)
    for _ in 0..<8 {
      if word > 1, let base = UnsafeMutableRawPointer(bitPattern: word & ~4095) {
        _ = avow_fetch_add(base + SegmentLayout.cell(slot), UInt64(amount))
        return
      }
      guard word != 0 else { return }
      word = rotate(from: word)
    }
    countOneLost()
  }

  /// Makes one event of what each counter counted since the last time.
  func drainCounters() {
    guard !plan.counters.isEmpty else { return }
    var sums = [UInt64](repeating: 0, count: plan.counters.count)
    monitor.withLock {
      for segment in state.all {
        for slot in sums.indices { sums[slot] &+= segment.takeCount(slot) }
      }
    }
    recordTimings(sums)
    for (slot, sum) in sums.prefix(plan.counterCount).enumerated() where sum > 0 {
      withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { memory in
        guard let base = memory.baseAddress else { return }
        var encoder = EventEncoder(base.assumingMemoryBound(to: UInt8.self), capacity: 64)
        encoder.begin(event: plan.counters[slot])
        encoder.integer(Int(clamping: sum), field: 0, in: Int.min...Int.max)
        append(&encoder)
      }
    }
  }

  /// With the lock held: what was counted under another mode is no part of this one.
  func dropCounts() {
    guard state.current != nil || !state.sealed.isEmpty || !state.free.isEmpty else { return }
    for segment in state.all {
      for slot in plan.counters.indices { _ = segment.takeCount(slot) }
    }
  }
}

extension Spool.State {
  /// All segments of this process.
  var all: [Segment] { [current, next].compactMap { $0 } + sealed + free }
}

extension Segment {
  /// What a counter counted since the last time; at most once, also when the process is killed here.
  func takeCount(_ slot: Int) -> UInt64 {
    let cell = base + SegmentLayout.cell(slot)
    let counted = avow_load_acquire(cell)
    let taken = avow_load_acquire(cell + 8)
    guard counted > taken else { return 0 }
    avow_store_release(cell + 8, counted)
    return counted - taken
  }

  /// What a dead process counted and made no event of; damage must not pass for a great number.
  func leftCounts(_ header: SegmentHeader, _ schema: SegmentSchema) -> [(slot: Int, event: Int, count: Int64)]
  {
    guard header.counterCount == schema.counters.count else { return [] }
    return schema.counters.enumerated().compactMap { slot, event in
      let cell = base + SegmentLayout.cell(slot)
      let counted = avow_load_acquire(cell)
      let taken = avow_load_acquire(cell + 8)
      guard counted > taken, counted - taken <= 1 << 40, schema.events.indices.contains(event) else {
        return nil
      }
      return (slot, event, Int64(counted - taken))
    }
  }
}

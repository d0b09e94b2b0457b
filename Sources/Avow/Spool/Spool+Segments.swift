import CAvowShims
import Synchronization

/// Making, beginning and giving back segments; all with the lock held.
extension Spool {
  /// The pseudonym events recorded now carry.
  func user(at time: Timestamp) -> Identifier128? {
    switch plan.identity.user {
    case .installation: state.pseudonyms?.user(plan.identity.rotate, at: time) ?? state.processUser
    case .process: state.processUser
    case .none: nil
    }
  }

  /// Whether a user identifier means nothing beyond this run although it should.
  var isEphemeral: Bool { plan.identity.user == .installation && state.pseudonyms == nil }

  /// Puts a fresh segment in place of the current one and returns its word; 0 when telemetry is off, 1 when
  /// no segment can be had.
  func install() -> UInt {
    guard state.mode > .disabled else { return 0 }
    retireCurrent()
    guard let segment = take() else {
      current.store(1, ordering: .releasing)
      return 1
    }
    let now = clock.now
    state.period = Pseudonyms.period(plan.identity.rotate, of: now)
    let random = Randomness.identifier()
    let header = SegmentHeader(
      identifier: SegmentIdentifier(high: random.high, low: UInt32(truncatingIfNeeded: random.low)),
      generation: UInt32(truncatingIfNeeded: random.low >> 32) | 1, mode: state.mode, epoch: state.epoch,
      user: user(at: now), session: state.session, isEphemeral: isEphemeral, lost: state.lost,
      created: now.milliseconds,
      plan: plan, context: state.context)
    guard header.recordsOffset * 2 < segment.capacity else {
      // A catalog larger than its segment: the next one is made to fit.
      segment.unlink()
      state.retired.append(segment)
      state.problem = "the catalog's names need more room than a segment has"
      current.store(1, ordering: .releasing)
      return 1
    }
    state.lost = 0
    segment.header = header
    header.write(to: segment.base)
    state.current = segment
    current.store(segment.word, ordering: .releasing)
    return segment.word
  }

  /// Takes no more records in the current segment; the next one begins a new segment.
  func retireCurrent() {
    guard let segment = state.current else { return }
    segment.seal()
    state.current = nil
    state.sealed.append(segment)
    current.store(state.mode == .disabled ? 0 : 1, ordering: .releasing)
  }

  /// Has the next segment ready once the current one is half full, or at once in a burst.
  func prepareNext() -> Segment? {
    guard state.mode > .disabled, state.next == nil, state.free.isEmpty, let current = state.current,
      current.reserved > current.capacity / 2 || !state.sealed.isEmpty
    else { return nil }
    state.next = make()
    return state.next
  }

  private var wantedCapacity: Int {
    let header = SegmentLayout.cell(plan.counters.count) + plan.schemaBytes.count + state.context.count
    let isFirst = state.current == nil && state.sealed.isEmpty && state.free.isEmpty && state.next == nil
    var capacity = isFirst ? plan.firstCapacity : Self.segmentSize
    while capacity < header * 4, capacity < Self.largestSegment { capacity *= 2 }
    return capacity
  }

  private func take() -> Segment? {
    if let next = state.next {
      state.next = nil
      return next
    }
    return state.free.popLast() ?? make() ?? recycleOldest()
  }

  private func make() -> Segment? {
    let capacity = wantedCapacity
    if let folder = state.folder {
      // Looking costs system calls, and this may be a recording thread.
      if let until = state.fullUntil {
        guard clock.elapsed >= until else { return nil }
        state.fullUntil = nil
      }
      // Segments of whatever process count.
      while folder.length + capacity > Self.bound {
        // The oldest goes first, and what dead processes left is older than anything of ours.
        guard let oldest = state.adopted.isEmpty ? oldestUnlocked(folder) : state.adopted.removeFirst()
        else {
          state.fullUntil = clock.elapsed + .seconds(1)
          return nil
        }
        countLost(undelivered(oldest))
        oldest.unlink()
      }
      if let segment = Segment.create(in: folder, capacity: capacity) {
        state.problem = nil
        return segment
      }
      state.problem = "the disk has no room"
    }
    let own = [state.current, state.next].compactMap { $0 } + state.sealed + state.free
    let inMemory = own.lazy.filter { $0.name == nil }.reduce(0) { $0 + $1.capacity }
    return inMemory + capacity <= Self.memoryBound ? Segment.inMemory(capacity: capacity) : nil
  }

  /// What the longest-dead process left; also what is only for the user's eyes, and never sent.
  private func oldestUnlocked(_ folder: StateDirectory) -> Segment? {
    // Names begin with the time of their making.
    folder.names.lazy.filter { $0.hasSuffix(Segment.suffix) }
      .compactMap { Segment.adopt($0, in: folder) }.first
  }

  private func recycleOldest() -> Segment? {
    guard !state.sealed.isEmpty else { return nil }
    let oldest = state.sealed.removeFirst()
    countLost(undelivered(oldest))
    oldest.invalidate()
    return oldest
  }

  /// How many events of a segment nobody has delivered; what was not to be sent does not count.
  func undelivered(_ segment: Segment) -> UInt64 {
    guard let header = segment.header, header.mode == .enabled,
      let schema = header.schema.withUnsafeBytes({ SegmentSchema(reading: $0) })
    else { return 0 }
    let run = SegmentRecords(header: header, schema: schema, declared: nil)
      .read(segment.bytes, from: segment.delivered, limit: .max, isDead: true, decode: false)
    return UInt64(run.count)
  }

  /// Gives a delivered segment back for use.
  func recycle(_ segment: Segment) {
    if let index = state.sealed.firstIndex(where: { $0 === segment }) {
      state.sealed.remove(at: index)
      segment.invalidate()
      state.free.append(segment)
    } else if let index = state.adopted.firstIndex(where: { $0 === segment }) {
      state.adopted.remove(at: index)
      segment.unlink()
    }
  }
}

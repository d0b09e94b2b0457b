import Synchronization

/// What the sender asks of the spool.
extension Spool {
  /// Events of one segment, ready to be sent.
  struct Batch {
    var segment: Segment
    var generation: UInt32
    var end: Int
    var report: EventReport
    /// Cells of a dead process's counters that are part of it.
    var slots: [Int] = []
  }

  /// Takes over what dead processes left.
  func adopt() {
    let folder = monitor.withLock { state.folder }
    guard let folder else { return }
    for name in folder.names {
      guard name.hasSuffix(Segment.suffix), let segment = Segment.adopt(name, in: folder) else { continue }
      // No header: nothing was in it, or it is damaged beyond use.
      guard let header = segment.header, header.mode != .disabled else {
        segment.unlink()
        continue
      }
      monitor.withLock {
        // Recorded before the user said no, or said nothing is to be sent, whatever he says now.
        if header.epoch != state.epoch {
          segment.unlink()
        } else if state.mode > .disabled, header.mode == .enabled {
          state.adopted.append(segment)
        }
      }
    }
  }

  private struct Source {
    var segment: Segment
    var header: SegmentHeader
    var isDead: Bool
  }

  /// With the lock held.
  @inline(never)
  private var sources: [Source] {
    let own = state.sealed + [state.current].compactMap { $0 }
    return state.adopted.compactMap { segment in
      segment.header.map { Source(segment: segment, header: $0, isDead: true) }
    }
      + own.compactMap { segment in segment.header.map { Source(segment: segment, header: $0, isDead: false) }
      }
  }

  /// Returns what is to be sent next, oldest first, at most `limit` events; `nil` when there is nothing.
  func nextBatch(limit: Int) -> Batch? {
    let found = monitor.withLock { state.mode == .enabled ? sources : [] }
    for source in found {
      let segment = source.segment
      guard source.header.mode == .enabled else { continue }
      guard let records = records(of: source.header) else {
        monitor.withLock { recycle(segment) }
        continue
      }
      let start = segment.delivered
      let batch = batch(source, records, from: start, limit: limit)
      guard batch.report.events.isEmpty else { return batch }
      if batch.end > start { acknowledge(segment, source.header.generation, end: batch.end) }
      monitor.withLock { recycleIfDelivered(segment, isDead: source.isDead) }
    }
    return nil
  }

  /// Returns all that waits, in the order it would be sent, for the user's eyes; nothing changes by it.
  ///
  /// While telemetry is local that is what was recorded on this machine and is not sent.
  func waiting(limit: Int) -> [Batch] {
    let (mode, epoch, folder, own) = monitor.withLock { (state.mode, state.epoch, state.folder, sources) }
    guard mode > .disabled else { return [] }
    var found = own
    if mode == .local, let folder {
      // Locked while they are read; what is not to be sent is not taken over for good.
      let dead = folder.names.filter { $0.hasSuffix(Segment.suffix) }
        .compactMap { Segment.adopt($0, in: folder) }
      found =
        dead.compactMap { segment in
          segment.header.flatMap {
            $0.epoch == epoch ? Source(segment: segment, header: $0, isDead: true) : nil
          }
        } + own
    }
    var batches: [Batch] = []
    for source in found where source.header.mode == mode {
      guard let records = records(of: source.header) else { continue }
      var start = source.segment.delivered
      while true {
        var next = batch(source, records, from: start, limit: limit)
        // What a dead process counted belongs to its first batch.
        if start != source.segment.delivered {
          let cells = Set(next.slots.map { UInt32(SegmentLayout.cell($0) / 8) })
          next.report.events.removeAll { cells.contains($0.number) }
        }
        guard !next.report.events.isEmpty else { break }
        batches.append(next)
        guard next.end > start else { break }
        start = next.end
      }
    }
    return batches
  }

  @inline(never)
  private func batch(_ source: Source, _ records: SegmentRecords, from start: Int, limit: Int) -> Batch {
    let (segment, header) = (source.segment, source.header)
    var run = records.read(segment.bytes, from: start, limit: limit, isDead: source.isDead)
    let left = source.isDead ? segment.leftCounts(header, records.schema) : []
    let timings = timingEvents(of: left, records, in: run)
    for count in left { if let event = records.event(of: count, in: run) { run.events.append(event) } }
    run.events += timings
    let report = EventReport(
      app: plan.app, catalogVersion: header.catalogVersion, catalogDigest: hexadecimal(header.digest),
      segment: header.identifier, user: header.user, session: header.session,
      isEphemeral: header.isEphemeral, lost: start <= header.recordsOffset ? Int(clamping: header.lost) : 0,
      context: records.context(), events: run.events)
    return Batch(
      segment: segment, generation: header.generation, end: run.end, report: report, slots: left.map(\.slot))
  }

  /// Whether a batch's events are still there and still to be sent.
  func holds(_ batch: Batch) -> Bool {
    monitor.withLock {
      guard state.mode == .enabled, batch.segment.header?.generation == batch.generation else { return false }
      return state.current === batch.segment || state.sealed.contains { $0 === batch.segment }
        || state.adopted.contains { $0 === batch.segment }
    }
  }

  /// Marks a batch as delivered (or refused for good).
  func acknowledge(_ batch: Batch) {
    for slot in batch.slots { _ = batch.segment.takeCount(slot) }
    acknowledge(batch.segment, batch.generation, end: batch.end)
    monitor.withLock {
      recycleIfDelivered(batch.segment, isDead: state.adopted.contains { $0 === batch.segment })
    }
  }

  private func acknowledge(_ segment: Segment, _ generation: UInt32, end: Int) {
    monitor.withLock {
      // Under pressure the segment may have been dropped and begun anew meanwhile.
      guard segment.header?.generation == generation, end > segment.delivered else { return }
      segment.delivered = end
    }
  }

  @inline(never)
  private func recycleIfDelivered(_ segment: Segment, isDead: Bool) {
    guard segment !== state.current else { return }
    if segment.isDelivered || (isDead && segment.delivered >= segment.capacity) { recycle(segment) }
  }

  @inline(never)
  private func records(of header: SegmentHeader) -> SegmentRecords? {
    guard let schema = header.schema.withUnsafeBytes({ SegmentSchema(reading: $0) }) else { return nil }
    if header.digest == plan.digest, header.schema == plan.schemaBytes {
      return SegmentRecords(header: header, schema: schema, declared: nil)
    }
    // Another build's: its names, but only what this build still declares.
    guard schema.app == plan.app else { return nil }
    return SegmentRecords(header: header, schema: schema, declared: plan.catalog)
  }

  /// Begins a new segment when the pseudonym's period is over.
  func rotateUser() {
    monitor.withLock {
      guard state.current != nil, plan.identity.rotate != .never,
        Pseudonyms.period(plan.identity.rotate, of: clock.now) != state.period
      else { return }
      retireCurrent()
    }
  }

  /// Changes what happens to what is recorded from now on.
  ///
  /// Going to `disabled` wipes what this process has spooled, and so does another `epoch`: the user said no
  /// in between. What was recorded under another mode is never sent under this one.
  func setMode(_ mode: TelemetryMode, epoch: UInt32) {
    monitor.withLock {
      let isNewEpoch = epoch != state.epoch
      guard mode != state.mode || isNewEpoch else { return }
      dropCounts()
      state.mode = mode
      state.epoch = epoch
      retireCurrent()
      if mode == .disabled || isNewEpoch { wipeOwn() }
      current.store(mode == .disabled ? 0 : 1, ordering: .releasing)
    }
  }

  /// With the lock held: takes away every file of this process, those in which nothing waits included.
  private func wipeOwn() {
    let own = state.sealed + state.free + [state.next].compactMap { $0 }
    for segment in own + state.adopted {
      segment.invalidate()
      segment.unlink()
    }
    state.retired += own
    state.sealed = []
    state.free = []
    state.next = nil
    state.adopted = []
  }

  static func wipe(_ folder: StateDirectory) {
    for name in folder.names where name.hasSuffix(Segment.suffix) {
      if let segment = Segment.adopt(name, in: folder) { segment.unlink() }
    }
  }
}

import CAvowShims

/// Timing: a run of counters' cells for each timing, one for each bucket, after the counters' own.
extension Spool {
  /// The machine's clock, which never goes back and stands while the machine sleeps.
  @usableFromInline
  static var nanoseconds: Int64 { avow_clock_nanoseconds() }

  @usableFromInline
  func time(_ timing: Int, _ nanoseconds: Int64) {
    count(plan.firstTimingCell &+ timing &* TimingScale.count &+ TimingScale.bucket(of: nanoseconds), 1)
  }

  /// Makes one event of what each timing measured since the last time.
  func recordTimings(_ sums: [UInt64]) {
    for run in SpoolPlan.timingRuns(of: plan.counters, from: plan.firstTimingCell) {
      let counts = Array(sums[run])
      let total = counts.reduce(0, &+)
      let event = plan.counters[run.lowerBound]
      guard total > 0, let timing = plan.catalog.events[event].timing else { continue }
      let capacity = 64 + timing.maxItems * 12
      withUnsafeTemporaryAllocation(byteCount: (capacity + 7) & ~7, alignment: 8) { memory in
        guard let base = memory.baseAddress else { return }
        var encoder = EventEncoder(base.assumingMemoryBound(to: UInt8.self), capacity: memory.count)
        encoder.begin(event: event)
        encoder.integer(Int(clamping: total), field: timing.count, in: 0...Int.max)
        let values = timing.values(of: counts)
        _ = encoder.beginList(field: timing.values, count: values.count, maxItems: timing.maxItems)
        for value in values { encoder.number(value, field: 0, in: timing.range) }
        encoder.endList()
        append(&encoder)
      }
    }
  }

  /// Returns the events that say what a dead process measured; its cells are among those counted and left.
  func timingEvents(
    of left: [(slot: Int, event: Int, count: Int64)], _ records: SegmentRecords, in run: SegmentRecords.Run
  ) -> [EventReport.Event] {
    let cells = records.schema.counters
    let first = cells.indices.first { $0 + 1 < cells.count && cells[$0] == cells[$0 + 1] } ?? cells.count
    return SpoolPlan.timingRuns(of: cells, from: first).compactMap { range in
      let found = left.filter { range.contains($0.slot) }
      guard let slot = found.first?.slot, range.count == TimingScale.count else { return nil }
      let name = records.schema.events[cells[range.lowerBound]].name
      // Another build may have declared it otherwise; what is sent is what this one declares.
      guard let declaration = plan.catalog.event(named: name), let timing = declaration.timing else {
        return nil
      }
      var counts = [UInt64](repeating: 0, count: TimingScale.count)
      for cell in found { counts[cell.slot - range.lowerBound] = UInt64(cell.count) }
      let values = JSONValue.array(timing.values(of: counts).map(JSONValue.number))
      let count = EventReport.Member("count", .integer(Int64(clamping: counts.reduce(0, &+))))
      let times = EventReport.Member(declaration.properties[timing.values].name, values)
      return EventReport.Event(
        number: UInt32(SegmentLayout.cell(slot) / 8), name: name,
        time: run.events.last?.time ?? Timestamp(milliseconds: records.header.created),
        properties: timing.count < timing.values ? [count, times] : [times, count])
    }
  }
}

extension SpoolPlan {
  /// The cells of a catalog's counters, then those of its timings, each by its event.
  static func cells(of catalog: Catalog) -> (events: [Int], counterCount: Int) {
    var events = Array(catalog.counters.prefix(SegmentLayout.maxCounters))
    let counterCount = events.count
    for event in catalog.timings.prefix(SegmentLayout.maxTimings) {
      events.append(contentsOf: repeatElement(event, count: TimingScale.count))
    }
    return (events, counterCount)
  }

  /// The runs of cells that belong to one event each.
  static func timingRuns(of cells: [Int], from first: Int) -> [Range<Int>] {
    stride(from: first, to: cells.count, by: TimingScale.count).map {
      $0..<min($0 + TimingScale.count, cells.count)
    }
  }

  /// Where the timings' cells begin: one event has many, a counter one.
  var firstTimingCell: Int { counterCount }
}

extension EventDeclaration.Timing {
  /// The counted times in the declared unit, at most as many as the list may hold; what the catalog does not
  /// take is left out.
  func values(of counts: [UInt64]) -> [Double] {
    TimingScale.sample(counts, limit: maxItems).flatMap { bucket, times -> [Double] in
      var value = Double(TimingScale.nanoseconds(of: bucket)) / Double(nanoseconds)
      if !self.bucket.isEmpty {
        guard let edge = self.bucket.last(where: { $0 <= value }) else { return [] }
        value = edge
      }
      return range.contains(value) ? [Double](repeating: value, count: times) : []
    }
  }
}

public import AvowStore
public import AvowWire

/// What every event store must do, as checks that any test framework can run.
///
/// ```swift
/// let conformance = EventStoreConformance { clock in
///   try await SQLiteEventStore(folder: folder, clock: clock, logger: logger)
/// }
/// for check in EventStoreConformance.Check.allCases { try await conformance.run(check) }
/// ```
///
/// Generated traffic is put into the store and into `MemoryEventStore`; both must say the same of each
/// event, hand out the same events, and answer the same.
public struct EventStoreConformance: Sendable {
  /// Makes an empty store that goes by a clock.
  public typealias Make = @Sendable (@escaping @Sendable () -> Timestamp) async throws -> any EventStore

  /// One rule.
  public enum Check: String, Sendable, CaseIterable {
    case sayingWhatBecameOfEachEvent = "says of each event whether it is stored, a duplicate or erased"
    case exportingWhatWasStored = "hands out exactly what was stored, in order of time"
    case answeringAsTheReference = "answers generated questions as the reference does"
    case answeringByKnownNumbers = "answers questions whose numbers are known beforehand"
    case countingInAZone = "counts days of the catalog's zone, ISO weeks and months"
    case recognisingRetries = "recognises a retry although its corrected time differs"
    case keepingEventsWithoutIdentifier = "keeps every event that has no identifier"
    case refusingWhatTheCatalogForbids = "refuses questions that the catalog forbids"
    case countingOverAChangeOfIdentifiers =
      "calls a number an estimate where users changed their identifiers"
    case countingStarts = "counts users of `process` identity as starts, at most"
    case changingTheCatalog = "keeps what older catalogs stored when a catalog changes"
    case wideningAField = "keeps the history of a field whose type widens"
    case filteringAnExport = "hands out only what filters let pass"
    case forgetting = "forgets users and keeps them out"
    case purging = "removes what was received before a moment, and answers as if it had never come"
    case sayingWhatItHolds = "says what it holds of each event, and how many are older than a moment"
    case forgettingAbsentUsers =
      "forgets users of whom nothing is left, and the marks of those erased long ago"
    case tidying = "leaves everything as it is when it tidies up"
    case keepingAppsApart = "keeps apps apart"
    case closing = "takes nothing after it was closed"
  }

  let make: Make
  let seed: UInt64
  /// 2026-11-21T12:00:00Z, a Saturday.
  static let now = Timestamp(milliseconds: 1_795_262_400_000)

  /// - Parameter seed: Another seed generates other traffic and other questions.
  public init(seed: UInt64 = 1, make: @escaping Make) {
    self.seed = seed
    self.make = make
  }

  /// Checks one rule on a store of its own.
  ///
  /// - Throws: `ConformanceFailure` saying what was expected and what was found.
  public func run(_ check: Check) async throws {
    let store = try await make { Self.now }
    do {
      try await run(check, store)
    } catch {
      try? await store.close()
      throw error
    }
    try await store.close()
  }

  private func run(_ check: Check, _ store: any EventStore) async throws {
    switch check {
    case .sayingWhatBecameOfEachEvent: _ = try await fill(store, SampleCatalog.workshop())
    case .exportingWhatWasStored: try await exports(store)
    case .answeringAsTheReference: try await answers(store)
    case .answeringByKnownNumbers: try await knownNumbers(store)
    case .countingInAZone: try await zones(store)
    case .recognisingRetries: try await retries(store)
    case .keepingEventsWithoutIdentifier: try await withoutIdentifier(store)
    case .refusingWhatTheCatalogForbids: try await refusals(store)
    case .countingOverAChangeOfIdentifiers: try await changingIdentifiers(store)
    case .countingStarts: try await starts(store)
    case .changingTheCatalog: try await catalogChange(store)
    case .wideningAField: try await widening(store)
    case .filteringAnExport: try await filteredExports(store)
    case .forgetting: try await forgetting(store)
    case .purging: try await purging(store)
    case .sayingWhatItHolds: try await holding(store)
    case .forgettingAbsentUsers: try await absentUsers(store)
    case .tidying: try await tidying(store)
    case .keepingAppsApart: try await apart(store)
    case .closing: try await closing(store)
    }
  }

  // MARK: Filling

  /// Puts the same traffic into the store and into a reference, comparing what both say of it.
  ///
  /// - Parameter days: Over how many days, the last of which is running; `nil`: as a busy app, some hours a batch.
  func fill(
    _ store: any EventStore, _ catalog: Catalog, batches: Int = 60, days: ClosedRange<Int>? = nil,
    seed: UInt64? = nil, into reference: MemoryEventStore? = nil
  ) async throws -> MemoryEventStore {
    let reference = reference ?? MemoryEventStore { Self.now }
    try await store.install(catalog)
    try await reference.install(catalog)
    // Ends shortly before now, so that the last day is running.
    let span =
      days.map { (Int64(-$0.upperBound) * 86_400_000, Int64(-$0.lowerBound) * 86_400_000 - 60_000) }
      ?? (Int64(batches) * -3_650_000, 0)
    let start = Timestamp(milliseconds: Self.now.milliseconds + span.0)
    let end = Self.now.milliseconds + span.1
    var traffic = SampleTraffic(seed: seed ?? self.seed, catalog: catalog, start: start)
    var counts: [AppendResult.Outcome: Int] = [:]
    for index in 0..<batches {
      // Over many days some batches come close together, which is when retries come, others days apart.
      let rest = max(0, end - traffic.received.milliseconds)
      let batch =
        days == nil
        ? traffic.next()
        : traffic.next(within: min(rest, index % 2 == 0 ? 7_200_000 : rest / Int64(batches - index) * 4))
      let found = try await store.append(batch)
      let expected = try await reference.append(batch)
      for (entry, pair) in zip(found.outcomes, expected.outcomes).enumerated() {
        try expect(
          pair.0, equals: pair.1,
          "batch \(index), entry \(entry), sent \(batch.entries[entry].sentTime), received \(batch.received)")
        counts[pair.1, default: 0] += 1
      }
      try expect(found.outcomes.count, equals: batch.entries.count, "outcomes of batch \(index)")
    }
    try expect(counts[.duplicate, default: 0] > batches / 2, "the generated traffic has too few retries")
    return reference
  }

  func batch(_ events: [SampleEvent], _ catalog: Catalog, received: Timestamp = now) -> EventBatch {
    EventBatch(events, catalog: catalog, received: received)
  }

  /// A moment so many days before now.
  func daysAgo(_ days: Int, hour: Int = 0) -> Timestamp {
    Timestamp(milliseconds: Self.now.milliseconds - Int64(days) * 86_400_000 + Int64(hour) * 3_600_000)
  }

  func id(_ number: UInt64) -> Identifier128 { Identifier128(high: 0xABCD_0000 &+ number, low: number) }

  func everything(_ store: any EventStore, _ request: ExportRequest) async throws -> [StoredEvent] {
    let collector = Collected()
    try await store.export(request) { events in await collector.add(events) }
    return await collector.events
  }

  private actor Collected {
    var events: [StoredEvent] = []
    func add(_ more: [StoredEvent]) { events += more }
  }
}

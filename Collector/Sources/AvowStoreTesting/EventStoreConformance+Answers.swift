import AvowStore
import AvowWire

extension EventStoreConformance {
  var today: DayInterval { .days(1, through: Self.now.day) }
  var month: DayInterval { .days(45, through: Self.now.day) }

  /// Apps of every identity, in several zones, one with a catalog that changed on the way: two months of each.
  private func generatedApps(_ store: any EventStore) async throws -> [(Catalog, MemoryEventStore)] {
    let zones = [nil, "America/New_York", "Europe/Berlin", "Pacific/Auckland"]
    func zone(_ index: Int) -> String? { zones[(index + Int(seed % 4)) % zones.count] }
    let identities = [
      ("workshop", Catalog.Identity()), ("starts", .init(user: .process)), ("monthly", .init(rotate: .month)),
      ("nobody", .init(user: .none)),
    ]
    var apps: [(Catalog, MemoryEventStore)] = []
    for (index, (app, identity)) in identities.enumerated() {
      let catalog = SampleCatalog.workshop(app: app, identity: identity, zone: zone(index))
      let batches = identity.user == .none ? 6 : 12
      apps.append(
        (catalog, try await fill(store, catalog, batches: batches, days: 0...60, seed: seed + UInt64(index))))
    }
    var (old, new) = (SampleCatalog.workshop(app: "changed"), SampleCatalog.widened(app: "changed"))
    (old.reportingZone, new.reportingZone) = (zone(0), zone(3))
    let reference = try await fill(store, old, batches: 6, days: 30...60, seed: seed + 8)
    _ = try await fill(store, new, batches: 6, days: 0...29, seed: seed + 9, into: reference)
    return apps + [(new, reference)]
  }

  func answers(_ store: any EventStore) async throws {
    let apps = try await generatedApps(store)
    var generators = apps.enumerated().map { index, app in
      QuestionGenerator(seed: seed + UInt64(index), catalog: app.0, today: Self.now.day)
    }
    var selective: [String: Int] = [:]
    var answered: [String: Int] = [:]
    // Answers that have something in several periods, and something to compare with.
    var (spread, compared) = (0, 0)
    func isCovered() -> Bool {
      QuestionGenerator.subjectKinds.allSatisfy { answered[$0, default: 0] > 2 }
        && QuestionGenerator.filterKinds.allSatisfy { selective[$0, default: 0] > 1 } && spread > 20
        && compared > 5
    }
    for number in 0..<1600 {
      // With some seeds what is rare needs more questions.
      if number >= 400, isCovered() { break }
      let index = number % apps.count
      let reference = apps[index].1
      let question = generators[index].next()
      guard let answer = try await check(store, reference, question) else { continue }
      guard answer.reports > 0 else { continue }
      answered[QuestionGenerator.kind(of: question.subject), default: 0] += 1
      if answer.series.contains(where: { $0.values.count { $0 > 0 } > 1 }) { spread += 1 }
      if (answer.before?.reports ?? 0) > 0 { compared += 1 }
      for filter in question.filters {
        var open = question
        open.filters.removeAll { $0 == filter }
        guard try await reference.answer(open).reports > answer.reports else { continue }
        selective[QuestionGenerator.kind(of: filter), default: 0] += 1
      }
    }
    // A suite whose filters select nothing or everything would prove nothing.
    for kind in QuestionGenerator.subjectKinds {
      try expect(answered[kind, default: 0] > 2, "too few generated questions of \(kind) found anything")
    }
    for kind in QuestionGenerator.filterKinds {
      try expect(selective[kind, default: 0] > 1, "too few generated filters of \(kind) selected a part")
    }
    try expect(spread > 20, "too few generated questions had something in several periods")
    try expect(compared > 5, "too few generated questions had something to compare with")
  }

  /// Asks both stores; when they differ, looks for the simplest question on which they do.
  private func check(
    _ store: any EventStore, _ reference: any EventStore, _ question: Question
  ) async throws -> Answer? {
    do { return try await compareAnswers(store, reference, question) } catch let failure as ConformanceFailure
    {
      var simplest = (question: question, failure: failure)
      search: while true {
        for simpler in QuestionGenerator.simpler(simplest.question) {
          do { _ = try await compareAnswers(store, reference, simpler) } catch let failure
            as ConformanceFailure
          {
            simplest = (simpler, failure)
            continue search
          }
        }
        throw simplest.failure
      }
    }
  }

  /// Asks both stores; returns the answer, `nil` when both refuse.
  @discardableResult
  func compareAnswers(
    _ store: any EventStore, _ reference: any EventStore, _ question: Question
  ) async throws -> Answer? {
    let expected: Result<Answer, StoreError>
    do { expected = .success(try await reference.answer(question)) } catch { expected = .failure(error) }
    let found: Result<Answer, StoreError>
    do { found = .success(try await store.answer(question)) } catch { found = .failure(error) }
    switch (found, expected) {
    case (.failure(let one), .failure(let other)):
      try expect("\(one.code) \(one)", equals: "\(other.code) \(other)", "the refusal of \(question)")
      return nil
    case (.success(let one), .success(let other)):
      try compare(one, other)
      return one
    default:
      throw ConformanceFailure("\(question): expected \(expected), found \(found)")
    }
  }

  private func compare(_ found: Answer, _ expected: Answer) throws {
    let question = "\(expected.question)"
    try expect(found.unit, equals: expected.unit, "unit of \(question)")
    try expect(found.bound, equals: expected.bound, "bound of \(question)")
    try expect(found.periods, equals: expected.periods, "periods of \(question)")
    try expect(
      found.lastPeriodIsRunning, equals: expected.lastPeriodIsRunning, "running period of \(question)")
    try expect(found.series, equals: expected.series, "series of \(question)")
    try expect(found.distributions.count, equals: expected.distributions.count, "groups of \(question)")
    for (one, other) in zip(found.distributions, expected.distributions) {
      var one = one
      // The order of adding is free, and with it the last digit.
      if abs(one.mean - other.mean) <= abs(other.mean) * 1e-9 { one.mean = other.mean }
      try expect(one, equals: other, "distribution of \(question)")
    }
    try expect(found.reports, equals: expected.reports, "reports of \(question)")
    try expect(found.events, equals: expected.events, "events of \(question)")
    try expect((found.before == nil), equals: expected.before == nil, "comparison of \(question)")
    if let one = found.before, let other = expected.before { try compare(one, other) }
  }

  func compareCount(_ store: any EventStore, _ question: Question, _ total: Double) async throws {
    let answer = try await store.answer(question)
    try expect(answer.series.map(\.total), equals: [total], "total of \(question)")
  }

  // MARK: Known numbers

  func knownNumbers(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    func optimized(
      _ number: UInt64, user: UInt64, _ steps: [(String?, Double?)], tags: [String], day: Int
    ) -> SampleEvent {
      let rows = steps.map { technique, latency -> JSONValue in
        var row: [String: JSONValue] = [:]
        row["technique"] = technique.map(JSONValue.string)
        row["latency"] = latency.map(JSONValue.number)
        return .object(row)
      }
      return SampleEvent(
        "optimized", id: id(number), time: daysAgo(day), user: id(user), context: ["os_name": "linux"],
        properties: ["steps": .array(rows), "tags": .array(tags.map(JSONValue.string))])
    }
    let events = [
      optimized(1, user: 1, [("quant", 4), ("prune", 8), ("quant", 6)], tags: ["a", "a", "b"], day: 2),
      optimized(2, user: 2, [("quant", 2)], tags: ["b"], day: 1),
      optimized(3, user: 1, [], tags: [], day: 0),
      SampleEvent(
        "optimized", id: id(4), time: daysAgo(0), user: id(3), isEphemeral: true,
        context: ["os_name": "macos"], properties: [:]),
      SampleEvent("opened", id: id(5), time: daysAgo(0), user: id(1), context: ["os_name": "macos"]),
    ]
    let result = try await store.append(batch(events, catalog))
    try expect(result.count(of: .stored), equals: 5, "stored events")
    let days = DayInterval.days(3, through: Self.now.day)
    func ask(
      _ subject: Question.Subject, period: Question.Period = .day, filters: [Filter] = [], top: Int = 10
    ) async throws -> Answer {
      try await store.answer(
        Question(app: catalog.app, subject, interval: days, period: period, filters: filters, top: top))
    }
    func table(_ answer: Answer) -> [String] {
      answer.series.map { series in
        let key = series.isOther ? "other" : series.key.map { $0 ?? "-" }.joined(separator: "+")
        return "\(key) \(series.values.map { Int($0) }) \(Int(series.total))"
      }
    }
    try expect(table(try await ask(.events(byEvent: false))), equals: [" [1, 1, 3] 5"], "events by day")
    try expect(
      table(try await ask(.events(byEvent: true), period: .total)),
      equals: ["optimized [4] 4", "opened [1] 1"],
      "events by name")
    let users = try await ask(.activeUsers)
    try expect(table(users), equals: [" [1, 1, 1] 2"], "active users by day")
    try expect(users.bound, equals: .floor, "bound beside a client without lasting state")
    try expect(users.unit, equals: .installations, "unit of users")
    try expect(users.reports, equals: 4, "reports behind the users")
    try expect(users.lastPeriodIsRunning, equals: true, "running day")
    let technique = FieldPath("steps.technique")
    try expect(
      table(try await ask(.breakdown(by: [technique], counting: .items), period: .total)),
      equals: ["quant [3] 3", "prune [1] 1"], "items by technique")
    try expect(
      table(try await ask(.breakdown(by: [technique], counting: .events), period: .total)),
      equals: ["quant [2] 2", "- [2] 2", "prune [1] 1"], "events by technique")
    try expect(
      table(try await ask(.breakdown(by: [technique], counting: .users), period: .total)),
      equals: ["quant [2] 2", "prune [1] 1", "- [1] 1"], "users by technique")
    try expect(
      table(try await ask(.breakdown(by: [FieldPath("tags")], counting: .events), period: .total)),
      equals: ["b [2] 2", "- [2] 2", "a [1] 1"], "events by tag, once for each")
    try expect(
      table(try await ask(.breakdown(by: [FieldPath("os_name")], counting: .events), period: .total, top: 1)),
      equals: ["linux [3] 3", "other [2] 2"], "events by system, the greatest one")
    try expect(
      table(
        try await ask(
          .breakdown(by: [technique, FieldPath("steps.latency")], counting: .items), period: .total,
          filters: [Filter(FieldPath("steps.latency"), .range(min: 4, max: nil))])),
      equals: ["prune+8 [1] 1", "quant+4 [1] 1", "quant+6 [1] 1"], "items by technique and latency from 4")
    let spread = try await ask(
      .distribution(of: FieldPath("steps.latency"), by: []),
      filters: [Filter(technique, .equals("quant"))])
    try expect(spread.distributions.map(\.count), equals: [3], "latencies of one technique")
    try expect(spread.distributions[0].p50, equals: 4, "median latency")
    try expect(spread.distributions[0].max, equals: 6, "greatest latency")
    try expect(spread.distributions[0].histogram.map(\.count), equals: [1, 0, 1, 0, 1], "histogram")
    try expect(spread.unit, equals: .values, "unit of a distribution")
    let apart = try await ask(
      .distribution(of: FieldPath("steps.latency"), by: [technique, FieldPath("os_name")]))
    try expect(
      apart.distributions.map { "\($0.key.map { $0 ?? "-" }.joined(separator: "+")) \($0.count) \($0.p50)" },
      equals: ["quant+linux 3 4.0", "prune+linux 1 8.0"], "latencies by technique and system")
    try expect(
      table(
        try await ask(.events(byEvent: false), filters: [Filter(FieldPath("os_name"), .notEquals("linux"))])),
      equals: [" [0, 0, 2] 2"], "events of other systems")
  }

  // MARK: Calendar

  func zones(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop(zone: "America/New_York")
    let reference = try await fill(store, catalog, batches: 40)
    // Both sides of a day's border there, and of the night the clocks went back: 2026-11-01.
    let border = Timestamp(iso8601: "2026-11-20T05:00:00Z") ?? Self.now
    let events = [-1, 0, 1].map { offset in
      SampleEvent(
        "opened", id: id(UInt64(500 + offset)),
        time: Timestamp(milliseconds: border.milliseconds + Int64(offset)), user: id(1))
    }
    let change = Timestamp(iso8601: "2026-11-01T04:00:00Z") ?? Self.now
    let longDay: Int64 = 25 * 3_600_000
    let offsets: [Int64] = [-1, 0, longDay - 1, longDay]
    let older = offsets.enumerated().map { number, offset -> SampleEvent in
      let time = Timestamp(milliseconds: change.milliseconds + offset)
      return SampleEvent("opened", id: id(UInt64(600 + number)), time: time, user: id(2))
    }
    let added = batch(events + older, catalog)
    try expect(try await store.append(added), equals: try await reference.append(added), "events at borders")
    for period in Question.Period.allCases {
      for subject in [Question.Subject.events(byEvent: true), .activeUsers] {
        try await compareAnswers(
          store, reference, Question(app: catalog.app, subject, interval: month, period: period))
      }
    }
    // Intervals that end and begin at the border.
    for days in [DayInterval.days(3, through: Self.now.day - 2), .days(1, through: Self.now.day - 1)] {
      try await compareAnswers(
        store, reference, Question(app: catalog.app, .events(byEvent: true), interval: days))
      try await compareExports(store, reference, ExportRequest(app: catalog.app, interval: days))
    }
    let days = DayInterval(
      first: CivilDate(year: 2026, month: 10, day: 31).dayNumber,
      last: CivilDate(year: 2026, month: 11, day: 2).dayNumber)
    let counted = try await store.answer(
      Question(app: catalog.app, .events(byEvent: false), event: "opened", interval: days))
    try expect(counted.series[0].values, equals: [1, 2, 1], "days around the change of clocks")
    try await compareExports(
      store, reference, ExportRequest(app: catalog.app, interval: .days(2, through: Self.now.day)))
    let week = try await store.answer(
      Question(
        app: catalog.app, .events(byEvent: false), interval: .days(10, through: Self.now.day), period: .week))
    try expect(
      week.periods.map { CivilDate(dayNumber: $0).description }, equals: ["2026-11-09", "2026-11-16"],
      "Mondays")
    let past = try await store.answer(
      Question(app: catalog.app, .events(byEvent: false), interval: .days(3, through: Self.now.day - 1)))
    try expect(past.lastPeriodIsRunning, equals: false, "a day that is over")
  }

  // MARK: Users

  func refusals(_ store: any EventStore) async throws {
    try await store.install(SampleCatalog.workshop(app: "nobody", identity: .init(user: .none)))
    try await store.install(SampleCatalog.workshop(app: "monthly", identity: .init(rotate: .month)))
    try await store.install(SampleCatalog.workshop())
    let technique = FieldPath("steps.technique")
    let forbidden = [
      Question(app: "nobody", .activeUsers, interval: today),
      Question(app: "nobody", .breakdown(by: [FieldPath("os_name")], counting: .users), interval: today),
      Question(app: "monthly", .activeUsers, interval: month, period: .total),
      Question(app: "workshop", .events(byEvent: true), event: "nothing", interval: today),
      Question(app: "workshop", .breakdown(by: [FieldPath("nothing")], counting: .events), interval: today),
      Question(app: "workshop", .breakdown(by: [], counting: .events), interval: today),
      Question(app: "workshop", .breakdown(by: [FieldPath("steps")], counting: .events), interval: today),
      Question(app: "workshop", .breakdown(by: [FieldPath("os_name")], counting: .items), interval: today),
      Question(
        app: "workshop", .breakdown(by: [technique, FieldPath("tags")], counting: .items), interval: today),
      Question(app: "workshop", .distribution(of: technique, by: []), interval: today),
      Question(
        app: "workshop", .events(byEvent: false), interval: today,
        filters: [Filter(FieldPath("os_name"), .range(min: 1, max: nil))]),
      Question(app: "workshop", .events(byEvent: false), interval: DayInterval(first: 0, last: 50_000)),
    ]
    for question in forbidden {
      do {
        _ = try await store.answer(question)
        throw ConformanceFailure("\(question) was answered")
      } catch let error as StoreError {
        try expect(error.code, equals: .unanswerable, "refusal of \(question)")
        try expect(!error.message.isEmpty, "a refusal without a reason")
      }
    }
    do {
      _ = try await store.answer(Question(app: "unknown", .activeUsers, interval: today))
      throw ConformanceFailure("a question about an unknown app was answered")
    } catch let error as StoreError {
      try expect(error.code, equals: .unknownApp, "a question about an unknown app")
    }
    // Within a rotation, and over its change.
    let daily = try await store.answer(
      Question(app: "monthly", .activeUsers, interval: .days(5, through: Self.now.day)))
    try expect(daily.bound, equals: .exact, "days inside a rotation")
    let long = try await store.answer(Question(app: "monthly", .activeUsers, interval: month))
    try expect(long.bound, equals: .ceiling, "days over a rotation's change")
  }

  func starts(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop(identity: .init(user: .process))
    try await store.install(catalog)
    let events = (1...3).map { SampleEvent("opened", id: id($0), time: Self.now, user: id($0 % 2)) }
    _ = try await store.append(batch(events, catalog))
    let answer = try await store.answer(Question(app: catalog.app, .activeUsers, interval: today))
    try expect(answer.unit, equals: .starts, "unit")
    try expect(answer.bound, equals: .ceiling, "bound")
    try expect(answer.series.map(\.total), equals: [2], "starts")
  }
}

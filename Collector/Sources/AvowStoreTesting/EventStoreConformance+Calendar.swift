import AvowStore
import AvowWire

extension EventStoreConformance {
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

import AvowStore
import AvowWire

extension EventStoreConformance {
  /// Twenty people open on the last day of a month and run on the first of the next, with another identifier
  /// each: what is called exact, a floor or a ceiling has to be true of the people.
  func changingIdentifiers(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop(identity: .init(rotate: .month))
    try await store.install(catalog)
    let border = CivilDate(year: 2026, month: 11, day: 1).dayNumber
    let people: UInt64 = 20
    var events: [SampleEvent] = []
    for person in 1...people {
      for (event, day, user) in [("opened", border - 1, person), ("run", border, 100 + person)] {
        let time = Timestamp(milliseconds: Timestamp(day: day).milliseconds + 36_000_000)
        events.append(SampleEvent(event, id: id(user), time: time, user: id(user)))
      }
    }
    _ = try await store.append(batch(events, catalog, received: Timestamp(day: border + 1)))
    func ask(
      _ subject: Question.Subject, _ days: DayInterval, period: Question.Period = .total
    ) async throws -> Answer {
      try await store.answer(Question(app: catalog.app, subject, interval: days, period: period))
    }
    let funnel = Question.Subject.funnel(["opened", "run"], within: .seconds(7 * 86_400))
    let week = DayInterval(first: border - 6, last: border)
    let steps = try await ask(funnel, week)
    try expect(steps.series.map(\.total), equals: [20, 0], "a funnel that identifiers cut")
    try expect(steps.bound, equals: .estimate, "a funnel over a change of identifiers")
    let sticky = try await ask(.stickiness, week, period: .week)
    try expect(
      sticky.series.map { "\($0.key[0] ?? "-") \(Int($0.total))" }, equals: ["1 40"],
      "people of two days counted as forty of one")
    try expect(sticky.bound, equals: .estimate, "stickiness over a change of identifiers")
    let monthly = try await ask(.stickiness, week, period: .month)
    try expect(monthly.bound, equals: .exact, "stickiness of months that keep their identifiers")
    let inside = try await ask(funnel, DayInterval(first: border - 20, last: border - 10))
    try expect(inside.bound, equals: .exact, "a funnel between two changes")
    let active = try await ask(.activeUsers, week)
    try expect(active.series.map(\.total), equals: [40], "active users over a change")
    try expect(active.bound, equals: .ceiling, "active users over a change")
    // Who has no lasting identifier may be one more.
    let stranger = SampleEvent("opened", id: id(999), time: Timestamp(day: border - 1), isEphemeral: true)
    _ = try await store.append(batch([stranger], catalog, received: Timestamp(day: border + 1)))
    try expect(
      try await ask(.activeUsers, week).bound, equals: .estimate, "a ceiling beside events without a user")
    try expect(
      try await ask(.activeUsers, week, period: .day).series[0].values.suffix(2).map { Int($0) },
      equals: [20, 20], "users of the two days")
  }
}

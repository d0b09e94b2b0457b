import AvowStore
import AvowWire

extension EventStoreConformance {
  func exports(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    let all = try await everything(reference, ExportRequest(app: catalog.app))
    try expect(all.count > 1500, "the generated traffic is too small")
    let user = all.compactMap(\.user).first
    let days = DayInterval(first: all[0].time.day + 1, last: all[0].time.day + 1)
    for request in [
      ExportRequest(app: catalog.app), ExportRequest(app: catalog.app, event: "optimized"),
      ExportRequest(app: catalog.app, interval: days), ExportRequest(app: catalog.app, user: user),
      ExportRequest(app: catalog.app, event: "run", interval: days, user: user),
      ExportRequest(app: catalog.app, user: id(99)),
    ] {
      try await compareExports(store, reference, request)
    }
  }

  func compareExports(
    _ store: any EventStore, _ reference: any EventStore, _ request: ExportRequest
  ) async throws {
    let found = try await everything(store, request)
    let expected = try await everything(reference, request)
    try expect(found.count, equals: expected.count, "events handed out for \(request)")
    for (one, next) in zip(found, found.dropFirst()) {
      try expect(one.time <= next.time, "\(next.time) is handed out after \(one.time)")
    }
    // An event that came without an id gets one of the store's own.
    let given = Set(expected.map(\.id).filter { $0.high != 0 })
    try expect(Set(found.map(\.id)).count, equals: found.count, "different ids for \(request)")
    func text(_ events: [StoredEvent]) -> [String] {
      events.map { event in
        let id = given.contains(event.id) ? "\(event.id)" : "-"
        return
          "\(event.time) \(event.received) \(event.sent.map(\.description) ?? "-") \(event.isEphemeral) \(id) \(event.event) \(event.user.map(\.description) ?? "-") "
          + "\(event.session.map(\.description) ?? "-") \(event.context.text) \(event.properties.text)"
      }.sorted()
    }
    for (one, other) in zip(text(found), text(expected)) { try expect(one, equals: other, "an event") }
  }

  func retries(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    let day: Int64 = 86_400_000
    // Name, the client's clock as sent, first and second receipt: all in milliseconds before or after now.
    let cases: [(String, sent: Int64, first: Int64, second: Int64)] = [
      ("a clock that is right", -5_000, 0, 60_000),
      ("a clock three hours behind", -3 * 3_600_000, 0, 86_400_000),
      ("a clock that becomes plausible at the retry", 601_000, 0, 2_000),
      ("a clock that is implausible both times", 5 * day, 0, 1_000),
      ("an event that becomes too old at the retry", -30 * day + 1_000, 0, 3_600_000),
      ("an event that is too old both times", -31 * day, 0, 6 * day),
      ("a clock at the very edge", 600_000, 0, 1),
    ]
    for (number, one) in cases.enumerated() {
      func event(_ received: Int64, id: Identifier128) -> EventBatch {
        let received = Timestamp(milliseconds: Self.now.milliseconds + received)
        // The corrected time is never twice the same.
        let time = Timestamp(milliseconds: received.milliseconds - 100 - received.milliseconds % 7)
        let sent = Timestamp(milliseconds: Self.now.milliseconds + one.sent)
        return batch([SampleEvent("opened", id: id, time: time, sentTime: sent)], catalog, received: received)
      }
      let id = id(UInt64(number + 1))
      let first = try await store.append(event(one.first, id: id))
      try expect(first.outcomes, equals: [.stored], one.0)
      let second = try await store.append(event(one.second, id: id))
      try expect(second.outcomes, equals: [.duplicate], "the retry of \(one.0)")
      let other = try await store.append(event(one.second, id: self.id(UInt64(number + 1001))))
      try expect(other.outcomes, equals: [.stored], "another event beside \(one.0)")
    }
    // No time of its own at all.
    for expected in [AppendResult.Outcome.stored, .duplicate] {
      let none = SampleEvent(
        "opened", id: id(77), time: Self.now, sentTime: Timestamp(milliseconds: 0))
      let result = try await store.append(batch([none], catalog))
      try expect(result.outcomes, equals: [expected], "an event that does not say when it was sent")
    }
    try expect(
      try await everything(store, ExportRequest(app: catalog.app)).count, equals: cases.count * 2 + 1,
      "stored events")
  }

  func withoutIdentifier(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    let one = SampleEvent("opened", id: nil, time: Self.now, user: id(1))
    for _ in 0..<3 {
      let result = try await store.append(batch([one, one], catalog))
      try expect(result.outcomes, equals: [.stored, .stored], "events without identifier")
    }
    try await compareCount(store, Question(app: catalog.app, .events(byEvent: false), interval: today), 6)
  }

  func forgetting(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    let all = try await everything(reference, ExportRequest(app: catalog.app))
    var users = Array(Set(all.compactMap(\.user)).sorted().prefix(12))
    users.append(id(4242))
    let found = try await store.forget(app: catalog.app, users: users)
    let expected = try await reference.forget(app: catalog.app, users: users)
    try expect(found, equals: expected, "what was erased")
    try expect(found.users, equals: 12, "erased users")
    try await compareExports(store, reference, ExportRequest(app: catalog.app))
    try await compareExports(store, reference, ExportRequest(app: catalog.app, user: users[0]))
    let again = try await store.forget(app: catalog.app, users: users)
    try expect(again, equals: Erasure(users: 0, events: 0), "asking twice")
    // They and others go on; the store must keep the first out.
    _ = try await fillAfterForgetting(store, catalog, reference, users)
    try await compareExports(store, reference, ExportRequest(app: catalog.app))
    do {
      _ = try await store.forget(app: "nobody", users: users)
      throw ConformanceFailure("forgetting in an app that is not known did not fail")
    } catch let error as StoreError {
      try expect(error.code, equals: .unknownApp, "forgetting in an app that is not known")
    }
  }

  func purging(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    let days = DayInterval.days(5, through: Self.now.day)
    let question = Question(app: catalog.app, .events(byEvent: true), interval: days)
    // Asked before, so that a store which keeps days encoded has encoded them.
    try expect(
      try await store.answer(question).series, equals: try await reference.answer(question).series,
      "events before a purge")
    let moment = Timestamp(milliseconds: Self.now.milliseconds - 30 * 3_650_000)
    var purged = 0
    for event in catalog.events.map(\.name) {
      let found = try await store.purge(app: catalog.app, event: event, receivedBefore: moment)
      let expected = try await reference.purge(app: catalog.app, event: event, receivedBefore: moment)
      try expect(found, equals: expected, "rows of \(event) purged")
      purged += found
    }
    try expect(purged > 100, "the generated traffic has too little that is old")
    try await compareExports(store, reference, ExportRequest(app: catalog.app))
    for subject in [Question.Subject.events(byEvent: true), .activeUsers] {
      let question = Question(app: catalog.app, subject, interval: days)
      let found = try await store.answer(question)
      let expected = try await reference.answer(question)
      try expect(found.series, equals: expected.series, "\(subject) after a purge")
      try expect(found.reports, equals: expected.reports, "reports of \(subject) after a purge")
    }
  }

  private func fillAfterForgetting(
    _ store: any EventStore, _ catalog: Catalog, _ reference: MemoryEventStore, _ users: [Identifier128]
  ) async throws {
    // The very same traffic again: all are retries, or come from erased users.
    let start = Timestamp(milliseconds: Self.now.milliseconds - 60 * 3_650_000)
    var traffic = SampleTraffic(seed: seed, catalog: catalog, start: start)
    var erased = 0
    for index in 0..<60 {
      let batch = traffic.next()
      let found = try await store.append(batch)
      try expect(found, equals: try await reference.append(batch), "batch \(index) after forgetting")
      erased += found.count(of: .erased)
    }
    try expect(erased > 100, "the erased users did not come back in the generated traffic")
    let newcomer = SampleEvent("opened", id: id(5), time: Self.now, user: id(4242))
    let result = try await store.append(batch([newcomer], catalog))
    try expect(result.outcomes, equals: [.erased], "a user unknown when forgotten")
  }

  func apart(_ store: any EventStore) async throws {
    // Names that run into each other when they are put together carelessly.
    var first = SampleCatalog.workshop(app: "a")
    first.events.append(EventDeclaration("b_opened"))
    let second = SampleCatalog.workshop(app: "a_b")
    let third = SampleCatalog.workshop(app: "sqlite")
    let references = [first, second, third].map { _ in MemoryEventStore { Self.now } }
    for (index, catalog) in [first, second, third].enumerated() {
      _ = try await fill(store, catalog, batches: 20, seed: UInt64(index) + 50, into: references[index])
    }
    for (index, catalog) in [first, second, third].enumerated() {
      try await compareExports(store, references[index], ExportRequest(app: catalog.app))
    }
    let user = try await everything(store, ExportRequest(app: "a")).compactMap(\.user)[0]
    let foreign = try await store.forget(app: "a_b", users: [user])
    try expect(foreign, equals: Erasure(users: 0, events: 0), "forgetting another app's user")
  }

  func closing(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    try await store.close()
    do {
      _ = try await store.append(batch([SampleEvent("opened", id: nil, time: Self.now)], catalog))
      throw ConformanceFailure("a closed store took an event")
    } catch let error as StoreError {
      try expect(error.code, equals: .closed, "appending to a closed store")
    }
  }

  func catalogChange(_ store: any EventStore) async throws {
    let old = SampleCatalog.workshop()
    let new = SampleCatalog.widened()
    let reference = try await fill(store, old, batches: 20)
    _ = try await fill(store, new, batches: 20, seed: seed + 1, into: reference)
    // A batch that was admitted under the old catalog may still be on its way.
    let late = batch([SampleEvent("opened", id: id(1), time: Self.now)], old)
    try expect(try await store.append(late).outcomes, equals: [.stored], "a batch of the older catalog")
    _ = try await reference.append(late)
    try await store.install(new)
    try await compareExports(store, reference, ExportRequest(app: new.app))
    for field in ["reports_count", "tags.name", "sizes", "steps.technique", "steps.count", "gpu", "os_name"] {
      try await compareAnswers(
        store, reference,
        Question(app: new.app, .breakdown(by: [FieldPath(field)], counting: .events), interval: month))
    }
    // And back: the older columns are found again.
    try await store.install(old)
    try await reference.install(old)
    for field in ["reports_count", "tags", "sizes", "steps.latency", "edition"] {
      try await compareAnswers(
        store, reference,
        Question(app: old.app, .breakdown(by: [FieldPath(field)], counting: .events), interval: month))
    }
  }
}

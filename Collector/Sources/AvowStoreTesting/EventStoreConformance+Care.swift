import AvowStore
import AvowWire

/// What a store must do that looks after itself: holdings, absent users, tidying.
extension EventStoreConformance {
  func holding(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    try await compareHoldings(store, reference, catalog)
    // What only an older catalog declared is still held, and what is new is known to be empty.
    let widened = SampleCatalog.widened()
    try await store.install(widened)
    try await reference.install(widened)
    let names = try await compareHoldings(store, reference, widened)
    try expect(names.isSuperset(of: ["opened", "closed"]), "holdings of an older and of a new event")
    try expect(
      try await store.count(app: catalog.app, event: "nothing", receivedBefore: Self.now), equals: 0,
      "events nobody declared")
    try await failsForUnknownApp("holdings") { _ = try await store.holdings(app: "nobody") }
    try await failsForUnknownApp("a count") {
      _ = try await store.count(app: "nobody", event: "opened", receivedBefore: Self.now)
    }
    try await failsForUnknownApp("a purge") {
      _ = try await store.purge(app: "nobody", event: "opened", receivedBefore: Self.now)
    }
  }

  @discardableResult
  private func compareHoldings(
    _ store: any EventStore, _ reference: any EventStore, _ catalog: Catalog
  ) async throws -> Set<String> {
    let found = try await store.holdings(app: catalog.app)
    let expected = try await reference.holdings(app: catalog.app)
    try expect(Set(found), equals: Set(expected), "holdings")
    try expect(found.count, equals: expected.count, "how many holdings")
    for holding in expected {
      guard let oldest = holding.oldest else { continue }
      let later = Timestamp(milliseconds: oldest.milliseconds + 1)
      for moment in [oldest, later, Timestamp(milliseconds: Self.now.milliseconds - 100_000_000), Self.now] {
        let count = try await store.count(app: catalog.app, event: holding.event, receivedBefore: moment)
        let right = try await reference.count(app: catalog.app, event: holding.event, receivedBefore: moment)
        try expect(count, equals: right, "how many of \(holding.event) came before \(moment)")
        if moment == oldest { try expect(right, equals: 0, "what came before the oldest") }
        if moment == later { try expect(right > 0, "nothing came with the oldest") }
      }
    }
    return Set(expected.map(\.event))
  }

  func absentUsers(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    let all = try await everything(reference, ExportRequest(app: catalog.app))
    let before = Set(all.compactMap(\.user))
    try await compareAbsent(store, reference, erasedBefore: .init(day: 0), expecting: 0...0)
    // A few of the last stay.
    let moment = all.map(\.received).sorted()[all.count - 12]
    for event in catalog.events.map(\.name) {
      _ = try await store.purge(app: catalog.app, event: event, receivedBefore: moment)
      _ = try await reference.purge(app: catalog.app, event: event, receivedBefore: moment)
    }
    let left = Set(try await everything(reference, ExportRequest(app: catalog.app)).compactMap(\.user))
    try expect(!left.isEmpty && left.count < before.count, "the purge left no user, or all of them")
    try await compareAbsent(
      store, reference, erasedBefore: .init(day: 0), expecting: before.count - left.count...before.count)
    try await compareAbsent(store, reference, erasedBefore: .init(day: 0), expecting: 0...0)
    try await compareExports(store, reference, ExportRequest(app: catalog.app))
    for user in left.sorted().prefix(3) {
      try await compareExports(store, reference, ExportRequest(app: catalog.app, user: user))
    }
    // Whoever was forgotten so may come back; whoever was erased may not, until the mark is too old.
    guard let returning = before.subtracting(left).sorted().first, let erased = left.sorted().first else {
      throw ConformanceFailure("nobody was absent")
    }
    func come(_ user: Identifier128, number: UInt64) async throws -> [AppendResult.Outcome] {
      let event = SampleEvent("opened", id: id(number), time: Self.now, user: user)
      let found = try await store.append(batch([event], catalog))
      try expect(found, equals: try await reference.append(batch([event], catalog)), "a user who comes back")
      return found.outcomes
    }
    try expect(try await come(returning, number: 901), equals: [.stored], "a user who was absent")
    _ = try await store.forget(app: catalog.app, users: [erased])
    _ = try await reference.forget(app: catalog.app, users: [erased])
    try await compareAbsent(store, reference, erasedBefore: Self.now, expecting: 0...before.count)
    try expect(try await come(erased, number: 902), equals: [.erased], "a user erased just now")
    try await compareAbsent(
      store, reference, erasedBefore: Timestamp(milliseconds: Self.now.milliseconds + 1), expecting: 0...0)
    try expect(try await come(erased, number: 903), equals: [.stored], "a user whose mark is too old")
    try await compareExports(store, reference, ExportRequest(app: catalog.app))
    try await failsForUnknownApp("forgetting absent users") {
      _ = try await store.forgetAbsentUsers(app: "nobody", erasedBefore: Self.now)
    }
  }

  private func compareAbsent(
    _ store: any EventStore, _ reference: any EventStore, erasedBefore: Timestamp,
    expecting range: ClosedRange<Int>
  ) async throws {
    let app = SampleCatalog.workshop().app
    let found = try await store.forgetAbsentUsers(app: app, erasedBefore: erasedBefore)
    let expected = try await reference.forgetAbsentUsers(app: app, erasedBefore: erasedBefore)
    try expect(found, equals: expected, "users of whom nothing is left")
    try expect(range.contains(expected), "\(expected) absent users, not \(range)")
  }

  func tidying(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog)
    let all = try await everything(reference, ExportRequest(app: catalog.app))
    let users = Array(Set(all.compactMap(\.user)).sorted().prefix(20))
    _ = try await store.forget(app: catalog.app, users: users)
    _ = try await reference.forget(app: catalog.app, users: users)
    let days = DayInterval.days(5, through: Self.now.day)
    for _ in 0..<2 {
      try expect(try await store.scrub(), "traces of erased users are left although nobody reads")
      try expect(try await store.tidy().isClean, "traces of removed events are left although nobody reads")
      try await compareExports(store, reference, ExportRequest(app: catalog.app))
      for subject in [Question.Subject.events(byEvent: true), .activeUsers] {
        let question = Question(app: catalog.app, subject, interval: days)
        let found = try await store.answer(question)
        let expected = try await reference.answer(question)
        try expect(found.series, equals: expected.series, "\(subject) after tidying")
      }
    }
    // The same traffic again: texts and context sets that were removed come back, retries are recognised.
    let start = Timestamp(milliseconds: Self.now.milliseconds - 60 * 3_650_000)
    var traffic = SampleTraffic(seed: seed, catalog: catalog, start: start)
    for index in 0..<60 {
      let batch = traffic.next()
      try expect(
        try await store.append(batch), equals: try await reference.append(batch),
        "batch \(index) after tidying")
    }
    let other = try await fill(store, catalog, batches: 30, seed: seed &+ 1000, into: reference)
    try await compareExports(store, other, ExportRequest(app: catalog.app))
  }

  private func failsForUnknownApp(_ what: String, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as StoreError {
      return try expect(error.code, equals: .unknownApp, "\(what) of an app that is not known")
    }
    throw ConformanceFailure("\(what) of an app that is not known did not fail")
  }
}

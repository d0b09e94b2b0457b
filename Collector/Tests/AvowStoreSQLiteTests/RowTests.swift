import AvowStore
import AvowStoreTesting
import AvowWire
import GRDB
import Testing

@testable import AvowStoreSQLite

struct RowTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Ids that ask for the same key: only the exclusive-or of the halves counts.
  private func colliding(_ number: UInt64) -> Identifier128 {
    Identifier128(high: 0x1234 ^ number &* 0x1_0001, low: 0x9876 ^ number &* 0x1_0001)
  }

  private func event(_ number: UInt64, user: UInt64) -> SampleEvent {
    SampleEvent(
      "optimized", id: colliding(number), time: now, user: id(user),
      properties: ["tags": .array([.string("alpha"), .string("n")])])
  }

  @Test func `events that want the same key are all kept and all recognised`() async throws {
    #expect(RowKey.bits(of: colliding(1)) == RowKey.bits(of: colliding(9)))
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let events = (0..<9).map { event($0, user: $0 % 3) }
    #expect(try await store.append(batch(events)).count(of: .stored) == 9)
    #expect(try await store.append(batch(events)).count(of: .duplicate) == 9)
    try await store.close()
  }

  @Test func `a retry is recognised after the event that took its key was erased`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let events = (0..<12).map { event($0, user: $0 % 3) }
    _ = try await store.append(batch(events))
    // Every third, the first among them.
    #expect(try await store.forget(app: "workshop", users: [id(0)]) == Erasure(users: 1, events: 4))
    let others = events.filter { $0.user != id(0) }
    #expect(try await store.append(batch(others)).count(of: .duplicate) == 8)
    let left = try await everything(store)
    #expect(Set(left.map(\.id)) == Set(others.map { $0.id }))
    #expect(left.allSatisfy { $0.properties["tags"] == ["alpha", "n"] })
    // And the next two gaps, so that rows move more than once.
    #expect(try await store.forget(app: "workshop", users: [id(1)]).events == 4)
    let last = events.filter { $0.user == id(2) }
    #expect(try await store.append(batch(last)).count(of: .duplicate) == 4)
    try await store.close()
  }

  @Test func `keys keep their order and go on around the end of a millisecond`() {
    let key = RowKey.first(of: now) | RowKey.idMask
    #expect(RowKey.next(after: key) == RowKey.first(of: now))
    #expect(RowKey.time(of: key) == now.milliseconds)
    let times = [Int64.min, -1, 0, 1_577_836_799_999, 1_577_836_800_000, now.milliseconds, .max]
    let keys = times.map { RowKey.first(of: Timestamp(milliseconds: $0)) }
    #expect(keys == keys.sorted())
  }

  @Test func `views show texts, times and all declared fields`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let run = SampleEvent(
      "run", id: id(1), time: Timestamp(milliseconds: now.milliseconds - 1),
      sentTime: Timestamp(milliseconds: now.milliseconds - 250), user: id(9),
      session: Identifier128(high: 0xABCD_EF01_2345_6789, low: 1),
      context: ["os_name": "linux", "cores": 8, "uptime": 12, "offline": true, "plugins": ["a", "b"]],
      properties: ["model": "größe", "cores": 3, "seconds": 0.5, "time": 1.5])
    let optimized = SampleEvent(
      "optimized", id: id(2), time: now,
      properties: ["steps": [["technique": "quant", "latency": 2], ["passed": true]], "tags": ["x", "y"]])
    _ = try await store.append(batch([run, optimized]))
    try await store.files.main.read { db in
      let row = try #require(try Row.fetchOne(db, sql: "SELECT * FROM workshop_run_view"))
      #expect(row["time"] == "2026-11-21T11:59:59.999Z")
      #expect(row["properties.time"] == 1.5)
      #expect(row["id"] == "\(id(1))")
      #expect(row["received"] == "2026-11-21T12:00:00.000Z")
      #expect(row["model"] == "größe")
      #expect(row["cores"] == 3)
      #expect(row["context.cores"] == 8)
      #expect(row["uptime"] == 12)
      #expect(row["os_name"] == "linux")
      #expect(row["session"] == "abcdef012345")
      let steps = try Row.fetchAll(
        db, sql: "SELECT technique, latency, passed FROM workshop_optimized__steps_view ORDER BY row")
      #expect(steps.map { $0["technique"] as String? } == ["quant", nil])
      #expect(steps.map { $0["passed"] as Bool? } == [nil, true])
      let tags = try String.fetchAll(db, sql: "SELECT value FROM workshop_optimized__tags_view ORDER BY row")
      #expect(tags == ["x", "y"])
      let plugins = try String.fetchAll(
        db,
        sql: """
          SELECT p.value FROM workshop_run_view AS e
          JOIN workshop__context__plugins_view AS p ON p.key = e.context ORDER BY p.row
          """)
      #expect(plugins == ["a", "b"])
    }
    try await store.close()
  }

  @Test func `rows far from their key's time are found through the index`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let day: Int64 = 86_400_000
    let far = SampleEvent(
      "opened", id: id(1), time: now, sentTime: Timestamp(milliseconds: now.milliseconds - 20 * day))
    let near = SampleEvent(
      "opened", id: id(2), time: now, sentTime: Timestamp(milliseconds: now.milliseconds - 59_000))
    _ = try await store.append(batch([far, near]))
    for (days, expected) in [(0, 2.0), (20, 0.0)] {
      let question = Question(
        app: "workshop", .events(byEvent: false), interval: .days(1, through: now.day - days))
      #expect(try await store.answer(question).series[0].total == expected)
    }
    let plan = try await store.files.main.read { db in
      try Row.fetchAll(
        db,
        sql: """
          EXPLAIN QUERY PLAN SELECT _key FROM workshop_opened
          WHERE \(RowKey.shiftedSQL()) AND \(RowKey.timeSQL()) BETWEEN 1 AND 2
          """
      ).map { $0["detail"] as String }
    }
    #expect(plan.count == 1 && plan[0].contains("USING INDEX workshop_opened.shifted"))
    try await store.close()
  }

  @Test func `events recognised by the table are forgotten after a week, not before`() async throws {
    let catalog = SampleCatalog.workshop()
    let time = ClockHand(now)
    let store = try await SQLiteEventStore(folder: folder.path, clock: { time.now }, logger: .quiet)
    try await store.install(catalog)
    let none = SampleEvent("opened", id: id(1), time: now, sentTime: Timestamp(milliseconds: 0))
    func append() async throws -> [AppendResult.Outcome] {
      // The pruning that follows a batch is seen by the next one.
      _ = try await store.append(batch([SampleEvent("opened", id: nil, time: time.now)], received: time.now))
      return try await store.append(batch([none], received: time.now)).outcomes
    }
    #expect(try await append() == [.stored])
    time.now.milliseconds += 7 * 86_400_000
    #expect(try await append() == [.duplicate])
    time.now.milliseconds += 2 * 86_400_000
    #expect(try await append() == [.stored])
    try await store.close()
  }
}

import AvowStore
import AvowStoreTesting
import AvowWire
import GRDB
import Testing

@testable import AvowStoreSQLite

/// What the store keeps of users between questions says what the rows say, whatever happens to these.
struct UserHistoryTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let dayCount = 40
  private static let questions: [Question] = {
    let interval = DayInterval.days(31, through: now.day)
    return [
      Question(app: "workshop", .activeUsers, interval: interval, period: .day),
      Question(app: "workshop", .activeUsers, interval: interval, period: .week),
      Question(app: "workshop", .activeUsers, interval: .days(3, through: now.day - 20), period: .total),
      Question(app: "workshop", .rolling(days: 7), interval: interval, period: .day),
      Question(app: "workshop", .newAndReturning, interval: interval, period: .week),
      Question(app: "workshop", .newAndReturning, interval: interval, period: .day),
    ]
  }()

  /// Forty days on which other users each come, some of them again.
  private func filled() async throws -> SQLiteEventStore {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    for back in (0..<Self.dayCount).reversed() {
      let time = Timestamp(milliseconds: now.milliseconds - Int64(back) * 86_400_000)
      let events = (0..<12).map { number in
        opened(UInt64(back * 12 + number), user: UInt64(number * number * (back + 3) % 37 + 1), at: time)
      }
      _ = try await store.append(batch(events, received: time))
    }
    try await store.settleIndex()
    return store
  }

  /// What the store answers, and what one answers that has kept nothing.
  private func compare(_ store: SQLiteEventStore) async throws {
    let reference = MemoryEventStore(clock: { now })
    try await reference.install(SampleCatalog.workshop())
    for event in try await everything(store) {
      _ = try await reference.append(
        batch(
          [
            SampleEvent(
              event.event, id: event.id, time: event.time, user: event.user)
          ], received: event.received))
    }
    for question in Self.questions {
      let answer = try await store.answer(question)
      #expect(answer.reports > 0 && answer.series.contains { $0.total > 0 })
      #expect(answer.series == (try await reference.answer(question)).series)
    }
  }

  @Test func `rows that come late, new days and erased users are answered as the rows are`() async throws {
    let store = try await filled()
    try await compare(store)
    let kept = store.index.history(of: 1, try await store.files.main.read { try DayMark.all(of: 1, $0) })
    #expect(kept.count == Self.dayCount - UserHistory.unsettledDays)
    try await compare(store)
    // A user of his own, long ago and today.
    let past = Timestamp(milliseconds: now.milliseconds - 25 * 86_400_000)
    _ = try await store.append(batch([opened(9001, user: 90, at: past), opened(9002, user: 91)]))
    try await compare(store)
    try await store.settleIndex()
    try await compare(store)
    let erasure = try await store.forget(app: "workshop", users: [id(90), id(5)])
    #expect(erasure.events > 3)
    try await compare(store)
    try await store.close()
  }
}

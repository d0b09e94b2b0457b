import AvowStore
import AvowWire
import Synchronization

@testable import AvowStoreSQLite

/// The embedded store, encoding days at moments that a test chooses.
final class EncodingStore: EventStore {
  enum Habit: Sendable {
    /// Before every question, all days: everything is answered from segments.
    case always
    /// After some batches, all days: later rows make some of them out of date again.
    case sometimes
  }

  let store: SQLiteEventStore
  private let habit: Habit
  private let batches = Mutex(0)

  init(_ store: SQLiteEventStore, _ habit: Habit) {
    self.store = store
    self.habit = habit
  }

  func install(_ catalog: Catalog) async throws(StoreError) { try await store.install(catalog) }

  func append(_ batch: EventBatch) async throws(StoreError) -> AppendResult {
    let result = try await store.append(batch)
    let number = batches.withLock { batches in
      batches += 1
      return batches
    }
    if habit == .sometimes, number % 13 == 7 { try await store.index.settle(.all) }
    return result
  }

  func answer(_ question: Question) async throws(StoreError) -> Answer {
    if habit == .always { try await store.index.settle(.all) }
    return try await store.answer(question)
  }

  func export(
    _ request: ExportRequest, receive: @Sendable ([StoredEvent]) async throws -> Void
  ) async throws {
    try await store.export(request, receive: receive)
  }

  func forget(app: String, users: [Identifier128]) async throws(StoreError) -> Erasure {
    try await store.forget(app: app, users: users)
  }

  func scrub() async throws(StoreError) -> Bool { try await store.scrub() }

  func tidy() async throws(StoreError) -> Tidying { try await store.tidy() }

  func holdings(app: String) async throws(StoreError) -> [Holding] { try await store.holdings(app: app) }

  func count(app: String, event: String, receivedBefore: Timestamp) async throws(StoreError) -> Int {
    try await store.count(app: app, event: event, receivedBefore: receivedBefore)
  }

  func purge(
    app: String, receivedBefore limits: [String: Timestamp]
  ) async throws(StoreError) -> [String: Int] {
    try await store.purge(app: app, receivedBefore: limits)
  }

  func forgetAbsentUsers(app: String, erasedBefore: Timestamp) async throws(StoreError) -> Int {
    try await store.forgetAbsentUsers(app: app, erasedBefore: erasedBefore)
  }

  func close() async throws(StoreError) { try await store.close() }
}

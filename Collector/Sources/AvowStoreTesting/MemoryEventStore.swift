public import AvowStore
public import AvowWire
import Synchronization

/// The reference: a store in memory, slow and obviously right.
///
/// It keeps every event as values by name and answers each question by looking at all of them. Other stores
/// are right when they answer as this one does.
public final class MemoryEventStore: EventStore {
  /// A stored value with the type it was declared with, for a field's type may change.
  indirect enum Value: Sendable, Equatable {
    case single(type: String, JSONValue)
    case list([Value])
    case records([[String: Value]])

    var json: JSONValue {
      switch self {
      case .single(_, let value): value
      case .list(let elements): .array(elements.map(\.json))
      case .records(let rows): .array(rows.map { .object($0.mapValues(\.json)) })
      }
    }
  }

  struct Kept: Sendable {
    var app: String
    var stored: StoredEvent
    var isEphemeral: Bool
    var context: [String: Value]
    var properties: [String: Value]
  }

  private struct Sending: Hashable {
    var app: String
    var sent: Timestamp
    var id: Identifier128
  }
  private struct Person: Hashable {
    var app: String
    var user: Identifier128
  }

  private struct State: Sendable {
    var catalogs: [String: Catalog] = [:]
    var digests: [String: Set<String>] = [:]
    var events: [Kept] = []
    var seen: Set<Sending> = []
    /// Users of whom something came, until they are forgotten.
    var known: Set<Person> = []
    /// When each erased user was erased first.
    var erased: [Person: Timestamp] = [:]
    /// The events any catalog of an app ever declared.
    var declared: [String: Set<String>] = [:]
    /// Fields that a catalog widened, as of an integer that became a number.
    var widened: [String: WidenedFields] = [:]
    var nextID: UInt64 = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  let clock: @Sendable () -> Timestamp

  /// Creates an empty store.
  public init(clock: @escaping @Sendable () -> Timestamp) { self.clock = clock }

  public func install(_ catalog: Catalog) async throws(StoreError) {
    state.withLock { state in
      state.catalogs[catalog.app] = catalog
      state.digests[catalog.app, default: []].insert(catalog.digest)
      state.declared[catalog.app, default: []].formUnion(catalog.events.map(\.name))
      state.widened[catalog.app, default: WidenedFields()].note(catalog)
      let widened = state.widened[catalog.app] ?? WidenedFields()
      for index in state.events.indices where state.events[index].app == catalog.app {
        widened.widen(&state.events[index])
      }
    }
  }

  public func append(_ batch: EventBatch) async throws(StoreError) -> AppendResult {
    let result: Result<AppendResult, StoreError> = state.withLock { state in
      let app = batch.catalog.app
      if state.isClosed { return .failure(.closed) }
      guard let digests = state.digests[app] else { return .failure(.unknownApp(app)) }
      guard digests.contains(batch.digest) else { return .failure(.failed("the catalog is not installed")) }
      return .success(
        AppendResult(outcomes: batch.entries.map { Self.store($0, of: batch, app: app, in: &state) }))
    }
    return try result.get()
  }

  private static func store(
    _ entry: EventBatch.Entry, of batch: EventBatch, app: String, in state: inout State
  ) -> AppendResult.Outcome {
    if let user = entry.user {
      let person = Person(app: app, user: user)
      if state.erased[person] != nil { return .erased }
      state.known.insert(person)
    }
    if let id = entry.id {
      guard state.seen.insert(Sending(app: app, sent: entry.sentTime, id: id)).inserted else {
        return .duplicate
      }
    }
    state.nextID += 1
    let event = batch.catalog.events[entry.event]
    let context = batch.values(entry.context, fields: batch.catalog.context)
    let properties = batch.values(entry.properties, fields: event.properties)
    var kept = Kept(
      app: app,
      stored: StoredEvent(
        id: entry.id ?? Identifier128(high: 0, low: state.nextID), event: event.name, time: entry.time,
        received: batch.received, sent: entry.recognised(receivedAt: batch.received), user: entry.user,
        session: entry.session?.shortened, isEphemeral: entry.isEphemeral,
        context: .object(context.mapValues(\.json)), properties: .object(properties.mapValues(\.json))),
      isEphemeral: entry.isEphemeral, context: context, properties: properties)
    state.widened[app]?.widen(&kept)
    state.events.append(kept)
    return .stored
  }

  public func export(
    _ request: ExportRequest, receive: @Sendable ([StoredEvent]) async throws -> Void
  ) async throws {
    let (events, catalog, isClosed) = state.withLock { ($0.events, $0.catalogs[request.app], $0.isClosed) }
    if isClosed { throw StoreError.closed }
    guard let catalog else { throw StoreError.unknownApp(request.app) }
    let calendar = ReferenceCalendar(zone: catalog.reportingZone)
    let filter =
      try request.filters.isEmpty ? nil : ReferenceAnswer(filtering: request, catalog, now: clock())
    let wanted = events.filter { kept in
      guard kept.app == request.app else { return false }
      if let event = request.event, kept.stored.event != event { return false }
      if let user = request.user, kept.stored.user != user { return false }
      if let filter, !filter.passes(kept) { return false }
      guard let interval = request.interval else { return true }
      return (interval.first...interval.last).contains(calendar.day(of: kept.stored.time))
    }.map(\.stored).sorted { ($0.time, $0.received) < ($1.time, $1.received) }
    if !wanted.isEmpty { try await receive(wanted) }
  }

  public func forget(app: String, users: [Identifier128]) async throws(StoreError) -> Erasure {
    let now = clock()
    let result: Result<Erasure, StoreError> = state.withLock { state in
      if state.isClosed { return .failure(.closed) }
      guard state.catalogs[app] != nil else { return .failure(.unknownApp(app)) }
      let gone = state.events.filter { $0.app == app && $0.stored.user.map(users.contains) ?? false }
      state.events.removeAll { $0.app == app && $0.stored.user.map(users.contains) ?? false }
      for user in users {
        let person = Person(app: app, user: user)
        state.known.remove(person)
        if state.erased[person] == nil { state.erased[person] = now }
      }
      return .success(Erasure(users: Set(gone.map(\.stored.user)).count, events: gone.count))
    }
    return try result.get()
  }

  public func scrub() async throws(StoreError) -> Bool { true }

  public func tidy() async throws(StoreError) -> Tidying { Tidying(isClean: true) }

  public func holdings(app: String) async throws(StoreError) -> [Holding] {
    try of(app) { state in
      let events = Dictionary(grouping: state.events.filter { $0.app == app }, by: \.stored.event)
      return (state.declared[app] ?? []).map { name in
        Holding(event: name, oldest: events[name]?.map(\.stored.received).min())
      }
    }
  }

  public func count(app: String, event: String, receivedBefore: Timestamp) async throws(StoreError) -> Int {
    try of(app) { $0.events.count { $0.isOf(app, event, before: receivedBefore) } }
  }

  public func purge(
    app: String, receivedBefore limits: [String: Timestamp]
  ) async throws(StoreError) -> [String: Int] {
    try of(app) { state in
      var purged: [String: Int] = [:]
      for (event, limit) in limits {
        let count = state.events.count
        state.events.removeAll { $0.isOf(app, event, before: limit) }
        purged[event] = count - state.events.count
      }
      return purged
    }
  }

  public func forgetAbsentUsers(app: String, erasedBefore: Timestamp) async throws(StoreError) -> Int {
    try of(app) { state in
      let present = Set(state.events.filter { $0.app == app }.compactMap(\.stored.user))
      let absent = state.known.filter { $0.app == app && !present.contains($0.user) }
      state.known.subtract(absent)
      state.erased = state.erased.filter { $0.key.app != app || $0.value >= erasedBefore }
      return absent.count
    }
  }

  /// Works on what is kept of an app that is known.
  private func of<Value: Sendable>(
    _ app: String, _ body: (inout State) -> Value
  ) throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = state.withLock { state in
      if state.isClosed { return .failure(.closed) }
      guard state.catalogs[app] != nil else { return .failure(.unknownApp(app)) }
      return .success(body(&state))
    }
    return try result.get()
  }

  public func close() async throws(StoreError) { state.withLock { $0.isClosed = true } }

  public func answer(_ question: Question) async throws(StoreError) -> Answer {
    let (events, catalog, isClosed) = state.withLock {
      ($0.events, $0.catalogs[question.app], $0.isClosed)
    }
    if isClosed { throw .closed }
    guard let catalog else { throw .unknownApp(question.app) }
    let mine = events.filter { $0.app == question.app }
    var answer = try ReferenceAnswer(question, catalog: catalog, now: clock()).answer(mine)
    if question.comparesWithBefore {
      answer.before = try ReferenceAnswer(
        question.before, catalog: catalog, now: clock(), naming: answer.namedGroups
      ).answer(mine)
    }
    return answer
  }
}

extension EventBatch.Entry {
  /// The client's own time where that is from 30 days before to 10 minutes after the receipt, else the receipt.
  fileprivate func recognised(receivedAt received: Timestamp) -> Timestamp {
    let (sent, receipt) = (sentTime.milliseconds, received.milliseconds)
    return sent != 0 && (receipt - 30 * 86_400_000...receipt + 600_000).contains(sent) ? sentTime : received
  }
}

extension MemoryEventStore.Kept {
  fileprivate func isOf(_ app: String, _ event: String, before: Timestamp) -> Bool {
    self.app == app && stored.event == event && stored.received < before
  }
}

extension EventBatch {
  fileprivate func values(_ range: Range<Int>, fields: [Field]) -> [String: MemoryEventStore.Value] {
    var result: [String: MemoryEventStore.Value] = [:]
    for slot in values[range] {
      let field = fields[Int(slot.field)]
      result[field.name] = value(slot, type: field.type)
    }
    return result
  }

  private func value(_ slot: Slot, type: FieldType) -> MemoryEventStore.Value {
    switch (slot.kind, type) {
    case (.list, .list(let element, _)):
      return .list(items[slot.range].map { value($0, type: element) })
    case (.records, .records(let columns, _)):
      let cells = items[slot.range]
      var rows: [[String: MemoryEventStore.Value]] = Array(
        repeating: [:], count: (cells.map { Int($0.row) + 1 }.max() ?? 0))
      for cell in cells {
        let column = columns[Int(cell.field)]
        rows[Int(cell.row)][column.name] = value(cell, type: column.type)
      }
      return .records(rows)
    case (.boolean, _): return .single(type: type.keyword, .boolean(slot.boolean))
    case (.integer, _): return .single(type: type.keyword, .integer(slot.integer))
    case (.number, _): return .single(type: type.keyword, .number(slot.number))
    default: return .single(type: type.keyword, .string(text(of: slot)))
    }
  }
}

import AvowStore
import AvowWire
import Foundation
import GRDB
import Logging
import Synchronization

/// The thread that writes `index.db`: looks every few seconds which days have closed or changed.
///
/// It never holds the lock of `main.db`: it reads a state of the rows and writes what it made of it with the
/// mark of that state. Whatever happens in between, the marks tell.
final class SegmentKeeper: Sendable {
  /// Which days to encode.
  enum Scope: Sendable, Equatable {
    /// Days that ended an hour ago and are not as the index has them.
    case closed
    /// The closed ones whose turn it is: a day that changes all the time is not encoded all the time.
    case due
    /// All days, also those of which more is expected, when they are not as the index has them.
    case all
    /// All days, whatever the index has.
    case again
    /// Days of an app that the index has, but not as they are now.
    case held(app: String)
  }

  private struct Place: Hashable, Sendable {
    var app: Int64
    var day: Int
  }
  /// When a day was encoded last and how long that took.
  private struct Pace: Sendable {
    var encoded: ContinuousClock.Instant
    var cost: Duration
  }
  private struct State: Sendable {
    var paces: [Place: Pace] = [:]
    var jobs: [@Sendable () -> Void] = []
    var distrusted: Set<Place> = []
    var isClosed = false
    var isAbandoned = false
  }

  private let file: IndexFile
  private let live: LiveDays
  private let main: DatabasePool
  private let clock: @Sendable () -> Timestamp
  private let logger: Logger
  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)

  /// What comes this long after a day's end is mostly there.
  private static let grace: Int64 = 3_600_000
  private static let interval = 10.0
  /// A day to which rows still come is encoded again when so many times the time this takes have passed: late
  /// rows cost at most half a percent of a core a day that gets them. Until then questions read it from its rows.
  private static let patience = 200
  /// What is encoded in one transaction: a crash loses little, and a reader's state grows little.
  private static let most = (days: 32, rows: 1 << 17)

  init(
    _ file: IndexFile, live: LiveDays, main: DatabasePool, clock: @escaping @Sendable () -> Timestamp,
    logger: Logger, isAutomatic: Bool
  ) {
    self.file = file
    self.live = live
    self.main = main
    self.clock = clock
    self.logger = logger
    let thread = Thread { [self] in
      Thread.current.name = "avow.index"
      run(isAutomatic)
    }
    thread.stackSize = 1 << 20
    thread.qualityOfService = .utility
    thread.start()
  }

  /// - Parameter progress: Told how many rows are done, of how many.
  func settle(
    _ scope: Scope, progress: @escaping EventIndex.Progress = { _, _ in }
  ) async throws(StoreError) {
    let result: Result<Void, StoreError> = await withCheckedContinuation { reply in
      let isTaken = enqueue { [self] in
        do { reply.resume(returning: .success(try encode(scope, progress))) } catch {
          reply.resume(returning: .failure(StoreError(error)))
        }
      }
      if !isTaken { reply.resume(returning: .failure(.closed)) }
    }
    try result.get()
  }

  func distrust(app: Int64, day: Int) {
    logger.warning("store.index.damaged", metadata: ["day": "\(CivilDate(dayNumber: day))"])
    state.withLock { _ = $0.distrusted.insert(Place(app: app, day: day)) }
    wakeUp.signal()
  }

  /// Encodes nothing any more: the file is damaged.
  func abandon() {
    logger.error(
      "index.db is damaged: answers come from the rows, more slowly; nothing is lost, and the next start makes it anew"
    )
    state.withLock { $0.isAbandoned = true }
  }

  func close() async {
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      let wasOpen = state.withLock { state in
        if state.isClosed { return false }
        state.isClosed = true
        state.jobs.append { done.resume() }
        return true
      }
      if wasOpen { wakeUp.signal() } else { done.resume() }
    }
  }

  private func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      if state.isClosed { return false }
      state.jobs.append(job)
      return true
    }
    if isTaken { wakeUp.signal() }
    return isTaken
  }

  // MARK: The thread

  private func run(_ isAutomatic: Bool) {
    while true {
      let woken = wakeUp.wait(timeout: isAutomatic ? .now() + Self.interval : .distantFuture)
      let (jobs, isClosed) = state.withLock { state in
        defer { state.jobs = [] }
        return (state.jobs, state.isClosed)
      }
      for job in jobs { job() }
      if isClosed { return }
      if woken == .timedOut || !state.withLock({ $0.distrusted.isEmpty }) {
        do { try encode(.due) } catch {
          logger.warning("store.index.failed", metadata: ["error": "\(StoreError(error))"])
        }
      }
    }
  }

  // MARK: Encoding

  private struct Wanted {
    var schema: AppSchema
    var days: [(day: Int, rows: Int)]
  }

  private func encode(_ scope: Scope, _ progress: EventIndex.Progress = { _, _ in }) throws {
    if state.withLock({ $0.isAbandoned }) { return }
    let wanted = try main.read { db in
      let schemas = try AppSchema.load(db).values
      return try StoreError.naming("index.db") {
        try file.pool.read { indexDB in try schemas.map { try choose(scope, $0, db, indexDB) } }
      }
    }
    let distrusted = state.withLock { $0.distrusted }
    let all = wanted.reduce(0) { $0 + $1.days.reduce(0) { $0 + $1.rows } }
    var done = 0
    for one in wanted {
      var first = 0
      while first < one.days.count {
        var (last, rows) = (first, 0)
        repeat {
          rows += one.days[last].rows
          last += 1
        } while last < one.days.count && last - first < Self.most.days
          && rows + one.days[last].rows <= Self.most.rows
        let start = ContinuousClock.now
        try encode(one.days[first..<last].map(\.day), one.schema)
        note(one.days[first..<last], rows: rows, took: .now - start, app: one.schema.number)
        first = last
        done += rows
        progress(done, all)
      }
    }
    if !distrusted.isEmpty { state.withLock { $0.distrusted.subtract(distrusted) } }
  }

  private func note(
    _ days: ArraySlice<(day: Int, rows: Int)>, rows: Int, took: Duration, app: Int64
  ) {
    state.withLock { state in
      if state.paces.count > 10_000 { state.paces = [:] }
      for one in days {
        state.paces[Place(app: app, day: one.day)] = Pace(
          encoded: .now, cost: took * one.rows / max(1, rows))
      }
    }
  }

  private func choose(
    _ scope: Scope, _ schema: AppSchema, _ db: Database, _ indexDB: Database
  ) throws -> Wanted {
    let marks = try StoreError.naming("main.db") { try DayMark.all(of: schema.number, db) }
    let encoded = try IndexFile.marks(of: schema.number, indexDB)
    let present = Set(marks.map(\.day))
    let now = clock().milliseconds
    let (distrusted, paces) = state.withLock { ($0.distrusted, $0.paces) }
    let instant = ContinuousClock.now
    var days = marks.filter { mark in
      guard IndexFile.isIndexable(mark.day) else { return false }
      let place = Place(app: schema.number, day: mark.day)
      let isDistrusted = distrusted.contains(place)
      let isChanged = encoded[mark.day] != mark.mark || isDistrusted
      switch scope {
      case .closed, .due:
        guard isChanged, Timestamp(day: mark.day + 1).milliseconds + Self.grace <= now else { return false }
        guard scope == .due, !isDistrusted, let pace = paces[place] else { return true }
        return instant >= pace.encoded + pace.cost * Self.patience
      case .all: return isChanged
      case .again: return true
      case .held(let app):
        return schema.app == app && encoded[mark.day] != nil && isChanged
      }
    }.map { (day: $0.day, rows: $0.rows) }
    // Days that have no rows any more.
    days += encoded.keys.filter { !present.contains($0) }.map { ($0, 0) }
    return Wanted(schema: schema, days: days.sorted { $0.day < $1.day })
  }

  private func encode(_ days: [Int], _ schema: AppSchema) throws {
    let images = try main.read { db in
      let marks = Dictionary(
        uniqueKeysWithValues: try DayMark.all(of: schema.number, db).map { ($0.day, $0) })
      let present = days.compactMap { marks[$0] }
      let made = try live.make(present, schema: schema, names: file.names, db)
      return zip(present, made).map { (day: $0.day, mark: $0.mark, image: Optional($1)) }
        + days.filter { marks[$0] == nil }.map { (day: $0, mark: 0, image: nil) }
    }
    try StoreError.naming("index.db") { try file.write(images, app: schema.number) }
  }
}

import AvowStore
import AvowWire
import GRDB
import Logging
import Synchronization

/// The index as the store uses it: the file, days in memory, and the thread that keeps it.
final class SegmentIndex: Sendable {
  let file: IndexFile
  let live = LiveDays()
  private let keeper: SegmentKeeper
  private let state = Mutex(State())

  private struct Place: Hashable, Sendable {
    var app: Int64
    var day: Int
  }
  private struct State: Sendable {
    /// Summaries by day, each with the mark it belongs to.
    var summaries: [Place: (mark: Int64, summary: DayImage)] = [:]
    var greatestUsers: [Int64: Int] = [:]
    var histories: [Int64: UserHistory] = [:]
    /// Stands in for the file when that is damaged.
    var blank: DatabaseQueue?
  }

  init(
    _ file: IndexFile, main: DatabasePool, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
    isAutomatic: Bool
  ) {
    self.file = file
    keeper = SegmentKeeper(
      file, live: live, main: main, clock: clock, logger: logger, isAutomatic: isAutomatic)
  }

  /// Whether the file turned out damaged: until the next start, which makes it anew, rows answer.
  var isAbandoned: Bool { state.withLock { $0.blank != nil } }

  /// Reads a state of the index. When the file turns out damaged it reads again as if no day were encoded.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    if let blank = state.withLock({ $0.blank }) { return try blank.read(body) }
    do {
      return try file.pool.read(body)
    } catch {
      guard SQLiteFailure.isDamage(error), !StoreCheck.isSound(file.pool.path) else { throw error }
      let blank = try IndexFile.blank()
      let isFirst = state.withLock { state in
        defer { state.blank = blank }
        state.summaries = [:]
        return state.blank == nil
      }
      if isFirst { keeper.abandon() }
      return try blank.read(body)
    }
  }

  /// Cuts the log; returns whether that was possible.
  func truncateLog() throws -> Bool {
    do { return try file.truncateLog() } catch {
      // No identifier is in this file, and the next start makes it anew.
      guard isAbandoned else { throw error }
      return true
    }
  }

  /// What an encoded day holds, without its blobs; `nil` when that is damaged, and then it is made again.
  func summary(of app: Int64, _ mark: DayMark, _ db: Database) throws -> DayImage? {
    let place = Place(app: app, day: mark.day)
    if let known = state.withLock({ $0.summaries[place] }), known.mark == mark.mark { return known.summary }
    guard let summary = try IndexFile.summary(of: app, day: mark.day, db) else {
      distrust(app: app, day: mark.day)
      return nil
    }
    state.withLock { $0.summaries[place] = (mark.mark, summary) }
    return summary
  }

  /// What is known of an app's users on the first of these days; nothing when these changed since.
  func history(of app: Int64, _ marks: [DayMark]) -> UserHistory {
    guard let known = state.withLock({ $0.histories[app] }), known.isPrefix(of: marks) else {
      return UserHistory()
    }
    return known
  }

  func keep(_ history: UserHistory, of app: Int64) {
    guard history.isWorthKeeping else { return }
    state.withLock { $0.histories[app] = history }
  }

  /// About how many users an app has, for the size of sets.
  func greatestUser(of app: Int64) -> Int { state.withLock { $0.greatestUsers[app] ?? 4096 } }

  func note(greatestUser: Int, of app: Int64) {
    state.withLock { $0.greatestUsers[app] = max($0.greatestUsers[app] ?? 4096, greatestUser) }
  }

  /// Encodes what is to be encoded: closed days whose rows are not as the index has them.
  func settle(
    _ scope: SegmentKeeper.Scope = .closed, progress: @escaping EventIndex.Progress = { _, _ in }
  ) async throws(StoreError) {
    try await keeper.settle(scope, progress: progress)
  }

  /// Encodes again what the index holds of an app and what changed since.
  func refresh(app: String) async throws(StoreError) {
    try await keeper.settle(.held(app: app))
  }

  /// Has a damaged day encoded again soon.
  func distrust(app: Int64, day: Int) {
    state.withLock { $0.summaries[Place(app: app, day: day)] = nil }
    keeper.distrust(app: app, day: day)
  }

  /// Drops what is kept in memory.
  func forget() {
    live.forget()
    state.withLock { state in
      state.summaries = [:]
      state.histories = [:]
    }
  }

  func close() async throws {
    await keeper.close()
    try file.close()
  }
}

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
  }

  init(
    _ file: IndexFile, main: DatabasePool, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
    isAutomatic: Bool
  ) {
    self.file = file
    keeper = SegmentKeeper(
      file, live: live, main: main, clock: clock, logger: logger, isAutomatic: isAutomatic)
  }

  /// What an encoded day holds, without its blobs.
  func summary(of app: Int64, _ mark: DayMark, _ db: Database) throws -> DayImage? {
    let place = Place(app: app, day: mark.day)
    if let known = state.withLock({ $0.summaries[place] }), known.mark == mark.mark { return known.summary }
    guard let summary = try IndexFile.summary(of: app, day: mark.day, db) else { return nil }
    state.withLock { $0.summaries[place] = (mark.mark, summary) }
    return summary
  }

  /// About how many users an app has, for the size of sets.
  func greatestUser(of app: Int64) -> Int { state.withLock { $0.greatestUsers[app] ?? 4096 } }

  func note(greatestUser: Int, of app: Int64) {
    state.withLock { $0.greatestUsers[app] = max($0.greatestUsers[app] ?? 4096, greatestUser) }
  }

  /// Encodes what is to be encoded: closed days whose rows are not as the index has them.
  func settle(_ scope: SegmentKeeper.Scope = .closed) async throws(StoreError) {
    try await keeper.settle(scope)
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
    state.withLock { $0.summaries = [:] }
  }

  func close() async throws {
    await keeper.close()
    try file.close()
  }
}

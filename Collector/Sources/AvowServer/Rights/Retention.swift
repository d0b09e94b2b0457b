import AvowIngest
import AvowStore
import AvowWire
import Logging
import ServiceLifecycle

/// Removes what the catalogs say has been kept long enough, and says beforehand what goes next.
///
/// Also events that only older catalogs declared, and apps whose catalog is no longer loaded: a rule once
/// promised to users does not end because a file was left out at a start.
struct Retention: Service {
  let state: CollectorState

  /// What goes next of each event that is stored, the most urgent first.
  func plan() async throws -> [RetentionStep] {
    let today = state.clock.now().day
    var steps: [RetentionStep] = []
    for catalog in try catalogs() {
      for holding in try await holdings(catalog) {
        guard let oldest = holding.oldest else { continue }
        let rule = RetentionRule(holding.event, of: catalog)
        let day = rule.next(oldest: oldest)
        let count = try await state.store.count(
          app: catalog.app, event: holding.event, receivedBefore: rule.limit(on: max(day, today)))
        steps.append(RetentionStep(rule: rule, oldest: oldest, day: day, count: count))
      }
    }
    return steps.sorted { ($0.day, $0.rule.app, $0.rule.event) < ($1.day, $1.rule.app, $1.rule.event) }
  }

  /// Removes what is due; returns how many events went.
  @discardableResult
  func enforce(isNight: Bool = false) async throws -> Int {
    let today = state.clock.now().day
    var total = 0
    for catalog in try catalogs() {
      var limits: [String: Timestamp] = [:]
      for holding in try await holdings(catalog) {
        guard let oldest = holding.oldest else { continue }
        let rule = RetentionRule(holding.event, of: catalog)
        if rule.next(oldest: oldest) <= today { limits[holding.event] = rule.limit(on: today) }
      }
      let longest = catalog.longestRetention
      // Names of what was refused are not kept longer than what was stored.
      state.quarantine.forget(app: catalog.app, unchangedSince: Timestamp(day: today - longest))
      let counts =
        limits.isEmpty ? [:] : try await state.store.purge(app: catalog.app, receivedBefore: limits)
      for (event, count) in counts.sorted(by: { $0.key < $1.key }) {
        state.logger.info(
          "retention", metadata: ["app": "\(catalog.app)", "event": "\(event)", "purged": "\(count)"])
      }
      let purged = counts.values.reduce(0, +)
      // At night also where nothing is due: marks of erased users grow old, too.
      if purged > 0 || isNight {
        try await forgetAbsentUsers(catalog.app, erasedBefore: Timestamp(day: today - longest - 31))
      }
      total += purged
    }
    try state.database.pruneDeletions(erasedBefore: Timestamp(day: today - Self.receiptDays))
    return total
  }

  func run() async throws {
    // At start, and then often enough that a day's change is met within minutes.
    var lastDay: Int?
    var isClean = true
    for await _ in AsyncTimerTicks(every: .seconds(30)).cancelOnGracefulShutdown() {
      let today = state.clock.now().day
      do {
        if today != lastDay {
          try await enforce(isNight: lastDay != nil)
          lastDay = today
          isClean = false
        }
        // Until it is done: a program that reads the files, or a full disk, may stand in the way.
        if !isClean { isClean = try await state.deletions.clean().isClean }
      } catch {
        state.logger.error("retention did not finish, it tries again: \(error)")
      }
    }
  }

  private func forgetAbsentUsers(_ app: String, erasedBefore: Timestamp) async throws {
    if try state.database.pruneMarks(app: app, erasedBefore: erasedBefore) {
      state.erased.replace(with: try state.database.marks())
    }
    do {
      _ = try await state.store.forgetAbsentUsers(app: app, erasedBefore: erasedBefore)
    } catch  where error.code == .unknownApp {
      // Nothing of it was ever stored.
    }
  }

  /// How long receipts are kept: three years, the usual time to claim something.
  private static let receiptDays = 3 * 366

  private func catalogs() throws(CollectorError) -> [Catalog] {
    let loaded = state.catalogs.catalogs
    let apps = Set(loaded.map(\.app))
    return try loaded
      + CatalogSet(kept: state.database.newestCatalogs().filter { !apps.contains($0.app) }).catalogs
  }

  private func holdings(_ catalog: Catalog) async throws -> [Holding] {
    do {
      return try await state.store.holdings(app: catalog.app)
    } catch  where error.code == .unknownApp {
      return []
    }
  }
}

extension AdminAPI {
  /// What goes next, when, how many.
  func retention() async throws -> AdminResponse {
    let today = state.clock.now().day
    let steps = try await Retention(state: state).plan()
    return .json(["plan": .array(steps.map { $0.json(today: today) })])
  }

  /// Does now what a running collector does at night.
  func tidy() async throws -> AdminResponse {
    let tidying = try await state.deletions.clean()
    let waiting = try state.database.uncleanedDeletions().count
    return .json([
      "clean": .boolean(tidying.isClean), "texts": .integer(Int64(tidying.texts)),
      "contexts": .integer(Int64(tidying.contexts)), "bytes": .integer(Int64(tidying.bytes)),
      "waiting": .integer(Int64(waiting)),
    ])
  }

  /// Removes what is due now instead of within the next half minute.
  func enforceRetention() async throws -> AdminResponse {
    .json(["purged": .integer(Int64(try await Retention(state: state).enforce()))])
  }
}

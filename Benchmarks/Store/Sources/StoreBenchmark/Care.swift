import AvowDashboard
import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation
import Synchronization

/// The moment at which all of the simulated year is closed.
var afterTheYear: Hand { Hand(Timestamp(day: Traffic.firstDay + Traffic.days).milliseconds + 7_200_000) }

/// Makes the dashboard's pages over the whole year, with none, one and two filters; no answer is kept from one
/// to the next.
func pages(_ folder: String) async throws {
  let hand = afterTheYear
  let store = try await open(folder, hand)
  try await store.settleIndex()
  let dashboard = Dashboard(
    catalogs: [Traffic.catalog], ask: { try await store.answer($0) },
    today: { _ in Traffic.firstDay + Traffic.days - 1 }, quality: { _ in nil })
  print("| page, ms of wall (of CPU) | no filter | 1 filter | 2 filters | last 28 days |")
  print("|---|---|---|---|---|")
  let app = "/apps/bench"
  for path in ["/", app, app + "/events", app + "/events/event_0", app + "/users", app + "/versions"] {
    var cells: [String] = []
    let year = (name: "days", value: "365")
    let filters = [(name: "os_name", value: "linux"), (name: "app_version>", value: Traffic.version(12))]
    for query in [[year], [year, filters[0]], [year] + filters, []] {
      var best = Cost(wall: .infinity, cpu: .infinity)
      for _ in 0..<5 {
        let (cost, page) = await Cost.of { await dashboard.respond(path: path, query: query) }
        guard page.status == 200 else { throw StoreError.failed("\(path) answers \(page.status)") }
        if cost.wall < best.wall { best = cost }
      }
      cells.append("\(number(best.wall * 1000, 0)) (\(number(best.cpu * 1000, 0)))")
    }
    print("| \(path) | \(cells.joined(separator: " | ")) |")
  }
  print("\nmemory: \(memory())")
  try await store.close()
}

func forget(_ folder: String, _ count: Int) async throws {
  let store = try await open(folder, afterTheYear)
  try await store.settleIndex()
  final class Users: Sendable { let found = Mutex<Set<Identifier128>>([]) }
  let users = Users()
  try await store.export(
    ExportRequest(app: "bench", event: "event_19", interval: .days(2, through: Traffic.firstDay + 200))
  ) {
    events in
    users.found.withLock { found in for event in events { if let user = event.user { found.insert(user) } } }
  }
  var took: [Double] = []
  var spent = 0.0
  var events = 0
  for user in users.found.withLock({ Array($0.sorted().prefix(count)) }) {
    let (cost, erasure) = try await Cost.of { try await store.forget(app: "bench", users: [user]) }
    took.append(cost.wall * 1000)
    spent += cost.cpu
    events += erasure.events
  }
  took.sort()
  print(
    "| forgetting one user, \(took.count) one by one, \(events) rows: median / greatest | \(number(took[took.count / 2])) / \(number(took[took.count - 1])) ms; of CPU \(number(spent * 1000 / Double(took.count))) ms each |"
  )
  try await store.close()
}

/// Removes what came in the first thirty days, while a batch comes every 20 ms.
func purge(_ folder: String) async throws {
  let hand = afterTheYear
  let store = try await open(folder, hand)
  try await store.settleIndex()
  // Other events than those of the fill, or all would be duplicates.
  var traffic = Traffic(total: 99_000, seed: 7)
  let batches = (0..<1000).map { _ in traffic.next(at: hand.now.milliseconds) }
  let quiet = try await steadily(batches[0..<200], to: store) {
    try await Task.sleep(for: .seconds(4))
  }
  print("| batches of 99 events, one each 20 ms: median / greatest | \(describe(quiet.latencies)) |")
  let month = Timestamp(day: Traffic.firstDay + 30)
  let (cost, busy) = try await Cost.of {
    try await steadily(batches[200...], to: store) {
      let limits = Dictionary(uniqueKeysWithValues: Traffic.catalog.events.map { ($0.name, month) })
      let removed = try await store.purge(app: "bench", receivedBefore: limits)
      print("| rows of the first month | \(removed.values.reduce(0, +)) |")
    }
  }
  print(
    "| removing them, pages given back and days encoded again | \(number(cost.wall)) s, \(number(cost.cpu)) s of CPU |"
  )
  print("| the same batches meanwhile: median / greatest | \(describe(busy.latencies)) |")
  try await store.close()
}

private func describe(_ latencies: [Double]) -> String {
  let sorted = latencies.sorted()
  guard let last = sorted.last else { return "none" }
  return "\(number(sorted[sorted.count / 2] * 1000)) / \(number(last * 1000)) ms (\(sorted.count) batches)"
}

/// Appends batches one by one as long as `work` goes on.
private func steadily(
  _ batches: ArraySlice<EventBatch>, to store: SQLiteEventStore, while work: () async throws -> Void
) async throws -> (latencies: [Double], count: Int) {
  final class Flag: Sendable { let isSet = Atomic(false) }
  let isDone = Flag()
  let appending = Task {
    var latencies: [Double] = []
    for batch in batches where !isDone.isSet.load(ordering: .relaxed) {
      let begin = Cost.wall
      _ = try await store.append(batch)
      latencies.append(Cost.wall - begin)
      try await Task.sleep(for: .milliseconds(20))
    }
    return latencies
  }
  try await work()
  isDone.isSet.store(true, ordering: .relaxed)
  let latencies = try await appending.value
  return (latencies, latencies.count)
}

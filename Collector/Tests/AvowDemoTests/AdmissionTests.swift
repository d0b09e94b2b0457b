import AvowCatalog
import AvowDemo
import AvowIngest
import AvowWire
import Foundation
import Testing

/// All requests of the four clients through the real admission under the real catalogs: what the generator
/// says must become of them is what becomes of them.
struct AdmissionTests {
  private static let clients = SeedClients(
    seed: 1, keys: ["blindai": "wk_blindai", "evidently": "wk_evidently"], firstDay: 20_000)
  private static let samples = clients.samples()
  private static let requests = (0..<clients.days).flatMap { clients.requests(day: $0) }
  /// The sixty days, admitted once for all tests that look at them.
  private static let whole = Result { try counted(requests) }

  private static func catalogs() throws -> [Catalog] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Catalogs")
    return try SeedClients.apps.map { app in
      let bytes = try Data(contentsOf: folder.appending(path: "\(app).yaml"))
      return try #require(CatalogFile.read(bytes: Array(bytes), file: "\(app).yaml").catalog)
    }
  }

  /// What a store would see: events by name, the second arrival of the same identifier left out.
  private struct Counted: Sendable {
    var found: [String: DemoComparison.Found] = [:]
    var events: [String: Int] = [:]
    var users: [String: Set<Identifier128>] = [:]
    var lines: [Quarantine.Line] = []
  }

  private static func counted(_ requests: [ForeignRequest]) throws -> (Counted, DemoLedger) {
    let quarantine = Quarantine()
    let ingest = try Ingest(
      catalogs: catalogs(), pepper: Array(repeating: 7, count: 32), quarantine: quarantine
    ) { $0.hasPrefix("wk_") ? String($0.dropFirst(3)) : nil }
    var ledger = DemoLedger()
    var counted = Counted()
    var known: Set<[String]> = []
    var stored: [String: Int] = [:]
    var duplicates: [String: Int] = [:]
    for request in requests {
      let received = ingest.receive(
        IngestRequest(
          method: request.method, path: request.path, query: request.query,
          headers: request.headers.map { ($0.name.lowercased(), $0.value) }, body: request.body,
          address: "192.0.2.77", received: request.time))
      var status: Int?
      switch received {
      case .notMine: break
      case .answered(let response): status = response.status
      case .batch(let batch, let reply):
        let app = batch.catalog.app
        var result = Reply.Result(stored: 0, duplicates: 0)
        for entry in batch.entries {
          if let id = entry.id,
            !known.insert([app, "\(entry.sentTime.milliseconds)", id.description]).inserted
          {
            result.duplicates += 1
            continue
          }
          result.stored += 1
          counted.events["\(app) \(batch.catalog.events[entry.event].name)", default: 0] += 1
          if let user = entry.user { counted.users[app, default: []].insert(user) }
          #expect(entry.time.day == request.time.day || request.generation == "rows of Jitsu")
        }
        stored[app, default: 0] += result.stored
        duplicates[app, default: 0] += result.duplicates
        status = reply.stored(result).status
      }
      ledger.note(request, status: status)
    }
    let counters = quarantine.counters()
    for app in SeedClients.apps {
      let of = counters[app] ?? Quarantine.Counters()
      counted.found[app] = DemoComparison.Found(
        stored: stored[app] ?? 0, duplicates: duplicates[app] ?? 0, removed: of.removed,
        dropped: of.dropped, refused: of.refused)
    }
    counted.lines = quarantine.snapshot()
    return (counted, ledger)
  }

  @Test func `sixty days of every client come out as the ledger says`() throws {
    let requests = Self.requests
    let (counted, ledger) = try Self.whole.get()
    let comparison = DemoComparison(ledger: ledger, found: counted.found)
    #expect(comparison.agrees, "\n\(comparison.table)")
    // Field by field: what was removed is what the requests say, not only as much.
    var expected: [String: Int] = [:]
    for request in requests {
      for removal in request.removed {
        expected["\(request.app) \(removal.event) \(removal.field)", default: 0] += 1
      }
    }
    var removed: [String: Int] = [:]
    for line in counted.lines {
      guard let field = line.field else { continue }
      removed["\(line.app) \(line.event) \(field)", default: 0] += line.count
    }
    #expect(removed == expected)
    for app in ["blindai", "jina", "evidently"] {
      let users = Set(requests.filter { $0.app == app && $0.events > 0 }.map { $0.secrets.first ?? "" })
      #expect((counted.users[app] ?? []).count == users.count, "\(app)")
    }
    // Nothing stands for a user of Speedster.
    #expect(counted.users["speedster"] == nil)
  }

  @Test(arguments: Set(samples.map { "\($0.app) \($0.generation)" }).sorted())
  func `one request of each kind that a generation sends is admitted as it says`(generation: String) throws {
    for request in Self.samples where "\(request.app) \(request.generation)" == generation {
      try expectAdmitted(request)
    }
  }

  private func expectAdmitted(_ request: ForeignRequest) throws {
    // A repeated request is one only after the first.
    let requests =
      request.duplicates > 0
      ? Self.clients.jitsuRows(day: Self.clients.days - 10) : [request]
    let (counted, ledger) = try Self.counted(requests)
    let app = try #require(counted.found[request.app])
    #expect(ledger[request.app].failures == 0)
    #expect(app.stored == ledger[request.app].stored)
    #expect(app.removed == ledger[request.app].removed)
    #expect(app.dropped == ledger[request.app].dropped)
    #expect(app.refused == ledger[request.app].refused)
  }

  @Test func `every event of the four pages happens in sixty days`() throws {
    let (counted, _) = try Self.whole.get()
    for catalog in try Self.catalogs() {
      for event in catalog.events {
        #expect(counted.events["\(catalog.app) \(event.name)"] ?? 0 > 0, "\(catalog.app) \(event.name)")
      }
    }
  }
}

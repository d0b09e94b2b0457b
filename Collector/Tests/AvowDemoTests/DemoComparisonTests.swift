import AvowDemo
import Testing

struct DemoComparisonTests {
  private static let ledger: DemoLedger = {
    var ledger = DemoLedger()
    let clients = SeedClients(seed: 3, keys: [:], firstDay: 20_000)
    for day in 28..<32 {
      for request in clients.requests(day: day) { ledger.note(request, status: request.status) }
    }
    ledger.note(app: "evidently", recorded: ["index": 2, "startup": 1])
    return ledger
  }()

  private static let found = ledger.accounts.mapValues {
    DemoComparison.Found(
      stored: $0.stored, duplicates: $0.duplicates, removed: $0.removed, dropped: $0.dropped,
      refused: $0.refused)
  }

  @Test func `equal counts agree`() {
    let comparison = DemoComparison(ledger: Self.ledger, found: Self.found)
    #expect(comparison.agrees)
    #expect(comparison.exitStatus == 0)
    let lines = comparison.table.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines.dropFirst().allSatisfy { $0.hasSuffix("agrees") })
    #expect(Set(lines.map(\.count)).count <= 2)
  }

  @Test(
    arguments: [
      \DemoComparison.Found.stored, \.duplicates, \.removed, \.dropped, \.refused,
    ] as [any WritableKeyPath<DemoComparison.Found, Int> & Sendable])
  func `one event too few or too many differs, and the table says where`(
    column: any WritableKeyPath<DemoComparison.Found, Int> & Sendable
  ) {
    for step in [-1, 1] {
      var found = Self.found
      found["jina"]?[keyPath: column] += step
      let comparison = DemoComparison(ledger: Self.ledger, found: found)
      #expect(comparison.exitStatus == 1)
      #expect(comparison.table.contains("(not \((found["jina"]?[keyPath: column] ?? 0) - step))"))
    }
  }

  @Test func `an app nobody sent to, an unanswered request and nothing at all differ`() {
    var extra = Self.found
    extra["other"] = DemoComparison.Found(stored: 1, duplicates: 0, removed: 0, dropped: 0, refused: 0)
    #expect(!DemoComparison(ledger: Self.ledger, found: extra).agrees)
    var failed = Self.ledger
    failed.noteFailure(app: "jina")
    #expect(!DemoComparison(ledger: failed, found: Self.found).agrees)
    #expect(!DemoComparison(ledger: DemoLedger(), found: [:]).agrees)
  }

  @Test func `an unanswered request counts as sent and as nothing else`() throws {
    let request = try #require(
      SeedClients(seed: 3, keys: [:], firstDay: 20_000).samples().first { $0.dropped > 0 })
    var ledger = DemoLedger()
    ledger.note(request, status: nil)
    #expect(ledger["blindai"].sent == request.events + request.dropped)
    #expect(ledger["blindai"].stored == 0)
    #expect(ledger["blindai"].failures == 1)
  }
}

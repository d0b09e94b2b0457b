import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct KeyLimitTests {
  @Test func `a key that sent too much is put off, another of the same app is not`() async throws {
    // One batch on credit, and a second only after minutes.
    try await RunningCollector.with(configure: { $0.eventsPerKey = 0.002 }) { running async throws in
      let (busy, other) = (try await running.key(), try await running.key())
      #expect(try await running.record(key: busy, n: 1).status == 200)
      let answer = try await running.record(key: busy, n: 2)
      #expect(answer.status == 429)
      #expect(answer.headers["retry-after"] == "5")
      #expect(try JSONValue(parsing: answer.text)["error"] == "too_many_requests")
      #expect(try await running.record(key: other, n: 3).status == 200)
      // What comes again is counted when it is taken, not when it is put off.
      let counts = running.collector.state.counts(app: "weaver")
      #expect(counts.first { $0.name == "received" }?.value == 2)
    }
  }

  @Test func `what an app may not send is not charged to the key`() {
    var configuration = CollectorConfiguration(dataFolder: "", catalogPaths: [])
    configuration.eventsPerKey = 0.001
    configuration.eventsPerApp = 0.001
    let limits = Limits(configuration)
    #expect(limits.events(1, of: "a", by: "one") == nil)
    #expect(limits.events(1, of: "a", by: "two") == 5)
    #expect(limits.events(1, of: "b", by: "two") == nil)
    #expect(limits.events(1, of: "c", by: "two") == 5)
    // A path without keys knows the app only.
    #expect(limits.events(1, of: "d", by: nil) == nil)
    #expect(limits.events(1, of: "d", by: nil) == 5)
  }
}

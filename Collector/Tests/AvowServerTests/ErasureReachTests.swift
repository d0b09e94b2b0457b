import AvowDemo
import AvowIngest
import AvowStore
import AvowWire
import Foundation
import Testing

@testable import AvowServer

/// Erasures where an identifier is hard to find again: a receipt may say only what is true.
struct ErasureReachTests {
  /// The catalog with Amplitude's door open.
  private static func catalog(rotate: String = "never", version: Int = 1) -> String {
    RunningCollector.catalog
      .replacingOccurrences(of: "version: 1\n", with: "version: \(version)\naccepts: [{format: amplitude}]\n")
      .replacingOccurrences(
        of: "context:", with: "identity: {user: installation, rotate: \(rotate)}\ncontext:")
  }

  private static let potter = RunningCollector.catalog.replacingOccurrences(
    of: "app: weaver", with: "app: potter")

  /// What a collector holds under a clock, without a network around it.
  private struct Opened {
    let collector: Collector
    let clock: SimulatedClock
    let key: String

    /// Takes an event of a user as Amplitude's SDK sends it; returns how many were stored.
    func record(_ user: String, n: Int) async throws -> Int {
      let body: JSONValue = [
        "api_key": .string(key),
        "events": [["event_type": "weave", "user_id": .string(user), "insert_id": .string("i\(n)")]],
      ]
      let received = collector.state.ingest.receive(
        IngestRequest(method: "POST", path: "/2/httpapi", body: body.bytes, received: clock.now()))
      guard case .batch(let batch, _) = received else { return 0 }
      return try await collector.state.store.append(batch).count(of: .stored)
    }

    func forget(_ user: String) async throws -> JSONValue {
      try JSONValue(
        parsing: try await collector.admin("POST", "forget", [("app", "weaver"), ("user", user)]).text)
    }

    func copy(_ user: String) async throws -> Int {
      try await collector.admin("GET", "export", [("app", "weaver"), ("user", user)]).text
        .split(separator: "\n").count
    }
  }

  private func with(
    _ folder: TemporaryFolder, clock: SimulatedClock = SimulatedClock(start: RunningCollector.now),
    key: String? = nil, configure: @Sendable (inout CollectorConfiguration) -> Void = { _ in },
    _ body: (Opened) async throws -> Void
  ) async throws -> String {
    let collector = try await RunningCollector.open(folder, clock: clock, configure: configure)
    do {
      let key = if let key { key } else { try await collector.makeKey(app: "weaver") }
      try await body(Opened(collector: collector, clock: clock, key: key))
      await collector.close()
      return key
    } catch {
      await collector.close()
      throw error
    }
  }

  @Test func `users of an app whose catalog is no longer loaded are copied and erased all the same`()
    async throws
  {
    try await RunningCollector.with(catalog: Self.catalog()) { running async throws in
      let key = try await running.key()
      let opened = Opened(collector: running.collector, clock: running.clock, key: key)
      _ = try await running.record(key: key, n: 1)
      for (n, user) in ["ada", "bob"].enumerated() { #expect(try await opened.record(user, n: n) == 1) }
      try running.folder.write(Self.potter, to: "weaver.yaml")
      #expect(try await running.admin("POST", "reload", []).status == 200)
      #expect(try await opened.copy("ada") == 1)
      let receipt = try await opened.forget("ada")
      #expect(receipt["status"] == "erased" && receipt["events"] == 1)
      let job = try JSONValue(
        parsing: try await running.send(
          "POST", "/api/2/deletions/users",
          headers: [
            (
              name: "Authorization",
              value: "Basic " + Data("\(key):\(try running.token())".utf8).base64EncodedString()
            )
          ], body: Array(#"{"user_ids":["bob"]}"#.utf8)
        ).text)
      #expect(job["status"] == "done" && job["events"] == 1)
      let own = try await running.send(
        "POST", "/v1/deletions", headers: [(name: "Authorization", value: "Bearer \(key)")],
        body: Array(#"{"app":"weaver","users":["\#(RunningCollector.user)"]}"#.utf8))
      #expect(own.status == 200 && own.text.contains("erased"))
      let left = try await running.admin("GET", "export", [("app", "weaver")])
      #expect(left.status == 200 && left.text.isEmpty)
    }
  }

  @Test func `nothing is signed where nobody is named`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let answer = try await running.send(
        "POST", "/v1/deletions", headers: [(name: "Authorization", value: "Bearer \(key)")],
        body: Array(#"{"app":"weaver","users":[]}"#.utf8))
      #expect(answer.status == 400)
      await #expect(throws: CollectorError.self) {
        try await running.collector.state.deletions.erase(app: "weaver", QuotedUser(), source: .operators)
      }
    }
  }

  @Test(arguments: ["a  b", " padded ", "tab\tbed", "line\nbroken", "no\u{A0}break"])
  func `an identifier with white space is erased`(_ id: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.catalog(), to: "weaver.yaml")
    _ = try await with(folder) { opened async throws in
      #expect(try await opened.record(id, n: 1) == 1)
      #expect(try await opened.copy(id) == 1)
      #expect(try await opened.forget(id)["events"] == 1)
      #expect(try await opened.record(id, n: 2) == 0)
    }
  }

  @Test func `what was stored under another rotation is erased, and stays out`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.catalog(rotate: "month"), to: "weaver.yaml")
    let key = try await with(folder) { opened async throws in
      #expect(try await opened.record("ada", n: 1) == 1)
    }
    try folder.write(Self.catalog(rotate: "week", version: 2), to: "weaver.yaml")
    _ = try await with(folder, key: key) { opened async throws in
      #expect(try await opened.forget("ada")["events"] == 1)
      #expect(try await opened.record("ada", n: 2) == 0)
    }
    try folder.write(Self.catalog(rotate: "never", version: 3), to: "weaver.yaml")
    _ = try await with(folder, key: key) { opened async throws in
      #expect(try await opened.record("ada", n: 3) == 0)
    }
  }

  @Test(arguments: ["day", "week", "month", "year"])
  func `an erased user stays out in every period to come, also after a restart`(_ rotation: String)
    async throws
  {
    let folder = try TemporaryFolder()
    try folder.write(Self.catalog(rotate: rotation), to: "weaver.yaml")
    let clock = SimulatedClock(start: RunningCollector.now)
    func later(days: Int) {
      clock.set(Timestamp(milliseconds: RunningCollector.now.milliseconds + Int64(days) * 86_400_000))
    }
    let key = try await with(folder, clock: clock) { opened async throws in
      #expect(try await opened.record("ada", n: 1) == 1)
      #expect(try await opened.forget("ada")["events"] == 1)
      later(days: 8)
      #expect(try await opened.record("ada", n: 2) == 0)
      #expect(try await opened.record("bob", n: 3) == 1)
    }
    later(days: 380)
    _ = try await with(folder, clock: clock, key: key) { opened async throws in
      #expect(try await opened.record("ada", n: 4) == 0)
      #expect(try await opened.record("bob", n: 5) == 1)
    }
  }

  @Test func `a pepper that is refused leaves the folder as it was`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.catalog(), to: "weaver.yaml")
    let pepper = folder.path + "/data/pepper"
    let key = try await with(folder) { opened async throws in
      #expect(try await opened.record("ada", n: 1) == 1)
      #expect(try await opened.forget("ada")["events"] == 1)
    }
    let right = try Data(contentsOf: URL(fileURLWithPath: pepper))
    try FileManager.default.removeItem(atPath: pepper)
    // Whoever was erased could come back.
    await #expect(throws: StoreError.self) {
      _ = try await with(folder, key: key, configure: { $0.acceptsNewPepper = true }) { _ async throws in }
    }
    try right.write(to: URL(fileURLWithPath: pepper))
    _ = try await with(folder, key: key) { opened async throws in
      #expect(try await opened.record("ada", n: 2) == 0)
      #expect(try await opened.forget("ada")["unreachable"] == nil)
    }
  }

  @Test func `after another pepper a receipt says what it cannot reach`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.catalog(), to: "weaver.yaml")
    let clock = SimulatedClock(start: RunningCollector.now)
    let key = try await with(folder, clock: clock) { opened async throws in
      #expect(try await opened.record("ada", n: 1) == 1)
    }
    try FileManager.default.removeItem(atPath: folder.path + "/data/pepper")
    _ = try await with(folder, clock: clock, key: key, configure: { $0.acceptsNewPepper = true }) {
      opened async throws in
      let receipt = try await opened.forget("ada")
      #expect(receipt["events"] == 0)
      let day = "\(CivilDate(dayNumber: RunningCollector.now.day))"
      #expect(receipt["unreachable"]?.stringValue?.contains("stored before \(day)") == true)
      // Once nothing of that time can be kept any more there is nothing left to say.
      clock.set(Timestamp(milliseconds: RunningCollector.now.milliseconds + 10 * 366 * 86_400_000))
      #expect(try await opened.forget("ada")["unreachable"] == nil)
    }
  }
}

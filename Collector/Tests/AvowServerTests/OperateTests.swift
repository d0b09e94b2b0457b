import AvowDemo
import AvowWire
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import AvowServer

struct StatusTests {
  @Test func `status says how the collector fares`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let before = try JSONValue(parsing: try await running.admin("GET", "status", []).text)
      #expect(before["started"]?.stringValue.flatMap { Timestamp(iso8601: $0) } != nil)
      #expect((before["memory"]?.integerValue ?? 0) > 1 << 20)
      #expect((before["disk"]?.integerValue ?? 0) > 0 && (before["disk_free"]?.integerValue ?? 0) > 0)
      #expect(before["pending_deletions"] == 0 && before["certificate_expires"] == .null)
      #expect(try await running.record(key: key, n: 1).status == 200)
      let totals = running.collector.state.totals
      #expect(totals.received == 1 && totals.stored == 1 && totals.requests >= 1)
    }
  }

  @Test func `rates are of the last minute`() {
    let (rates, start) = (Rates(), ContinuousClock.now)
    #expect(rates.lately(Totals(requests: 9), at: start).seconds == 0)
    for second in stride(from: 0, through: 300, by: 5) {
      rates.note(Totals(requests: 2 * second, received: 10 * second), at: start + .seconds(second))
    }
    let (passed, seconds) = rates.lately(Totals(requests: 620, received: 3050), at: start + .seconds(305))
    #expect(seconds == 65)
    #expect(passed == Totals(requests: 140, received: 650))
  }
}

struct LogTests {
  /// Takes every line with its metadata.
  private struct Recorder: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    final class Lines: Sendable {
      let text = Mutex("")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
  }

  @Test func `no log line holds a user's data, a key or an address`() async throws {
    let lines = Recorder.Lines()
    let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
    try await RunningCollector.with(logger: logger, configure: { $0.isBehindProxy = true }) {
      running async throws in
      let key = try await running.key()
      let token = try running.token()
      let secret = "tell-nobody-4711"
      let headers = [
        (name: "Authorization", value: "Bearer \(key)"), (name: "X-Forwarded-For", value: "203.0.113.77"),
        (name: "Cookie", value: secret),
      ]
      _ = try await running.record(key: key, n: 1)
      for body in [
        "{", "[]", #"{"app":"weaver","users":["\#(secret)"]}"#,
        #"{"app":"weaver","segment":"00112233445566778899aabb","context":{"os_name":"\#(secret)"},"events":[{"n":1,"name":"\#(secret)","time":1,"properties":{}}]}"#,
      ] {
        for path in ["/v1/events", "/v1/deletions", "/v1/batch", "/2/httpapi", "/nothing"] {
          _ = try await running.send(
            "POST", path + "?token=" + secret, headers: headers, body: Array(body.utf8))
        }
      }
      for user in [secret, RunningCollector.user] {
        _ = try await running.admin("POST", "forget", [("app", "weaver"), ("user", user)])
        _ = try await running.admin("GET", "export", [("app", "weaver"), ("user", user)])
      }
      _ = try await running.admin("POST", "retention", [])
      _ = try await running.admin("POST", "reload", [])
      let text = lines.text.withLock { $0 }
      #expect(text.contains("catalogs loaded"))
      for needle in [secret, key, token, RunningCollector.user, "203.0.113.77", "127.0.0.1"] {
        #expect(!text.contains(needle), "a log line holds \(needle.prefix(6))...")
      }
    }
  }

  @Test func `no file holds the address of a sender`() async throws {
    try await RunningCollector.with(configure: { $0.isBehindProxy = true }) { running async throws in
      let key = try await running.key()
      let body =
        #"{"app":"weaver","segment":"00112233445566778899aabb","context":{},"events":[{"n":1,"name":"weave","time":\#(RunningCollector.now.milliseconds),"properties":{}}]}"#
      _ = try await running.send(
        "POST", "/v1/events",
        headers: [
          (name: "Authorization", value: "Bearer \(key)"), (name: "X-Forwarded-For", value: "203.0.113.77"),
        ], body: Array(body.utf8))
      let needles = [Data("203.0.113".utf8), Data("127.0.0.1".utf8), Data([203, 0, 113, 77])]
      for name in try FileManager.default.contentsOfDirectory(atPath: running.folder.path + "/data") {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: running.folder.path + "/data/" + name))
        else { continue }
        for needle in needles { #expect(data.range(of: needle) == nil, "\(name)") }
      }
    }
  }
}

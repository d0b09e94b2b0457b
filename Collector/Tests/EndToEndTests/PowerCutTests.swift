import AvowDemo
import AvowWire
import Dispatch
import Glibc
import Synchronization
import Testing

/// `kill -9` while requests are under way.
@Suite(.serialized)
struct PowerCutTests {
  /// What the senders know.
  private struct Log: Sendable {
    var acknowledged: Set<Int64> = []
    var attempted: Set<Int64> = []
  }

  private final class Record: Sendable {
    let log = Mutex(Log())
  }

  @Test func `what was acknowledged before a kill is there exactly once after a restart`() async throws {
    let collector = try BuiltCollector()
    try collector.start()
    let key = try collector.key(for: "evidently")
    let senders = 4
    let record = Record()
    let ready = DispatchSemaphore(value: 0)
    await withTaskGroup { group in
      for sender in 0..<senders {
        let port = collector.port
        group.addTask {
          await withCheckedContinuation { continuation in
            DispatchQueue(label: "sender.\(sender)").async {
              Self.send(from: sender, to: port, key: key, ready: ready, record: record)
              continuation.resume()
            }
          }
        }
      }
      // Killed in the middle: some hundred are through and all four are sending.
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "killer").async {
          for _ in 0..<200 { ready.wait() }
          continuation.resume()
        }
      }
      #expect(collector.kill() == 128 + SIGKILL)
    }
    let before = record.log.withLock { $0 }
    #expect(before.acknowledged.count >= 200)
    #expect(before.attempted.count > before.acknowledged.count, "nothing was under way at the kill")

    try collector.start()
    var found: [Int64: Int] = [:]
    for line in try collector.export("evidently") {
      found[try #require(line["properties"]?["reports_count"]?.integerValue), default: 0] += 1
    }
    #expect(found.values.allSatisfy { $0 == 1 }, "an event is stored twice")
    #expect(before.acknowledged.subtracting(found.keys).isEmpty, "an acknowledged event is lost")
    let extra = Set(found.keys).subtracting(before.acknowledged)
    #expect(extra.isSubset(of: before.attempted))
    #expect(extra.count <= senders, "more than what was under way")
  }

  @Test func `a batch that is sent again after a restart is stored once`() throws {
    let collector = try BuiltCollector()
    try collector.start()
    let key = try collector.key(for: "evidently")
    let batches = (0..<5).map { Self.batch(number: $0, events: 20) }
    let now = Int64(Glibc.time(nil)) * 1000
    func send(_ body: [UInt8]) throws -> JSONValue {
      let answer = try LoopbackClient(port: collector.port).send(
        method: "POST", target: "/v1/events",
        headers: [
          ("Content-Type", "application/json"), ("Authorization", "Bearer \(key)"), ("Avow-Sent", "\(now)"),
        ], body: body)
      #expect(answer.status == 200, "\(answer.text)")
      return try JSONValue(parsing: answer.body)
    }
    for body in batches {
      let answer = try send(body)
      #expect(answer["accepted"] == 20)
      #expect(answer["receipt"]?.stringValue == hexadecimal(SHA256.hash(body)))
    }
    #expect(collector.kill() == 128 + SIGKILL)
    try collector.start()
    for body in batches {
      let answer = try send(body)
      #expect(answer["duplicates"] == 20)
    }
    #expect(try collector.export("evidently").count == 100)
  }

  /// Sends numbered events until the collector is gone.
  private static func send(
    from sender: Int, to port: UInt16, key: String, ready: DispatchSemaphore, record: Record
  ) {
    let client = LoopbackClient(port: port, timeout: .seconds(10))
    for number in 0..<100_000 {
      // The number travels as a declared property, because these requests name no event.
      let mark = Int64(sender * 100_000 + number)
      record.log.withLock { _ = $0.attempted.insert(mark) }
      let body =
        #"{"interface": "service_backend", "action": "list_reports", "error": null, "#
        + #""extra": {"reports_count": \#(mark)}, "tool_name": "evidently", "tool_version": "0.4.2", "#
        + #""user_id": "16d5bb6f-0400-4e2c-90f3-c3b31c95a1d3", "group_id": null, "#
        + #""os_name": "mac", "os_version": "13.0.1"}"#
      let answer = try? client.send(
        method: "POST", target: "/api/v1/s2s/event?ip_policy=strict&token=\(key)",
        headers: [("Content-Type", "application/json")], body: Array(body.utf8))
      guard answer?.status == 200 else {
        // So that the one who waits for the kill's moment does not wait for ever.
        for _ in 0..<200 { ready.signal() }
        return
      }
      record.log.withLock { _ = $0.acknowledged.insert(mark) }
      ready.signal()
    }
  }

  private static func batch(number: Int, events: Int) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("app")
    writer.string("evidently")
    writer.key("catalog")
    writer.beginObject()
    writer.key("version")
    writer.integer(1)
    writer.key("digest")
    writer.string(String(repeating: "0", count: 64))
    writer.endObject()
    writer.key("segment")
    writer.string("00112233445566778899aa0\(number)")
    writer.key("user")
    writer.string("000102030405060708090a0b0c0d0e0f")
    writer.key("session")
    writer.string("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    writer.key("context")
    writer.beginObject()
    writer.endObject()
    writer.key("events")
    writer.beginArray()
    for n in 0..<events {
      writer.beginObject()
      writer.key("n")
      writer.integer(n)
      writer.key("name")
      writer.string("list_reports")
      writer.key("time")
      writer.integer(1_700_000_000_000 + n)
      writer.key("properties")
      writer.beginObject()
      writer.key("reports_count")
      writer.integer(n)
      writer.endObject()
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }
}

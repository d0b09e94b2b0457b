import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct BulkTests {
  private static let catalog =
    RunningCollector.catalog + "\naccepts:\n  - {format: jitsu, events: {cloth: weave}}\n"

  /// Jitsu's bulk form with a file of this many lines, compressed.
  private static func form(_ count: Int, _ note: String = "") throws -> [UInt8] {
    let lines = (0..<count).map {
      #"{"event_type":"cloth","event_id":"\#($0)","rows":\#($0),"note":"\#(note)"}"#
    }
    return try form(file: Gzip.compress(Array(lines.joined(separator: "\n").utf8)))
  }

  private static func form(file: [UInt8]) -> [UInt8] {
    let head =
      "--xY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"events.jsonl.gz\"\r\n"
      + "Content-Type: application/gzip\r\n\r\n"
    return Array(head.utf8) + file + Array("\r\n--xY--\r\n".utf8)
  }

  @Test(arguments: [nil, "gzip"])
  func `Jitsu's bulk upload takes a compressed file, and the same again once`(_ encoding: String?)
    async throws
  {
    try await RunningCollector.with(catalog: Self.catalog) { running async throws in
      let key = try await running.key()
      // Jitsu's clients name the file's compression as the request's.
      let headers =
        [(name: "Content-Type", value: "multipart/form-data; boundary=xY")]
        + (encoding.map { [(name: "Content-Encoding", value: $0)] } ?? [])
      let form = try Self.form(300)
      for _ in 0..<2 {
        let answer = try await running.send(
          "POST", "/api/v1/events/bulk?token=\(key)", headers: headers, body: form)
        #expect(answer.status == 200 && answer.text == #"{"status":"ok"}"#, "\(answer.text)")
      }
      let counts = running.collector.state.counts(app: "weaver")
      #expect(counts.first { $0.name == "stored" }?.value == 300)
      #expect(counts.first { $0.name == "duplicates" }?.value == 300)
    }
  }

  @Test func `a bulk upload of several members is stored whole`() async throws {
    try await RunningCollector.with(catalog: Self.catalog) { running async throws in
      let key = try await running.key()
      let members = try (0..<2).map {
        try Gzip.compress(Array(#"{"event_type":"cloth","event_id":"\#($0)","rows":\#($0)}"#.utf8) + [0x0A])
      }
      let answer = try await running.send(
        "POST", "/api/v1/events/bulk?token=\(key)",
        headers: [(name: "Content-Type", value: "multipart/form-data; boundary=xY")],
        body: Self.form(file: members[0] + members[1]))
      #expect(answer.status == 200)
      #expect(running.collector.state.counts(app: "weaver").first { $0.name == "stored" }?.value == 2)
    }
  }

  @Test func `a bulk upload that is no gzip or grows too large is refused`() async throws {
    try await RunningCollector.with(catalog: Self.catalog) { running async throws in
      let key = try await running.key()
      var broken = try Self.form(300)
      broken[200] ^= 0xFF
      // Twenty times a megabyte of one letter, compressed to almost nothing.
      let bomb = try Self.form(21, String(repeating: "x", count: 1 << 20))
      #expect(bomb.count < 1 << 20)
      for body in [broken, bomb] {
        let answer = try await running.send(
          "POST", "/api/v1/events/bulk?token=\(key)",
          headers: [(name: "Content-Type", value: "multipart/form-data; boundary=xY")], body: body)
        #expect(answer.status == 400)
        #expect(try JSONValue(parsing: answer.text)["message"]?.stringValue != nil)
      }
    }
  }
}

import AvowDemo
import AvowWire
import Dispatch
import Glibc
import Testing

/// Hostile and broken requests of every format against the built collector: the right status, bounded memory,
/// and nothing else lost.
@Suite(.serialized)
struct SDKBadInputTests {
  /// A collector for all formats, with its key.
  private static func make(_ arguments: [String] = []) throws -> (collector: BuiltCollector, key: String) {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    collector.arguments = arguments
    try collector.start()
    return (collector, try collector.key(for: "sdks"))
  }

  /// A good request, so that each check can see that the collector still takes events.
  private static func good(_ mark: Int, _ key: String) -> [UInt8] {
    Array(
      #"{"writeKey":"\#(key)","batch":[{"type":"track","event":"tool run","messageId":"m\#(mark)","userId":"u","properties":{"mark":\#(mark)}}]}"#
        .utf8)
  }

  /// Every format's address with the headers that carry a key.
  private static func doors(_ key: String) -> [(target: String, headers: [(name: String, value: String)])] {
    [
      ("/v1/events", [("Authorization", "Bearer \(key)")]),
      ("/2/httpapi", []), ("/batch", []), ("/batch/", []), ("/capture/", []),
      ("/v1/batch", [("X-Write-Key", key)]), ("/v1/import", [("X-Write-Key", key)]),
      ("/api/s/s2s/track", [("X-Write-Key", key)]),
      ("/api/v1/event?token=\(key)", []), ("/api/v1/events/bulk?token=\(key)", []),
      ("/v1/logs", [("x-api-key", key), ("Content-Type", "application/json")]),
      ("/v1/logs", [("x-api-key", key), ("Content-Type", "application/x-protobuf")]),
      (
        "/i/v1/analytics/events",
        [
          ("Authorization", "Bearer \(key)"), ("PostHog-Sdk-Info", "x"), ("PostHog-Attempt", "1"),
          ("PostHog-Request-Id", "r"), ("PostHog-Request-Timestamp", "2026-11-21T11:00:00Z"),
          ("Content-Type", "application/json"), ("User-Agent", "x"),
        ]
      ),
    ]
  }

  private static let bodies: [(name: String, bytes: [UInt8])] = {
    func json(_ value: String) -> [UInt8] { Array(#"{"batch":[{"event":"#.utf8) + Array(value.utf8) }
    let deep = String(repeating: #"{"a":["#, count: 5000)
    return [
      ("nothing", []), ("NUL", [0]),
      ("invalid UTF-8", Array("{\"batch\":\"".utf8) + [0xFF, 0xFE, 0x22, 0x7D]),
      ("UTF-16", [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]), ("truncated", json(#""x","properties":{"mark":"#)),
      ("10 000 levels", Array(deep.utf8)), ("10 000 levels in an event", json(deep)),
      ("text after the end", Array("{} {}".utf8)), ("half a surrogate", Array(#"{"a":"\ud800"}"#.utf8)),
      ("gzip that is none", [0x1F, 0x8B, 8, 0, 1, 2, 3]),
      ("control character", Array("{\"a\":\"\u{1}\"}".utf8)),
      ("a form", Array("data=%7B%22event".utf8)), ("base64 of nothing good", Array("AAAA".utf8)),
    ]
  }()

  @Test func `broken bodies get an error in every format and cost nothing else`() throws {
    let (collector, key) = try Self.make()
    let connection = LoopbackClient(port: collector.port)
    var mark = 0
    for door in Self.doors(key) {
      for body in Self.bodies {
        let answer = try connection.send(
          method: "POST", target: door.target, headers: door.headers, body: body.bytes)
        // No bytes are a whole message in protobuf; everything else is wrong everywhere.
        let isEmptyMessage = body.bytes.isEmpty && door.headers.contains { $0.value.contains("protobuf") }
        let isRight = isEmptyMessage ? answer.status == 200 : [400, 401].contains(answer.status)
        #expect(isRight, "\(door.target) \(body.name): \(answer.status) \(answer.text)")
        #expect(!answer.text.contains(key) && !answer.text.contains("\n"))
      }
      let fine = try connection.send(method: "POST", target: "/v1/batch", body: Self.good(mark, key))
      #expect(fine.status == 200)
      mark += 1
    }
    #expect(try collector.export("sdks").count == mark)
    #expect(!Files.text(collector.log).contains(" error "))
  }

  @Test func `large and hostile bodies are bounded in memory, others are served meanwhile`() async throws {
    let (collector, key) = try Self.make()
    let before = try collector.peakMemory()
    let connection = LoopbackClient(port: collector.port)
    func send(_ name: String, _ body: [UInt8], _ headers: [(name: String, value: String)] = []) throws -> Int
    {
      let answer = try connection.send(
        method: "POST", target: "/v1/batch", headers: headers + [("X-Write-Key", key)], body: body)
      let peak = try collector.peakMemory()
      print("\(name): \(body.count) bytes sent, \(answer.status), peak \(peak >> 20) MiB")
      return answer.status
    }
    func event(_ inside: String) -> [UInt8] {
      Array(
        #"{"batch":[{"event":"tool run","messageId":"\#(inside.utf8.count)","properties":{"mark":1,\#(inside)}}]}"#
          .utf8)
    }
    #expect(try send("a text of 1 MB", event(#""note":"\#(String(repeating: "x", count: 1 << 20))""#)) == 200)
    #expect(try send("1e999", event(#""ratio":1e999"#)) == 200)
    let keys = (0..<1_000_000).map { "\"k\($0)\":1" }.joined(separator: ",")
    #expect(try send("1 000 000 keys", event(keys)) == 200)
    let ones = Self.numbers(9_900_000)
    #expect(try send("ten million values", ones) == 400)
    #expect(try send("21 MB", [UInt8](repeating: 0x20, count: 21 << 20)) == 413)
    let bomb = try Self.gzip(spaces: 1 << 30, in: collector.folder)
    #expect(try send("a gzip bomb of 1 GiB", bomb, [("Content-Encoding", "gzip")]) == 413)
    let full = try Self.gzip(spaces: 19 << 20, in: collector.folder)
    #expect(try send("19 MiB of spaces from gzip", full, [("Content-Encoding", "gzip")]) == 400)
    #expect(try send("an encoding nobody reads", [1], [("Content-Encoding", "br")]) == 415)
    #expect(try send("a good one", Self.good(7, key)) == 200)
    // Several at once must not add up.
    let port = collector.port
    let all = await withTaskGroup { group in
      for number in 0..<6 {
        group.addTask {
          await withCheckedContinuation { continuation in
            DispatchQueue(label: "large.\(number)").async {
              let answer = try? LoopbackClient(port: port).send(
                method: "POST", target: "/v1/batch", headers: [("X-Write-Key", key)], body: ones)
              continuation.resume(returning: answer?.status ?? 0)
            }
          }
        }
      }
      return await group.reduce(into: [Int]()) { $0.append($1) }
    }
    print("six of ten million values at once: \(all)")
    // Those that find no room are told to come back; they don't hold up one another until all fail.
    #expect(all.allSatisfy { $0 == 400 || $0 == 503 } && all.contains(400))
    #expect(try send("a second good one", Self.good(8, key)) == 200)
    let peak = try collector.peakMemory()
    print("peak resident memory: \(before >> 20) MiB before, \(peak >> 20) MiB after all of it")
    #expect(peak <= 256 << 20)
    #expect(try collector.export("sdks").count == 5)
  }

  @Test func `overload is answered with 503 and Retry-After in each SDK's words`() throws {
    let (collector, key) = try Self.make(["--body-patience", "600"])
    // Bodies that never end hold, to the byte, the 76 MiB that all bodies may share and the 6 MiB that one sender
    // may have of those kept for small ones.
    let most = (20 << 20) - 1
    let hogs = try [most, most, most, most, 1 << 20, 1 << 20, 4].map { size in
      let hog = try RawConnection(port: collector.port)
      hog.send("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: \(20 << 20)\r\n\r\n")
      // In pieces, each of which a busy machine takes within the connection's patience.
      for first in stride(from: 0, to: size, by: 1 << 18) {
        #expect(hog.send([UInt8](repeating: 0x20, count: min(1 << 18, size - first))))
      }
      return hog
    }
    let connection = LoopbackClient(port: collector.port)
    // The last of it may still be on its way; a good request that came before it could take its place.
    let all = 4 * most + (2 << 20) + 4
    var held = 0
    for _ in 0..<10_000 where held < all { held = try collector.metric("avow_body_bytes") }
    #expect(held == all)
    var statuses: [Int] = []
    for door in Self.doors(key) {
      let body = Self.good(1, key)
      let answer = try connection.send(method: "POST", target: door.target, headers: door.headers, body: body)
      guard answer.status == 503 else {
        statuses.append(answer.status)
        continue
      }
      #expect(answer.headers["retry-after"].flatMap { Int($0) }.map { (1...5).contains($0) } == true)
      let json = try? JSONValue(parsing: answer.body)
      switch door.target {
      case "/2/httpapi", "/batch": #expect(json?["code"] == 503)
      case "/v1/batch", "/v1/import":
        #expect(json?["code"]?.stringValue != nil && json?["message"]?.stringValue != nil)
      case "/batch/", "/capture/": #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true)
      case "/v1/logs" where door.headers[1].value.contains("protobuf"):
        #expect(answer.body.starts(with: [0x08, 14, 0x12]))
      case "/v1/logs": #expect(json?["code"] == 14)
      default: #expect(json?["error"] != nil)
      }
    }
    #expect(statuses.isEmpty, "answered without a place for their bodies: \(statuses)")
    for hog in hogs { hog.close() }
    // What the dead requests held comes back.
    var status = 503
    for _ in 0..<50 where status == 503 {
      status = try connection.send(method: "POST", target: "/v1/batch", body: Self.good(2, key)).status
    }
    #expect(status == 200)
    #expect(try collector.peakMemory() <= 256 << 20)
  }

  @Test func `wrong methods, types and paths get an answer that fits`() throws {
    let (collector, key) = try Self.make()
    let connection = LoopbackClient(port: collector.port)
    func status(_ method: String, _ target: String, _ headers: [(name: String, value: String)] = []) throws
      -> Int
    {
      try connection.send(method: method, target: target, headers: headers).status
    }
    for target in [
      "/v1/events", "/2/httpapi", "/v1/batch", "/api/v1/event", "/v1/logs", "/i/v1/analytics/events",
    ] {
      for method in ["GET", "PUT", "DELETE", "PATCH"] {
        #expect(try status(method, target) == 405, "\(method) \(target)")
      }
      #expect(try status("OPTIONS", target) == 204)
    }
    #expect(try status("POST", "/v1/logs", [("Content-Type", "text/html"), ("x-api-key", key)]) == 415)
    #expect(try status("POST", "/v1/events", [("Content-Type", "application/cloudevents+json")]) == 404)
    #expect(try status("POST", "/com.snowplowanalytics.snowplow/tp2") == 404)
    #expect(try status("GET", "/i?e=pv") == 404)
    for target in [
      "/../v1/events", "/v1/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/events/../x", "//v1/events",
      "/v1/%00events", "/v1/events%00", "/%ff%fe", "/v1/nothing", "/V1/EVENTS",
      "/" + String(repeating: "a", count: 4000),
    ] {
      let answer = try connection.send(method: "POST", target: target, body: Self.good(1, key))
      #expect(answer.status == 404, "\(target.prefix(40)): \(answer.status)")
      #expect(!answer.text.contains("root:"))
    }
    // A slash at the end and an escaped letter are the same path.
    #expect(
      try connection.send(method: "POST", target: "/v1/b%61tch/", body: Self.good(3, key)).status == 200)
    #expect(try collector.export("sdks").count == 1)
  }

  /// A batch of so many numbers.
  private static func numbers(_ count: Int) -> [UInt8] {
    Array(#"{"batch":[1"#.utf8) + Array(String(repeating: ",1", count: count).utf8) + Array("]}".utf8)
  }

  /// So many spaces, compressed by the program every machine has.
  private static func gzip(spaces: Int, in folder: String) throws -> [UInt8] {
    let outcome = try HostProcess(
      program: "/bin/sh", arguments: ["-c", "head -c \(spaces) /dev/zero | tr '\\000' ' ' | gzip -1"],
      environment: ["PATH": "/usr/bin:/bin"]
    ).run(timeout: .seconds(60))
    #expect(outcome.status == 0)
    return outcome.output
  }
}

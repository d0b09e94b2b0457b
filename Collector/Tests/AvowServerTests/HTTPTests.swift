import AvowStore
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct RequestTargetTests {
  @Test(arguments: [
    ("/a%20b?x=1&y=a+b%26c&empty=&flag", "/a b", ["x": "1", "y": "a b&c", "empty": "", "flag": ""]),
    ("/", "/", [:]),
    ("/100%", "/100%", [:]),
    ("/a+b", "/a+b", [:]),
  ])
  func `path and query are decoded`(_ target: String, _ path: String, _ query: [String: String]) {
    let parsed = RequestTarget(target)
    #expect(parsed.path == path)
    #expect(Dictionary(uniqueKeysWithValues: parsed.query.map { ($0.name, $0.value) }) == query)
  }
}

struct ResponseReaderTests {
  private static let chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=1\r\n, world\r\n0\r\n\r\n"

  @Test(arguments: 1...20) func `a chunked answer reads the same however it is cut`(_ size: Int) {
    var reader = ResponseReader()
    var body: [UInt8] = []
    let bytes = Array(Self.chunked.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      body += reader.consume(bytes[start..<min(start + size, bytes.count)])
    }
    #expect(String(decoding: body, as: UTF8.self) == "hello, world")
    #expect(reader.status == 200)
    #expect(reader.isComplete)
  }

  @Test func `an answer that breaks off is not complete`() {
    var reader = ResponseReader()
    _ = reader.consume(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".utf8)[...])
    #expect(!reader.isComplete)
  }
}

struct InflateTests {
  @Test func `broken gzip is refused`() throws {
    let plain = Array("{\"a\":1}".utf8)
    let whole = try Gzip.compress(plain)
    #expect(try Inflate.inflate(whole, limit: 1000) == plain)
    var broken = whole
    broken[12] ^= 0xff
    #expect(throws: Inflate.Failure.malformed) { try Inflate.inflate(broken, limit: 1000) }
    #expect(throws: Inflate.Failure.malformed) { try Inflate.inflate(whole.dropLast(9), limit: 1000) }
  }

  @Test func `a file of several members is inflated whole, and nothing else may stand behind`() throws {
    let (first, second) = (
      try Gzip.compress(Array("{\"a\":1}\n".utf8)), try Gzip.compress(Array("{\"b\":2}".utf8))
    )
    #expect(try Inflate.inflate(first + second, limit: 1000) == Array("{\"a\":1}\n{\"b\":2}".utf8))
    #expect(throws: Inflate.Failure.tooLarge) { try Inflate.inflate(first + second, limit: 10) }
    for garbage in [[0], Array(first.prefix(9)), Array("{}".utf8), [UInt8](repeating: 0, count: 512)] {
      #expect(throws: Inflate.Failure.malformed) { try Inflate.inflate(first + garbage, limit: 1000) }
    }
  }

  @Test func `inflating goes on only while it may hold more`() throws {
    let bomb = try Gzip.compress([UInt8](repeating: 0, count: 5_000_000))
    var steps = 0
    let inflated = try Inflate.inflate(bomb, limit: 6_000_000) { _ in
      steps += 1
      return steps <= 10
    }
    #expect(inflated == nil && steps == 11)
  }

  @Test func `inflating stops at the limit`() throws {
    let bomb = try Gzip.compress([UInt8](repeating: 0, count: 5_000_000))
    #expect(bomb.count < 10_000)
    #expect(throws: Inflate.Failure.tooLarge) { try Inflate.inflate(bomb, limit: 100_000) }
    #expect(try Inflate.inflate(bomb, limit: 6_000_000)?.count == 5_000_000)
  }
}

/// The `gzip` command, for bodies of tests.
enum Gzip {
  static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let file = URL(fileURLWithPath: folder.path + "/plain")
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-n", file.path]
    try process.run()
    process.waitUntilExit()
    return Array(try Data(contentsOf: URL(fileURLWithPath: file.path + ".gz")))
  }
}

struct CSVTests {
  @Test func `cells are quoted where RFC 4180 asks, and formulas are made harmless`() {
    let catalog = Catalog(
      app: "a", name: "A", version: 1, context: [Field("edition", .text(.oneOf(["x"])))],
      events: [EventDeclaration("run", properties: [Field("note", .text(.free(reason: "", maxLength: 9)))])])
    let columns = CSVColumns(CatalogHistory(today: catalog, older: []), event: "run")
    let id = Identifier128(high: 0, low: 1)
    let event = { (note: String) in
      StoredEventFixture.event(id: id, note: note)
    }
    #expect(text(columns.header).hasSuffix(",user,session,sent,ephemeral,context.edition,note\r\n"))
    #expect(text(columns.line(event("a,\"b\""))).hasSuffix(",x,\"a,\"\"b\"\"\"\r\n"))
    #expect(text(columns.line(event("=1+1"))).hasSuffix(",x,'=1+1\r\n"))
    #expect(text(columns.line(event("-5"))).hasSuffix(",x,-5\r\n"))
  }

  @Test func `a line says by which time an event is known again, and that its client keeps nothing`() {
    let catalog = Catalog(app: "a", name: "A", version: 1, events: [EventDeclaration("run")])
    let columns = CSVColumns(CatalogHistory(today: catalog, older: []), event: "run")
    var event = StoredEventFixture.event(id: Identifier128(high: 0, low: 1), note: "")
    #expect(text(columns.header) == "id,event,time,received,user,session,sent,ephemeral\r\n")
    #expect(text(columns.line(event)).contains("00:00:00.001Z,,,,\r\n"))
    event.sent = Timestamp(milliseconds: 2)
    event.isEphemeral = true
    #expect(text(columns.line(event)).contains("00:00:00.001Z,,,1970-01-01T00:00:00.002Z,true\r\n"))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

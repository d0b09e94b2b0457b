import AvowDemo
import AvowIngest
import AvowStore
import AvowWire
import Foundation
import Testing

@testable import AvowServer

/// Erasing many users again and again, and looking at every byte of the folder.
///
/// By default a tenth of the size; `AVOW_WHOLE=1` takes 20 000 users and forgets 300, five times.
struct TraceTests {
  private static let isWhole = ProcessInfo.processInfo.environment["AVOW_WHOLE"] == "1"
  private static let users = isWhole ? 20_000 : 2000
  private static let forgotten = isWhole ? 300 : 30
  private static let rounds = isWhole ? 5 : 3

  private static func user(_ number: Int) -> Identifier128 {
    var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678
    func next() -> UInt64 {
      state ^= state >> 30
      state = state &* 0xBF58_476D_1CE4_E5B9
      state ^= state >> 27
      return state
    }
    return Identifier128(high: next(), low: next())
  }

  @Test func `no byte of the folder knows an erased user, with a reader in another process`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let reader = try Reader(folder: running.folder.path + "/data")
      defer { reader.stop() }
      var gone: [Identifier128] = []
      for round in 0..<Self.rounds {
        // Users come back in each round, those of earlier rounds who asked to be forgotten too.
        for first in stride(from: 0, to: Self.users, by: 200) {
          // Many at once, so that they share transactions.
          try await withThrowingTaskGroup(of: Void.self) { group in
            for user in first..<first + 200 {
              group.addTask {
                _ = try await running.append(key: key, user: Self.user(user), segment: round, count: 1)
              }
            }
            try await group.waitForAll()
          }
        }
        let start = round * Self.forgotten
        let asking = (start..<start + Self.forgotten).map { Self.user($0 * 7 % Self.users) }
        gone += asking
        for first in stride(from: 0, to: asking.count, by: 100) {
          let users = asking[first..<min(first + 100, asking.count)]
          let quoted = users.map { JSONValue.string($0.description) }
          let answer = try await running.send(
            "POST", "/api/2/deletions/users",
            headers: [
              (
                name: "Authorization",
                value: "Basic " + Data("\(key):\(try running.token())".utf8).base64EncodedString()
              )
            ], body: JSONValue.object(["user_ids": .array(quoted)]).bytes)
          var job = try JSONValue(parsing: answer.text)
          while job["receipt"]?["status"] != "erased" {
            // The reader stands in the way for a moment; the request is pending until it lets go.
            try await running.collector.state.deletions.finishPending()
            let list = try JSONValue(parsing: try await running.admin("GET", "deletions", []).text)
            if list["deletions"]?.arrayValue?.allSatisfy({ $0["status"] == "erased" }) == true {
              job = ["receipt": ["status": "erased"]]
            }
          }
        }
        #expect(try running.traces(of: gone) == [])
      }
      #expect(reader.turns > 0)
      // The search finds what is there.
      #expect(try running.traces(of: [Self.user(1)]) == ["identity.sqlite"])
    }
  }

  @Test func `after the night no byte knows an erased event either, and the receipt says so`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      for round in 0..<3 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for user in 0..<300 {
            group.addTask {
              _ = try await running.append(key: key, user: Self.user(user), segment: round, count: 3)
            }
          }
          try await group.waitForAll()
        }
      }
      let gone = (0..<30).map { Self.user($0 * 7) }
      var numbers: [Int64] = []
      for user in gone {
        let asked = [(name: "app", value: "weaver"), (name: "user", value: user.description)]
        let receipt = try JSONValue(parsing: try await running.admin("POST", "forget", asked).text)
        #expect(receipt["events"] == 9 && receipt["cleaned"] == nil)
        #expect(receipt["rest"]?.stringValue?.contains("no query reaches") == true)
        // Noon of day D: two hours into the day after.
        let due = try #require(receipt["rest_by"]?.stringValue.flatMap { Timestamp(iso8601: $0) })
        #expect(due.milliseconds == Timestamp(day: RunningCollector.now.day + 1).milliseconds + 7_200_000)
        #expect(receipt["covers"]?.stringValue?.contains("backup") == true)
      }
      let list = try JSONValue(parsing: try await running.admin("GET", "deletions", []).text)
      numbers = (list["deletions"]?.arrayValue ?? []).compactMap { $0["number"]?.integerValue }
      #expect(numbers.count == 30)
      #expect(try await running.collector.state.deletions.clean().isClean)
      for number in numbers {
        let text = try await running.admin("GET", "deletions", [("number", "\(number)")]).text
        let receipt = try Receipt(parsing: Array(text.utf8))
        #expect(receipt.isSigned() && receipt.json["cleaned"] != nil && receipt.json["rest"] == nil)
      }
      let ids = gone.flatMap { user in (0..<3).flatMap { RunningCollector.events(of: user, segment: $0) } }
      #expect(try running.traces(of: gone, and: ids) == [])
      // The search finds what is there.
      let there = RunningCollector.events(of: Self.user(1), segment: 2)
      #expect(try running.traces(of: [], and: there) == ["main.db"])
      // Who was never there leaves nothing to wait for.
      let asked = [(name: "app", value: "weaver"), (name: "user", value: Self.user(9999).description)]
      let none = try JSONValue(parsing: try await running.admin("POST", "forget", asked).text)
      #expect(none["events"] == 0 && none["rest"] == nil && none["cleaned"] == none["erased"])
    }
  }

  @Test func `a reader that does not let go keeps the receipt waiting, and nobody else`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      _ = try await running.append(key: key, user: Self.user(1), segment: 0, count: 1)
      let reader = try Reader(folder: running.folder.path + "/data", holds: true)
      defer { reader.stop() }
      let asked = [(name: "app", value: "weaver"), (name: "user", value: Self.user(1).description)]
      let answer = try JSONValue(parsing: try await running.admin("POST", "forget", asked).text)
      #expect(answer["status"] == "pending" && answer["signature"] == nil)
      #expect(try await running.admin("GET", "export", [("app", "weaver")]).text.isEmpty)
      let status = try await running.append(key: key, user: Self.user(2), segment: 1, count: 1)
      #expect(status == 200)
      reader.stop()
      try await running.collector.state.deletions.finishPending()
      let number = try #require(answer["number"]?.integerValue)
      let receipt = try await running.admin("GET", "deletions", [("number", "\(number)")])
      #expect(try Receipt(parsing: Array(receipt.text.utf8)).isSigned())
      #expect(try running.traces(of: [Self.user(1)]) == [])
    }
  }
}

/// Another process with both databases open: it reads all rows over and over, or holds one transaction open.
private final class Reader: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()
  private let log: String

  init(folder: String, holds: Bool = false) throws {
    log = folder + "/../reader.log"
    let loop =
      holds
      ? "[c.execute('BEGIN') and c.execute('SELECT count(*) FROM sqlite_master').fetchall() for c in cs]; say(); time.sleep(60)"
      : "\nwhile True:\n  for c in cs:\n    for t in [r[0] for r in c.execute(\"SELECT name FROM sqlite_master WHERE type='table'\")]:\n"
        + "      try: c.execute('SELECT * FROM \"%s\" LIMIT 500' % t).fetchall()\n      except sqlite3.Error: pass\n  say(); time.sleep(0.01)"
    let script = """
      import sqlite3, sys, time
      cs = [sqlite3.connect('file:%s/%s?mode=ro' % (sys.argv[1], n), uri=True, isolation_level=None) for n in ('main.db', 'identity.sqlite')]
      def say():
        open(sys.argv[2], 'a').write('.'); sys.stdout.write('.'); sys.stdout.flush()
      \(loop)
      """
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, folder, log]
    process.standardOutput = output
    try process.run()
    // The first dot: it has read once, or holds its transaction.
    _ = try output.fileHandleForReading.read(upToCount: 1)
  }

  /// How often it read everything.
  var turns: Int { (try? Data(contentsOf: URL(fileURLWithPath: log)).count) ?? 0 }

  func stop() {
    guard process.isRunning else { return }
    // Not SIGTERM: the child inherits a mask of blocked signals from the thread that started it.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

extension RunningCollector {
  /// Hands a batch straight to what requests go through after the network.
  fileprivate func append(key: String, user: Identifier128, segment: Int, count: Int) async throws -> Int {
    let events = (0..<count).map {
      #"{"n":\#($0),"name":"weave","time":\#(Self.now.milliseconds + Int64(segment)),"properties":{"rows":\#($0)}}"#
    }.joined(separator: ",")
    let body = """
      {"app":"weaver","segment":"\(Self.segment(of: user, segment))",\
      "user":"\(user)","context":{},"events":[\(events)]}
      """
    return try await collector.state.receive(native: Array(body.utf8), key: key)
  }

  private static func segment(of user: Identifier128, _ number: Int) -> String {
    String(Identifier128(high: user.high &+ UInt64(number), low: user.low &* 3).description.prefix(24))
  }

  /// The identifiers of a user's three events of one segment.
  fileprivate static func events(of user: Identifier128, segment number: Int) -> [[UInt8]] {
    (0..<3).compactMap { Identifier128(segment(of: user, number) + "0000000\($0)")?.bytes }
  }

  /// The files in which a byte of a pseudonym or an identifier is left, in binary or as text.
  fileprivate func traces(of users: [Identifier128], and others: [[UInt8]] = []) throws -> [String] {
    var needles = Set(others)
    for user in users {
      for known in [user, collector.state.ingest.nativePseudonym(app: "weaver", user: user)] {
        needles.insert(known.bytes)
        needles.insert(Array(known.description.utf8.prefix(16)))
      }
    }
    // Sixteen bytes at each place, found by a set of their first eight.
    let heads = Set(needles.map { Self.head($0[...]) })
    let data = folder.path + "/data"
    var found: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: data).sorted() {
      guard let bytes = try? [UInt8](Data(contentsOf: URL(fileURLWithPath: data + "/" + name))),
        bytes.count >= 16
      else { continue }
      let isFound = bytes.withUnsafeBytes { buffer in
        (0...buffer.count - 16).contains { place in
          heads.contains(buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            && needles.contains(Array(buffer[place..<place + 16]))
        }
      }
      if isFound { found.append(name) }
    }
    return found.map { $0.replacingOccurrences(of: "-wal", with: "") }
  }

  private static func head(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  }
}

extension CollectorState {
  /// Takes a native request as the HTTP layer would hand it on; returns the status of its answer.
  func receive(native body: [UInt8], key: String) async throws -> Int {
    let request = IngestRequest(
      method: "POST", path: "/v1/events", headers: [("authorization", "Bearer \(key)")], body: body,
      received: clock.now())
    switch ingest.receive(request) {
    case .notMine: return 404
    case .answered(let response): return response.status
    case .batch(let batch, let reply):
      let result = try await store.append(batch)
      return reply.stored(.init(stored: result.count(of: .stored), duplicates: result.count(of: .duplicate)))
        .status
    }
  }
}

import Avow
import AvowTesting
import Foundation
import Testing

/// Real processes, killed, forked and traced.
@Suite struct ProcessTests {
  let folder = FileManager.default.temporaryDirectory.path + "/avow-" + UUID().uuidString

  private func withState<Result>(_ body: ([String: String]) throws -> Result) throws -> Result {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(["AVOW_STATE": folder + "/state", "PATH": "/usr/bin:/bin"])
  }

  /// Sends what others left and returns the numbers of the events.
  private func deliver(_ variables: [String: String]) throws -> [RecordedEvent] {
    let listener = Listener()
    defer { listener.stop() }
    var variables = variables
    variables["AVOW_URL"] = listener.url
    let outcome = try Host.run(["0", "flush"], environment: variables)
    #expect(outcome.status == 0)
    return try listener.requests.flatMap { RecordedEvent.events(inBody: try Unpacked.json($0)) }
  }

  private func numbers(_ events: [RecordedEvent]) -> [Int64] {
    events.compactMap { $0.properties["number"]?.integerValue }
  }

  @Test func `kill -9 after 20 000 records: 20 000 are delivered later`() throws {
    try withState { variables in
      let outcome = try Host.run(["20000", "kill"], environment: variables)
      #expect(outcome.wasKilled)
      let events = try deliver(variables)
      #expect(numbers(events).sorted() == Array(0..<20_000))
      #expect(Set(events.map(\.id)).count == 20_000)
      #expect(try deliver(variables).isEmpty)
    }
  }

  @Test func `a fork's child has its own segment and session, nothing is lost or doubled`() throws {
    try withState { variables in
      let outcome = try Host.run(["1000", "fork"], environment: variables)
      #expect(outcome.wasKilled)
      let events = try deliver(variables)
      #expect(
        numbers(events).sorted() == Array(0..<2000) + Array(1_001_000..<1_002_000))
      #expect(Set(events.map(\.id)).count == 3000)
      let parent = Set(events.filter { $0.properties["number"]!.integerValue! < 1_000_000 }.map(\.session))
      let child = Set(events.filter { $0.properties["number"]!.integerValue! >= 1_000_000 }.map(\.session))
      #expect(parent.count == 1 && child.count == 1 && parent != child)
      #expect(Set(events.map(\.user)).count == 1)
    }
  }

  @Test func `eight processes at once share a spool and lose nothing`() async throws {
    let variables = ["AVOW_STATE": folder + "/state", "PATH": "/usr/bin:/bin"]
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { _ = try Host.run(["2000", "kill"], environment: variables) } }
      try await group.waitForAll()
    }
    let events = try deliver(variables)
    #expect(events.count == 16_000)
    #expect(Set(events.map(\.id)).count == 16_000)
    #expect(Set(events.map(\.user)).count == 1)
  }

  static let strace = "/usr/bin/strace"

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: strace)),
    arguments: [["DO_NOT_TRACK": "1"], ["TESTHOST_OFF": ""]])
  func `switched off a program opens no file, no socket and starts no thread`(off: [String: String]) throws {
    try withState { variables in
      let without = try trace(variables.merging(off) { $1 }, count: 0)
      let with = try trace(variables.merging(off) { $1 }, count: 1000)
      #expect(with == without)
      #expect(!with.contains { $0.contains("socket(") || $0.contains("clone") || $0.contains("avow") })
      #expect(!FileManager.default.fileExists(atPath: folder + "/state"))
      // The same look at one that is on sees all of it.
      let on = try trace(variables, count: 1000)
      #expect(on.contains { $0.contains("clone") })
      #expect(on.contains { $0.contains(".seg") || $0.contains(".new") })
    }
  }

  /// The calls that open files or sockets or start threads.
  private func trace(_ variables: [String: String], count: Int) throws -> [String] {
    let log = FileManager.default.temporaryDirectory.path + "/trace-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: log) }
    let outcome = try Host.run(
      [String(count)], environment: variables,
      under: [
        Self.strace, "-f", "-o", log, "-e", "trace=open,openat,creat,socket,connect,clone,clone3,fork,mkdir",
      ])
    #expect(outcome.status == 0)
    // strace writes a process's number before each line.
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      .map { String($0.drop { $0.isNumber || $0 == " " }) }
  }

  @Test func `recording makes no system call of its own`() throws {
    guard FileManager.default.isExecutableFile(atPath: Self.strace) else { return }
    try withState { variables in
      func calls(_ count: Int) throws -> Int {
        let log = FileManager.default.temporaryDirectory.path + "/trace-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: log) }
        // Without -f: the recording thread alone.
        _ = try Host.run([String(count)], environment: variables, under: [Self.strace, "-o", log])
        return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").count
      }
      _ = try calls(1)
      let few = try calls(1)
      let many = try calls(5000)
      // Both fit one segment; the noise of start-up is a handful of calls.
      #expect(abs(many - few) < 20)
    }
  }
}

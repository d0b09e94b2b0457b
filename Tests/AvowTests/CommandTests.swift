import AvowTesting
import Foundation
import Testing

@testable import Avow

/// Short-lived programs, which leave the sending to a child of their own.
@Suite struct CommandTests {
  let folder = FileManager.default.temporaryDirectory.path + "/avow-" + UUID().uuidString

  static let strace = "/usr/bin/strace"
  static let hasTracer = FileManager.default.isExecutableFile(atPath: strace)

  private var variables: [String: String] { ["AVOW_STATE": folder + "/state", "PATH": "/usr/bin:/bin"] }

  /// Makes what was recorded look a day older.
  private func age() throws {
    let spool = folder + "/state/spool"
    for name in try FileManager.default.contentsOfDirectory(atPath: spool) {
      let segment = try #require(SegmentName(name))
      let digits = String(segment.made - 86_401, radix: 16)
      let older = String(repeating: "0", count: 10 - digits.count) + digits + name.drop { $0 != "-" }
      try FileManager.default.moveItem(atPath: spool + "/" + name, toPath: spool + "/" + older)
    }
  }

  /// Runs the host under a tracer, which ends when the last descendant has; returns the calls.
  private func trace(_ arguments: [String], _ more: [String: String] = [:]) throws -> String {
    let log = folder + "-trace"
    defer { try? FileManager.default.removeItem(atPath: log) }
    let outcome = try Host.run(
      arguments, environment: variables.merging(more) { $1 },
      under: [
        Self.strace, "-f", "-s", "400", "-o", log, "-e",
        "trace=execve,setsid,openat,dup2,close_range,connect,chdir,vfork,clone,clone3,sendto",
      ])
    #expect(outcome.status == 0)
    return try String(contentsOfFile: log, encoding: .utf8)
  }

  @Test(.enabled(if: hasTracer, "needs strace"))
  func `a command sends nothing itself, and a detached child does when the spool is a day old`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = Listener()
    defer { listener.stop() }
    let first = try trace(["5", "command"], ["AVOW_URL": listener.url])
    #expect(!first.contains("connect(") && !first.contains("fork") && !first.contains("clone"))
    let young = try trace(["0", "command"], ["AVOW_URL": listener.url])
    #expect(young.components(separatedBy: "execve(").count == 2)
    try age()

    let calls = try trace(["3", "command", "--secret"], ["AVOW_URL": listener.url])
    let lines = calls.split(separator: "\n")
    let start = try #require(lines.last { $0.contains("execve(") })
    let child = start.prefix { $0 != " " }
    #expect(start.contains("AvowTestHost\"]") && !start.contains("--secret"))
    let own = lines.filter { $0.hasPrefix(child) }
    #expect(own.contains { $0.contains("setsid()") })
    #expect(own.count { $0.contains("/dev/null") } == 3)
    #expect(own.contains { $0.contains("close_range(3") })
    #expect(own.contains { $0.contains("chdir(\"/\")") })
    #expect(own.contains { $0.contains("connect(") })
    #expect(!lines.contains { $0.contains("connect(") && !$0.hasPrefix(child) })
    let numbers = try listener.requests.flatMap { RecordedEvent.events(inBody: try Unpacked.json($0)) }
      .compactMap { $0.properties["number"]?.integerValue }
    // The three of this run may or may not be there: their process may have ended before the child looked.
    #expect(numbers.prefix(5) == [0, 1, 2, 3, 4])

    // Whatever is left, the next child comes no sooner than a day later.
    try age()
    let later = try trace(["0", "command"], ["AVOW_URL": listener.url])
    #expect(later.components(separatedBy: "execve(").count == 2)
  }

  @Test(.enabled(if: hasTracer, "needs strace"))
  func `a second child finds the lock taken and leaves`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = Listener()
    defer { listener.stop() }
    _ = try trace(["5", "command"], ["AVOW_URL": listener.url])
    try age()
    let state = try StateDirectory(path: folder + "/state", creating: false)
    let lock = state.open(SenderChild.lockName, creating: true)
    #expect(StateDirectory.lockFile(lock))
    let calls = try trace(["0", "command"], ["AVOW_URL": listener.url])
    #expect(calls.contains("sender.lock"))
    #expect(!calls.contains("connect("))
    StateDirectory.closeFile(lock)
    #expect(listener.requests.isEmpty)
  }

  @Test(.enabled(if: hasTracer, "needs strace"))
  func `a helper sends for a program that does not begin with the hook`() throws {
    let helper = folder + "-helper"
    defer {
      try? FileManager.default.removeItem(atPath: folder)
      try? FileManager.default.removeItem(atPath: helper)
    }
    let listener = Listener()
    defer { listener.stop() }
    // The test host without a word of what to do begins with the hook.
    try FileManager.default.copyItem(atPath: Host.executable, toPath: helper)
    _ = try trace(["5", "helper", helper], ["AVOW_URL": listener.url])
    try age()
    let calls = try trace(["0", "helper", helper], ["AVOW_URL": listener.url])
    #expect(calls.contains("execve(\"\(helper)\", [\"\(helper)\"]"))
    let numbers = try listener.requests.flatMap { RecordedEvent.events(inBody: try Unpacked.json($0)) }
      .compactMap { $0.properties["number"]?.integerValue }
    #expect(numbers == [0, 1, 2, 3, 4])
    // Its folder is this program's, wherever the user stands; what is not there is said.
    _ = try trace(["5", "helper", "no/such"], ["AVOW_URL": listener.url])
    try age()
    try? FileManager.default.removeItem(atPath: folder + "/state/sender")
    let outcome = try Host.run(
      ["0", "helper", "no/such"], environment: variables.merging(["AVOW_URL": listener.url]) { $1 })
    #expect(outcome.output == "the program that sends could not be started\n")
  }

  @Test(.enabled(if: hasTracer, "needs strace"), arguments: [["DO_NOT_TRACK": "1"], ["AVOW_URL": ""]])
  func `no child is started for a program that is off or has nowhere to send`(more: [String: String]) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try trace(["5", "command"])
    try age()
    let calls = try trace(["0", "command"], more)
    #expect(calls.components(separatedBy: "execve(").count == 2)
  }

  @Test func `a child that reaches the program's telemetry without the hook ends there`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try Host.run(
      ["3", "hookless"], environment: variables.merging(["AVOW_SENDER": "testhost"]) { $1 },
      under: ["/usr/bin/setsid", "--wait"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder))
    // In somebody's shell the variable means nothing.
    let shell = try Host.run(
      ["3", "hookless"], environment: variables.merging(["AVOW_SENDER": "testhost"]) { $1 })
    #expect(shell.errors.contains("Test host"))
  }

  @Test func `a child is due when the spool is old or large and none ran lately`() {
    let now: Int64 = 1_800_000_000
    func segments(_ count: Int, _ age: Int64) -> [SegmentName] {
      (0..<count).map { _ in SegmentName(made: Timestamp(milliseconds: (now - age) * 1000)) }
    }
    #expect(!SenderChild.isDue([], lastStart: nil, now: now))
    #expect(!SenderChild.isDue(segments(3, 3600), lastStart: nil, now: now))
    #expect(SenderChild.isDue(segments(3, 86_400), lastStart: nil, now: now))
    #expect(!SenderChild.isDue(segments(3, 90_000), lastStart: now - 80_000, now: now))
    #expect(SenderChild.isDue(segments(64, 5), lastStart: now - 3_600, now: now))
    #expect(!SenderChild.isDue(segments(64, 5), lastStart: now - 3_000, now: now))
    // A clock that was put back must not stop it for ever.
    #expect(SenderChild.isDue(segments(1, -100_000), lastStart: now + 50_000, now: now))
  }

  @Test func `names of segments sort by age`() {
    let old = SegmentName(made: Timestamp(milliseconds: 1_000_000_000_000))
    let new = SegmentName(made: Timestamp(milliseconds: 1_800_000_000_000))
    #expect(old.text < new.text)
    #expect(SegmentName(old.text + ".seg") == old)
    #expect(SegmentName("x.seg") == nil && SegmentName(old.text) == nil)
  }
}

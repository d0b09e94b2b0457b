import AvowTesting
import Foundation
import Synchronization
import Testing

@testable import Avow

@Suite struct HandleTests {
  let bench = Bench()

  private func run(_ words: String..., telemetry: Telemetry<Workshop>? = nil) -> (Int32?, String) {
    var text = ""
    let status = (telemetry ?? bench.telemetry(lifetime: .command))
      .handle(arguments: ["/usr/bin/workshop", "telemetry"] + words) { text += $0 + "\n" }
    return (status, text)
  }

  @Test func `other arguments are the host's own`() {
    let telemetry = bench.telemetry()
    for arguments in [[], ["workshop"], ["workshop", "run", "telemetry"], ["workshop", "telemetryx"]] {
      #expect(telemetry.handle(arguments: arguments) { _ in Issue.record("printed") } == nil)
    }
  }

  @Test func `status is what no word means, and help lists the words`() {
    #expect(run().1.hasPrefix("Workshop: telemetry is enabled\n"))
    #expect(run().1 == run("status").1)
    let (status, help) = run("--help")
    #expect(status == 0)
    for action in TelemetryAction.allCases { #expect(help.contains("  \(action.rawValue) ")) }
    #expect(run("explode").0 == 2)
    #expect(run("status", "now").0 == 2)
    #expect(!FileManager.default.fileExists(atPath: bench.folder))
  }

  @Test func `the preview shows every body another process will send, and sends nothing`() throws {
    #expect(run("preview") == (0, "nothing waits\n"))
    let copy = bench.folder + "/kept"
    do {
      let killed = bench.telemetry()
      for number in 0..<700 { killed.record(.listReports(reportsCount: number)) }
      killed.count(.requests, by: 4)
      try FileManager.default.copyItem(atPath: bench.state + "/spool", toPath: copy)
    }
    try FileManager.default.removeItem(atPath: bench.state + "/spool")
    try FileManager.default.moveItem(atPath: copy, toPath: bench.state + "/spool")
    let bodies = run("preview").1.split(separator: "\n").map(String.init)
    #expect(run("preview").1.split(separator: "\n").map(String.init) == bodies)
    try bench.transport.expectSilence()
    #expect(bench.telemetry().flush(timeout: .seconds(5)))
    #expect(bench.transport.requests.map { String(decoding: $0.body, as: UTF8.self) } == bodies)
    #expect(bodies.count == 2)
    #expect(bench.transport.events.count == 701)
  }

  @Test func `while local the preview shows what was recorded, in all runs, and nothing is sent`() throws {
    #expect(run("local") == (0, "telemetry is local: usage is recorded on this machine and not sent\n"))
    let copy = bench.folder + "/kept"
    do {
      let first = bench.telemetry()
      first.record(.listReports(reportsCount: 1))
      try FileManager.default.copyItem(atPath: bench.state + "/spool", toPath: copy)
    }
    try FileManager.default.removeItem(atPath: bench.state + "/spool")
    try FileManager.default.moveItem(atPath: copy, toPath: bench.state + "/spool")
    let second = bench.telemetry()
    second.record(.listReports(reportsCount: 2))
    bench.tick()
    let shown = run("preview", telemetry: second).1
    #expect(shown.split(separator: "\n").count == 2)
    #expect(shown.contains(#""reports_count":1"#) && shown.contains(#""reports_count":2"#))
    #expect(second.preview()?.contains(#""reports_count":1"#) == true)
    try bench.transport.expectSilence()
    #expect(run("enable").0 == 0)
    bench.tick()
    try bench.transport.expectSilence()
  }

  @Test func `log and verify say what was sent and whether it was received so`() throws {
    #expect(run("log").1 == "nothing was sent from this machine\n")
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    telemetry.record(.old)
    bench.tick()
    let (_, log) = run("log")
    #expect(log.contains("1 list_reports, 1 old  status 200"))
    #expect(log.contains("received as sent"))
    #expect(run("verify") == (0, "received as it was sent: 1 request\n"))
    let other = String(repeating: "0", count: 64)
    bench.transport.answer(
      .answer(status: 200, body: NativeAnswer(accepted: 1, receipt: other).bytes))
    telemetry.record(.listReports())
    bench.tick()
    let (status, verdict) = run("verify")
    #expect(status == 1)
    #expect(verdict.contains("received as \(other)"))
    #expect(telemetry.verify().differing.count == 1)
  }

  @Test func `the log is bounded`() throws {
    let telemetry = bench.telemetry()
    for _ in 0..<1500 {
      telemetry.record(.listReports())
      bench.tick()
    }
    #expect(telemetry.status.requests == 1500)
    #expect(telemetry.log.count < 1500 && telemetry.log.count > 400)
    let size = try ["log.ndjson", "log.ndjson.old"].reduce(0) { sum, name in
      sum + (try FileManager.default.attributesOfItem(atPath: bench.state + "/" + name)[.size] as? Int ?? 0)
    }
    #expect(size < 2 * 129 * 1024)
  }

  @Test func `a choice that something else overrules says what`() {
    let telemetry = bench.telemetry(["DO_NOT_TRACK": "1"])
    let (status, text) = run("enable", telemetry: telemetry)
    #expect(status == 1)
    #expect(text.hasPrefix("telemetry is disabled, not enabled: variable DO_NOT_TRACK"))
  }

  @Test func `forget names all identifiers ever used, one for each period and each series`() throws {
    let telemetry = bench.telemetry(MonthlyWorkshop.self)
    telemetry.record(.listReports())
    bench.tick()
    for _ in 0..<2 {
      bench.clock.set(now: Timestamp(milliseconds: bench.clock.now.milliseconds + 31 * 86_400_000))
      bench.tick()
      telemetry.record(.listReports())
      bench.tick()
    }
    let used = bench.transport.events.compactMap(\.user)
    #expect(Set(used).count == 3)
    #expect(telemetry.pseudonyms.map(\.description) == used)
    #expect(telemetry.forget() == .requested(identifiers: 3))
    telemetry.record(.listReports())
    bench.tick()
    let new = try #require(bench.transport.events.last?.user)
    #expect(!used.contains(new))
    // A second request names the first series too.
    #expect(telemetry.pseudonyms.count == 6)
    #expect(telemetry.pseudonyms.map(\.description).contains(new))
  }

  @Test func `a running program goes on under a new name when another process was asked to forget`() throws {
    let running = bench.telemetry()
    running.record(.listReports(reportsCount: 1))
    bench.tick()
    let old = try #require(bench.transport.events.last?.user)
    running.record(.listReports(reportsCount: 2))
    let (status, text) = run("forget")
    #expect(status == 0)
    #expect(text.contains(old))
    bench.tick()
    running.record(.listReports(reportsCount: 3))
    bench.tick()
    #expect(bench.transport.events.map { $0.properties["reports_count"] } == [1, 3])
    #expect(bench.transport.events.last?.user != old)
  }

  @Test func `status counts what waits and says when something was last sent, and in which format`() throws {
    #expect(run().1.contains("  waiting: nothing"))
    #expect(!run().1.contains("this process"))
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    telemetry.record(.old)
    telemetry.count(.requests, by: 7)
    let before = run(telemetry: telemetry).1
    #expect(before.contains("  waiting: 3 events") && !before.contains("last sent"))
    bench.tick()
    let after = run(telemetry: telemetry).1
    #expect(after.contains("  waiting: nothing") && after.contains("Z, 3 events"))
    #expect(after.contains("this process: 3 accepted in 1 requests"))
    #if ForeignFormats
      let jitsu = bench.telemetry(["AVOW_URL": "https://h", "AVOW_FORMAT": "jitsu"])
      #expect(jitsu.status.description.contains("sent to: https://h, in the format jitsu\n"))
    #endif
  }

  @Test func `who cannot be asked to forget is replaced by whom to write to, and what to quote`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    bench.tick()
    bench.transport.answer(.failure("nobody listens there"))
    let (status, text) = run("forget")
    #expect(status == 1)
    #expect(text.hasPrefix("nothing was erased: nobody listens there\n"))
    #expect(text.contains("\n  \(try #require(telemetry.pseudonyms.first))\n"))
  }

  @Test func `the notice stays away when the user asks about telemetry`() {
    let notice = TelemetryNotice.standardError
    #expect(notice.quietWhenAsked(["tool", "telemetry", "status"]).isPrinted == false)
    #expect(notice.quietWhenAsked(["tool", "run", "telemetry"]).isPrinted)
    #expect(notice.quietWhenAsked([]).isPrinted)
  }

  @Test func `expectations say what they found`() throws {
    let telemetry = bench.telemetry()
    try bench.transport.expectSilence()
    telemetry.record(.listReports(reportsCount: 3))
    bench.tick()
    try bench.transport.expectEvents(["list_reports"])
    try bench.transport.expectEvent("list_reports", ["reports_count": 3])
    func words(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      words { try bench.transport.expectEvent("list_reports", ["reports_count": 4]) }
        == "list_reports: reports_count: expected 4, found 3")
    #expect(words { try bench.transport.expectEvents([]) } == "expected [], found [list_reports]")
    #expect(words { try bench.transport.expectSilence() }.hasPrefix("expected no request, found 1"))
  }
}

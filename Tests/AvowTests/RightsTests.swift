import Avow
import AvowTesting
import Foundation
import Synchronization
import Testing

@Suite struct RightsTests {
  let bench = Bench()

  @Test(arguments: [["DO_NOT_TRACK": ""], ["WORKSHOP_NO_TELEMETRY": "1"], ["CI": "true"]])
  func `switched off for this process nothing is recorded, read or made`(variables: [String: String]) {
    let telemetry = bench.telemetry(variables)
    telemetry.record(.listReports())
    bench.tick()
    #expect(telemetry.flush(timeout: .seconds(1)))
    #expect(telemetry.status.mode == .disabled)
    #expect(bench.transport.requests.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: bench.folder))
    #expect(bench.notices.withLock { $0 } == ["Workshop is silent."])
  }

  @Test func `the notice is in the catalog's words and comes once`() {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    bench.tick()
    #expect(bench.notices.withLock { $0 } == ["Workshop reports."])
  }

  @Test func `a no wipes what waits, acts in running programs, and lasts`() {
    let running = bench.telemetry()
    running.record(.listReports())
    #expect(bench.segments.count == 1)
    let other = bench.telemetry(lifetime: .command)
    #expect(other.disable() == .disabled)
    bench.tick()
    #expect(bench.transport.requests.isEmpty)
    #expect(bench.segments.isEmpty)
    running.record(.listReports())
    bench.tick()
    #expect(bench.transport.requests.isEmpty)
    #expect(bench.telemetry().status.mode == .disabled)
  }

  @Test func `enabling never sends what was recorded while local`() {
    let telemetry = bench.telemetry()
    #expect(telemetry.local() == .local)
    telemetry.record(.listReports(reportsCount: 1))
    bench.tick()
    #expect(telemetry.enable() == .enabled)
    telemetry.record(.listReports(reportsCount: 2))
    bench.tick()
    bench.tick()
    #expect(bench.transport.events.map(\.properties) == [["reports_count": 2]])
  }

  @Test func `a policy of the machine's is heard`() throws {
    try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
    let path = bench.folder + "/policy"
    try "# ours\nenabled\nworkshop: disabled\nother: local\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    let telemetry = bench.telemetry(policy: path)
    telemetry.record(.listReports())
    bench.tick()
    #expect(telemetry.status.mode == .disabled)
    #expect(bench.transport.requests.isEmpty)
    #expect(telemetry.enable() == .disabled)
  }

  @Test func `forget names every identifier, and later events have another`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    bench.tick()
    let user = try #require(bench.transport.events.first?.user)
    #expect(telemetry.forget() == .requested(identifiers: 1))
    let request = try #require(bench.transport.requests.last)
    #expect(request.url.hasSuffix("/v1/deletions"))
    #expect(try JSONValue(parsing: request.body) == ["app": "workshop", "users": [.string(user)]])
    telemetry.record(.listReports())
    bench.tick()
    let later = try #require(bench.transport.events.last?.user)
    #expect(later != user)
    #expect(telemetry.status.user?.description == later)
  }

  @Test func `the log says what was sent and that the receipt agrees`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    telemetry.record(.listReports())
    bench.tick()
    let line = try #require(telemetry.log.first)
    #expect(telemetry.log.count == 1)
    #expect(line.events == ["list_reports": 2])
    #expect(line.receipt == line.digest)
  }

  @Test func `the state is ours alone and a link in its place is not followed`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    let mode = try FileManager.default.attributesOfItem(atPath: bench.state)[.posixPermissions] as? Int
    #expect(mode == 0o700)

    let other = Bench()
    try FileManager.default.createDirectory(atPath: other.folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: other.state, withDestinationPath: bench.state)
    let linked = other.telemetry()
    linked.record(.listReports())
    #expect(linked.status.problem != nil)
    #expect(bench.segments.count == 1)
  }

  @Test func `the same user has the same identifier in every run, sessions differ`() throws {
    for _ in 0..<2 {
      let telemetry = bench.telemetry()
      telemetry.record(.listReports())
      bench.tick()
    }
    let events = bench.transport.events
    #expect(events.count == 2)
    #expect(Set(events.map(\.user)).count == 1)
    #expect(Set(events.map(\.session)).count == 2)
  }
}

import Avow
import AvowTesting
import Foundation
import Synchronization
import Testing

@Suite struct AskTests {
  let bench = Bench()

  @Test(arguments: [("", false), ("n", false), ("no", false), ("maybe", false), ("y", true), (" Yes ", true)])
  func `asked once, and only a yes is a yes`(answer: String, isYes: Bool) {
    let person = Person(answer)
    let telemetry = bench.telemetry(AskingWorkshop.self, terminal: person.terminal)
    telemetry.record(.listReports())
    #expect(telemetry.status.mode == .disabled)
    #expect(!FileManager.default.fileExists(atPath: bench.folder))
    #expect(telemetry.ask() == (isYes ? .enabled : .disabled))
    #expect(telemetry.ask() == (isYes ? .enabled : .disabled))
    #expect(
      person.shown.withLock { $0 } == ["May Workshop report how it is used to Example e.V.? [y/N] "])
    let next = bench.telemetry(AskingWorkshop.self, terminal: person.terminal)
    #expect(next.ask() == (isYes ? .enabled : .disabled))
    next.record(.listReports())
    bench.tick()
    #expect(bench.transport.events.count == (isYes ? 1 : 0))
    #expect(person.shown.withLock { $0 }.count == 1)
  }

  @Test(arguments: [["CI": "1"], ["DO_NOT_TRACK": "1"]])
  func `nobody is asked in continuous integration or once a variable spoke`(variables: [String: String]) {
    let person = Person("y")
    let telemetry = bench.telemetry(AskingWorkshop.self, variables, terminal: person.terminal)
    #expect(telemetry.ask() == .disabled)
    #expect(person.shown.withLock { $0 }.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: bench.folder))
  }

  @Test func `without a terminal nobody is asked and nothing is stored`() {
    #expect(bench.telemetry(AskingWorkshop.self).ask() == .disabled)
    #expect(!FileManager.default.fileExists(atPath: bench.folder))
  }

  @Test func `a tool that does not ask does not ask`() {
    let person = Person("n")
    #expect(bench.telemetry(terminal: person.terminal).ask() == .enabled)
    #expect(bench.telemetry(ShyWorkshop.self, terminal: person.terminal).ask() == .disabled)
    #expect(person.shown.withLock { $0 }.isEmpty)
  }

  @Test func `a no between two looks of a running program wipes what it had`() {
    let running = bench.telemetry()
    running.record(.listReports(reportsCount: 1))
    let user = bench.telemetry(lifetime: .command)
    user.disable()
    running.record(.listReports(reportsCount: 2))
    user.enable()
    bench.tick()
    running.record(.listReports(reportsCount: 3))
    bench.tick()
    #expect(bench.transport.events.map(\.properties) == [["reports_count": 3]])
  }

  @Test func `what a killed program recorded before a no is not sent after a later yes`() {
    let copy = bench.folder + "/kept"
    do {
      let killed = bench.telemetry()
      killed.record(.listReports(reportsCount: 1))
      // As a process that is killed leaves it: the file stays, nobody holds its lock.
      try? FileManager.default.copyItem(atPath: bench.state + "/spool", toPath: copy)
    }
    let user = bench.telemetry(lifetime: .command)
    user.disable()
    user.enable()
    try? FileManager.default.removeItem(atPath: bench.state + "/spool")
    try? FileManager.default.moveItem(atPath: copy, toPath: bench.state + "/spool")
    #expect(bench.segments.count == 1)
    let next = bench.telemetry()
    next.record(.listReports(reportsCount: 2))
    bench.tick()
    #expect(bench.transport.events.map(\.properties) == [["reports_count": 2]])
  }

  @Test func `a no leaves no file of the spool behind, whatever is in it`() {
    let telemetry = bench.telemetry()
    for number in 0..<15_000 { telemetry.record(.listReports(reportsCount: number % 1000)) }
    bench.tick()
    #expect(!bench.segments.isEmpty)
    telemetry.disable()
    #expect(bench.segments.isEmpty)
  }
}

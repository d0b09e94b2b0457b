import AvowTesting
import Foundation
import Testing

@testable import Avow

/// Machines on which nothing is as it should be.
@Suite struct RobustnessTests {
  let bench = Bench()

  /// So large that a segment holds about eight hundred.
  private func large(_ number: Int) -> Workshop.Event {
    .optimize(
      modelSize: number,
      results: (0..<4).map { _ in .init(technique: String(repeating: "x", count: 64)) })
  }

  @Test(
    .enabled(if: SmallDisk.isPossible, "only root can mount a small disk"),
    arguments: [(8, 200), (300, 2500)])
  func `a full disk costs no event while memory lasts, and is said`(kilobytes: Int, count: Int) throws {
    let disk = try SmallDisk("size=\(kilobytes)k")
    let telemetry = bench.telemetry(["AVOW_STATE": disk.path + "/state"])
    for number in 0..<count { telemetry.record(large(number)) }
    #expect(telemetry.status.problem?.contains("the disk has no room") == true)
    bench.tick()
    #expect(bench.transport.events.count == count)
    #expect(Set(bench.transport.events.map(\.id)).count == count)
    #expect(telemetry.status.lost == 0)
    #expect(telemetry.disable() == .enabled || telemetry.status.mode == .disabled)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root can mount a small disk"))
  func `a disk that fills up underneath takes no running program down`() throws {
    let disk = try SmallDisk("size=2m")
    let telemetry = bench.telemetry(["AVOW_STATE": disk.path + "/state"])
    telemetry.record(.listReports(reportsCount: 0))
    let filler = disk.path + "/filler"
    // What is left is filled to the last block.
    try Data().write(to: URL(fileURLWithPath: filler))
    let handle = try #require(FileHandle(forWritingAtPath: filler))
    while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
    try handle.close()
    for number in 1..<2500 { telemetry.record(large(number)) }
    bench.tick()
    #expect(bench.transport.events.count == 2500)
    #expect(telemetry.status.lost == 0)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root can mount a disk that nobody may write to"))
  func `a read-only home keeps events in memory`() throws {
    let disk = try SmallDisk("size=64k")
    try disk.makeReadOnly()
    let telemetry = bench.telemetry(["AVOW_STATE": "", "HOME": disk.path])
    telemetry.record(.listReports())
    telemetry.count(.requests)
    bench.tick()
    #expect(bench.transport.events.count == 2)
    #expect(telemetry.status.problem?.contains("memory") == true)
    #expect(telemetry.disable() == .enabled)
    #expect(telemetry.forget() == .nothingToForget)
    #expect(telemetry.log.isEmpty)
  }

  @Test(arguments: [
    "/proc/avow", "/dev/null/avow", String(repeating: "x", count: 5000),
  ])
  func `a state folder that cannot be is the same as none`(path: String) {
    let telemetry = bench.telemetry(["AVOW_STATE": path])
    telemetry.record(.listReports())
    bench.tick()
    #expect(bench.transport.events.count == 1)
    #expect(telemetry.status.problem != nil)
  }

  @Test func `a state folder full of rubbish is no obstacle`() throws {
    let spool = bench.state + "/spool"
    try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: true)
    var random = SplitMix(state: 11)
    for name in ["choice", "shown", "pending", "identity", "log.ndjson", "sender"] {
      let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      try Data(bytes).write(to: URL(fileURLWithPath: bench.state + "/" + name))
    }
    for index in 0..<20 {
      let bytes = (0..<(index * 97)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      try Data(bytes).write(to: URL(fileURLWithPath: spool + "/\(index).seg"))
    }
    try FileManager.default.createDirectory(atPath: spool + "/folder.seg", withIntermediateDirectories: true)
    let telemetry = bench.telemetry()
    // A choice nobody can read is a no.
    #expect(telemetry.status.mode == .disabled)
    #expect(telemetry.enable() == .enabled)
    telemetry.record(.listReports())
    bench.tick()
    #expect(bench.transport.events.count == 1)
    #expect(telemetry.verify().isGood)
  }

  @Test func `a spool removed underneath loses at most what waited in it`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports(reportsCount: 1))
    try FileManager.default.removeItem(atPath: bench.state)
    telemetry.record(.listReports(reportsCount: 2))
    for number in 0..<2000 { telemetry.record(large(number)) }
    bench.tick()
    // The mapping outlives the name.
    #expect(bench.transport.events.count == 2002)
  }

  @Test func `a clock that jumps both ways loses nothing and stops nothing`() {
    let telemetry = bench.telemetry()
    let start = bench.clock.now
    let jumps: [Int64] = [0, 10 * 365 * 86_400_000, -20 * 365 * 86_400_000, -3_000_000_000_000, 5000, 0]
    for (number, jump) in jumps.enumerated() {
      bench.clock.set(now: Timestamp(milliseconds: start.milliseconds + jump))
      telemetry.record(.listReports(reportsCount: number))
      bench.tick()
    }
    #expect(
      bench.transport.events.map { $0.properties["reports_count"] }
        == jumps.indices.map { .integer(Int64($0)) })
    // Before 1970 there is no time.
    #expect(bench.transport.events.allSatisfy { $0.time.milliseconds >= 0 })
    bench.transport.answer(.failure("down"))
    telemetry.record(.listReports(reportsCount: 100))
    bench.tick()
    bench.clock.set(now: Timestamp(milliseconds: 0))
    bench.clock.advance(by: .seconds(60))
    #expect(bench.transport.events.last?.properties["reports_count"] == 100)
    #expect(telemetry.status.accepted == jumps.count + 1)
  }

  @Test func `two threads record through rotation and lose nothing`() async {
    let telemetry = bench.telemetry()
    let each = 1500
    let bench = bench
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<2 {
        group.addTask {
          for number in 0..<each {
            telemetry.record(self.large(thread * each + number))
          }
        }
      }
      group.addTask { for _ in 0..<20 { bench.tick() } }
    }
    bench.tick()
    let sizes = bench.transport.events.compactMap { $0.properties["model_size"]?.integerValue }
    #expect(sizes.sorted() == (0..<Int64(each * 2)).map { $0 })
    #expect(telemetry.status.lost == 0)
  }

  @Test func `nobody reading standard error ends no program`() throws {
    let variables = ["AVOW_STATE": bench.state, "PATH": "/usr/bin:/bin"]
    let outcome = try Host.runUnheard(["3"], environment: variables)
    #expect(outcome.status == 0)
    #expect(!outcome.wasKilled)
  }
}

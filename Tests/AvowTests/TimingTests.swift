import AvowTesting
import Foundation
import Testing

@testable import Avow

@Suite struct TimingTests {
  let bench = Bench()

  private func sent(_ name: String = "render") -> [[String: JSONValue]] {
    bench.transport.events.filter { $0.name == name }.map(\.properties)
  }

  @Test func `every time falls into a bucket whose middle is at most 6 percent off`() {
    var last = -1
    var time: Int64 = 0
    while time < 1 << 42 {
      let bucket = TimingScale.bucket(of: time)
      #expect(bucket >= last && bucket < TimingScale.count)
      if time >= 1 << 10, time < 1 << 40 {
        let said = Double(TimingScale.nanoseconds(of: bucket))
        #expect(abs(said - Double(time)) / Double(time) < 0.0625 + 0.006, "\(time)")
      }
      last = bucket
      time += max(1, time / 37)
    }
    #expect(TimingScale.bucket(of: -5) == 0 && TimingScale.bucket(of: .max) == TimingScale.count - 1)
    #expect(Set((0..<TimingScale.count).map(TimingScale.nanoseconds)).count == TimingScale.count)
  }

  @Test func `a sample keeps all times, or as many as there is room for, evenly spaced in rank`() {
    func sample(_ counts: [UInt64], _ limit: Int) -> [[Int]] {
      TimingScale.sample(counts, limit: limit).map { [$0.bucket, $0.times] }
    }
    #expect(sample([0, 0], 5) == [])
    #expect(sample([2, 0, 3], 5) == [[0, 2], [2, 3]])
    #expect(sample([500, 0, 500], 4) == [[0, 2], [2, 2]])
    #expect(sample([900, 99, 1], 100) == [[0, 90], [1, 10]])
    #expect(sample([1, 1_000_000], 1) == [[1, 1]])
    #expect(sample([.max / 2, .max / 2], 10) == [[0, 5], [1, 5]])
    for limit in 1...40 {
      for total in 1...60 {
        let counts = (0..<7).map { UInt64(total * ($0 * $0 % 5) / 3) }
        let chosen = TimingScale.sample(counts, limit: limit)
        #expect(chosen.reduce(0) { $0 + $1.times } == min(limit, Int(counts.reduce(0, +))))
      }
    }
  }

  @Test func `what was measured in an interval is one event with the number and the spread`() {
    let telemetry = bench.telemetry()
    for number in 1...5 { telemetry.record(.render, duration: .milliseconds(number * 100)) }
    telemetry.record(.startUp, duration: .milliseconds(250))
    telemetry.record(.startUp, duration: .seconds(90))
    bench.tick()
    for _ in 0..<1000 { telemetry.record(.render, duration: .microseconds(20)) }
    for _ in 0..<1000 { telemetry.record(.render, duration: .milliseconds(30)) }
    bench.tick()
    bench.clock.advance(by: .seconds(3600))
    #expect(
      sent() == [
        ["count": 5, "durations": [96.5, 193, 285, 386, 487]],
        ["count": 2000, "durations": [0.0195, 0.0195, 0.0195, 0.0195, 30.4, 30.4, 30.4, 30.4]],
      ])
    // The catalog's own buckets are coarser, and it has the last word.
    #expect(sent("start_up") == [["count": 2, "took": [0.1, 10]]])
    #expect(bench.transport.requests.count == 2)
  }

  @Test func `work is timed, whether it returns or throws, and does what it does when off`() async throws {
    struct Broken: Error {}
    let telemetry = bench.telemetry()
    #expect(telemetry.time(.render) { 7 } == 7)
    #expect(throws: Broken.self) { try telemetry.time(.render) { () throws(Broken) in throw Broken() } }
    let value = await telemetry.time(.render) { () async in
      await Task.yield()
      return 8
    }
    #expect(value == 8)
    bench.tick()
    #expect(sent().map { $0["count"] } == [3])
    let silent = Bench()
    let off = silent.telemetry(["DO_NOT_TRACK": "1"])
    #expect(off.time(.render) { 9 } == 9)
    off.record(.render, duration: .seconds(1))
    silent.tick()
    try silent.transport.expectSilence()
    #expect(!FileManager.default.fileExists(atPath: silent.folder))
  }

  @Test func `two threads count every time, segments changing underneath`() async {
    let telemetry = bench.telemetry()
    let clock = bench.clock
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          for number in 0..<20_000 { telemetry.record(.render, duration: .microseconds(number)) }
        }
      }
      group.addTask {
        for number in 0..<8_000 {
          telemetry.record(.listReports(reportsCount: number % 1000))
          if number % 2000 == 0 { clock.advance(by: .seconds(2)) }
        }
      }
    }
    bench.tick()
    bench.tick()
    #expect(sent().compactMap { $0["count"]?.integerValue }.reduce(0, +) == 40_000)
  }

  @Test func `what a killed program measured is sent by the next, once`() throws {
    let copy = bench.folder + "/kept"
    do {
      let killed = bench.telemetry()
      killed.record(.listReports())
      killed.count(.requests, by: 4)
      for _ in 0..<3 { killed.record(.render, duration: .milliseconds(100)) }
      killed.record(.startUp, duration: .milliseconds(1))
      try FileManager.default.copyItem(atPath: bench.state + "/spool", toPath: copy)
    }
    try FileManager.default.removeItem(atPath: bench.state + "/spool")
    try FileManager.default.moveItem(atPath: copy, toPath: bench.state + "/spool")
    let next = bench.telemetry()
    bench.transport.answer(.failure("down"))
    #expect(!next.flush(timeout: .seconds(1)))
    #expect(next.flush(timeout: .seconds(1)))
    #expect(bench.transport.requests.count == 2)
    #expect(bench.transport.requests[0].body == bench.transport.requests[1].body)
    let events = RecordedEvent.events(in: bench.transport.requests[1])
    #expect(events.map(\.name) == ["list_reports", "requests", "render", "start_up"])
    #expect(events[1].properties == ["count": 4])
    #expect(events[2].properties == ["count": 3, "durations": [96.5, 96.5, 96.5]])
    #expect(events[3].properties == ["count": 1, "took": [0]])
    #expect(Set(events.map(\.id)).count == 4)
    #expect(bench.segments.isEmpty)
  }
}

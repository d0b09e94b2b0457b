import AvowTesting
import Foundation
import Testing

@testable import Avow

@Suite struct CounterTests {
  let bench = Bench()

  private func counts(_ name: String = "requests") -> [Int64] {
    bench.transport.events.filter { $0.name == name }
      .compactMap { $0.properties["count"]?.integerValue }
  }

  @Test func `what was counted in an interval is one event with the sum`() {
    let telemetry = bench.telemetry()
    for _ in 0..<1000 { telemetry.count(.requests) }
    telemetry.count(.cacheHits, by: 5)
    telemetry.count(.cacheHits, by: 0)
    telemetry.count(.cacheHits, by: -3)
    bench.tick()
    telemetry.count(.requests, by: 2)
    bench.tick()
    bench.clock.advance(by: .seconds(3600))
    #expect(counts() == [1000, 2])
    #expect(counts("cache_hits") == [5])
    #expect(bench.transport.requests.count == 2)
  }

  @Test func `two threads count every one, segments changing underneath`() async {
    let telemetry = bench.telemetry()
    let clock = bench.clock
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask { for _ in 0..<50_000 { telemetry.count(.requests) } }
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
    #expect(counts().reduce(0, +) == 100_000)
  }

  @Test func `what was counted while local or off is in no later event`() {
    let telemetry = bench.telemetry()
    telemetry.local()
    telemetry.count(.requests, by: 7)
    telemetry.enable()
    telemetry.count(.requests, by: 1)
    bench.tick()
    telemetry.disable()
    telemetry.count(.requests, by: 9)
    telemetry.enable()
    telemetry.count(.requests, by: 2)
    bench.tick()
    #expect(counts() == [1, 2])
  }

  @Test func `the preview has what was counted until now`() throws {
    let telemetry = bench.telemetry()
    telemetry.count(.requests, by: 3)
    let preview = try #require(telemetry.preview())
    #expect(preview.contains(#""count":3"#))
    bench.tick()
    #expect(bench.transport.requests.map { String(decoding: $0.body, as: UTF8.self) } == [preview])
  }

  @Test func `what a killed program counted is sent by the next`() throws {
    let copy = bench.folder + "/kept"
    do {
      let killed = bench.telemetry()
      killed.record(.listReports())
      killed.count(.requests, by: 41)
      killed.count(.requests)
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
    #expect(events.map(\.name) == ["list_reports", "requests"])
    #expect(events[1].properties == ["count": 42])
    #expect(events[0].id != events[1].id)
    #expect(bench.segments.isEmpty)
  }
}

import Avow
import AvowTesting
import Testing

@Suite struct TelemetryTests {
  let bench = Bench()

  @Test func `an event arrives with its properties, context and identifiers`() throws {
    let telemetry = bench.telemetry(context: .init(edition: .cloud))
    bench.clock.advance(by: .seconds(17))
    let recorded = bench.clock.now
    telemetry.record(
      .optimize(
        modelSize: 102_230_000, mode: .small, ratio: 0.25, isRemote: true, model: "bert", framework: "2.1.7",
        passes: [.prune, .fold], results: [.init(technique: "half", latency: 0.5), .init(technique: "none")]))
    bench.tick()

    let event = try bench.transport.expectEvent("optimize")
    #expect(event.time == recorded)
    #expect(
      event.properties == [
        "model_size": 102_230_000, "mode": "small", "ratio": 0.25, "is_remote": true, "model": "bert",
        "framework": "2.1", "passes": ["prune", "fold"],
        "results": [["technique": "half", "latency": 0.5], ["technique": "none"]],
      ])
    #expect(event.context["app_version"] == "0.4.2")
    #expect(event.context["os_name"]?.stringValue != nil)
    #expect(event.context["uptime"] == 17)
    #expect(event.context["edition"] == "cloud")
    #expect(event.user == telemetry.status.user?.description)
    #expect(event.session?.count == 32)
  }

  @Test func `a request says what it is and carries the key`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports(reportsCount: 19))
    bench.tick()
    let request = try #require(bench.transport.requests.first)
    #expect(request.url == "http://127.0.0.1:9/v1/events")
    #expect(request.headers.contains(.init("Authorization", "Bearer wk_test")))
    #expect(request.headers.contains(.init("Avow-Sent", String(bench.clock.now.milliseconds))))
    let body = try JSONValue(parsing: request.body)
    #expect(body["app"] == "workshop")
    #expect(body["catalog"] == ["version": 3, "digest": .string(Workshop.digest)])
    #expect(body["ephemeral"] == nil)
  }

  @Test func `five events in one interval make one request`() {
    let telemetry = bench.telemetry()
    for count in 1...5 { telemetry.record(.listReports(reportsCount: count)) }
    bench.tick()
    #expect(bench.transport.requests.count == 1)
    #expect(bench.transport.events.map(\.properties) == (1...5).map { ["reports_count": .integer($0)] })
    #expect(Set(bench.transport.events.map(\.id)).count == 5)
  }

  @Test func `an idle hour makes no request`() {
    let telemetry = bench.telemetry()
    telemetry.record(.listReports())
    bench.tick()
    #expect(bench.transport.requests.count == 1)
    bench.clock.advance(by: .seconds(3600))
    #expect(bench.transport.requests.count == 1)
    withExtendedLifetime(telemetry) {}
  }

  @Test func `the preview is the body that is sent next`() throws {
    let telemetry = bench.telemetry()
    #expect(telemetry.preview() == nil)
    telemetry.record(.listReports(reportsCount: 3))
    let preview = try #require(telemetry.preview())
    bench.tick()
    #expect(bench.transport.requests.map { String(decoding: $0.body, as: UTF8.self) } == [preview])
    #expect(telemetry.preview() == nil)
  }

  @Test func `values beyond their limits are left out or cut, and counted`() throws {
    let telemetry = bench.telemetry()
    telemetry.record(
      .optimize(
        modelSize: -1, ratio: .nan, model: "abcdefgé", framework: "not a version",
        passes: [.fold, .fold, .prune]))
    bench.tick()
    let event = try bench.transport.expectEvent("optimize")
    // é begins at the eighth byte and needs two.
    #expect(event.properties == ["model": "abcdefg", "passes": ["fold", "fold"]])
    #expect(telemetry.status.trimmed == 5)
  }

  @Test func `an event larger than the stack buffer arrives whole`() throws {
    let telemetry = bench.telemetry()
    let technique = String(repeating: "x", count: 60)
    telemetry.record(.optimize(results: (0..<64).map { .init(technique: technique, latency: Double($0)) }))
    bench.tick()
    let rows = try #require(try bench.transport.expectEvent("optimize").properties["results"]?.arrayValue)
    #expect(rows.count == 64)
    #expect(rows.last == ["technique": .string(technique), "latency": 63])
  }

  @Test func `an expired event is not recorded`() {
    let telemetry = bench.telemetry(version: "1.0.0")
    telemetry.record(.old)
    telemetry.record(.listReports())
    bench.tick()
    #expect(bench.transport.events.map(\.name) == ["list_reports"])
  }

  @Test func `more events than a request holds go in several, in order, none twice`() {
    let telemetry = bench.telemetry()
    for count in 0..<1200 { telemetry.record(.listReports(reportsCount: count % 1000)) }
    bench.tick()
    #expect(bench.transport.requests.count == 3)
    #expect(bench.transport.events.count == 1200)
    #expect(Set(bench.transport.events.map(\.id)).count == 1200)
  }

  @Test func `events beyond one segment arrive from several, none lost`() {
    let telemetry = bench.telemetry()
    let count = 15_000
    for number in 0..<count { telemetry.record(.listReports(reportsCount: number % 1000)) }
    bench.tick()
    let events = bench.transport.events
    #expect(events.count == count)
    #expect(Set(events.map(\.id)).count == count)
    #expect(
      events.map { $0.properties["reports_count"]?.integerValue } == (0..<count).map { Int64($0 % 1000) })
    #expect(telemetry.status.lost == 0)
  }

  @Test func `a full spool drops the oldest events and reports how many`() throws {
    let telemetry = bench.telemetry()
    bench.transport.answerAlways(.failure("down"))
    // About 900 bytes each: a little more than the four megabytes there are.
    let rows = (0..<12).map { _ in Workshop.Event.Result(technique: String(repeating: "x", count: 64)) }
    let count = 6000
    for number in 0..<count { telemetry.record(.optimize(modelSize: number, results: rows)) }
    let lost = telemetry.status.lost
    #expect(lost > 0)
    bench.transport.answerAlways(nil)
    bench.clock.advance(by: .seconds(700))
    let bodies = try bench.transport.requests.map { try JSONValue(parsing: $0.body) }
    #expect(bench.transport.events.count == count - lost)
    let reported = bodies.reduce(into: [String: Int64]()) { sum, body in
      if let lost = body["lost"]?.integerValue { sum[body["segment"]?.stringValue ?? ""] = lost }
    }
    #expect(reported.values.reduce(0, +) == Int64(lost))
    #expect(bench.transport.events.last?.properties["model_size"] == .integer(Int64(count - 1)))
  }

  @Test func `without a home events are held in memory and said to be ephemeral`() throws {
    let telemetry = bench.telemetry(["AVOW_STATE": ""])
    telemetry.record(.listReports())
    bench.tick()
    let body = try JSONValue(parsing: try #require(bench.transport.requests.first).body)
    #expect(body["ephemeral"] == true)
    #expect(body["user"]?.stringValue?.count == 32)
    #expect(telemetry.status.problem?.contains("memory") == true)
  }

  @Test func `two threads lose nothing while segments change`() async {
    let telemetry = bench.telemetry()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<2 {
        group.addTask {
          for number in 0..<7_000 { telemetry.record(.optimize(modelSize: task * 7_000 + number)) }
        }
      }
    }
    bench.tick()
    let sizes = bench.transport.events.compactMap { $0.properties["model_size"]?.integerValue }
    #expect(sizes.sorted() == Array(0..<14_000))
  }
}

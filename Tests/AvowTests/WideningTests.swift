import AvowTesting
import Foundation
import Synchronization
import Testing

@testable import Avow

@Suite struct WideningTests {
  let bench = Bench()
  let event = Workshop.Event.optimize(
    modelSize: 1, mode: .small, ratio: 0.5, isRemote: true, model: "bert", framework: "2.1",
    results: [.init(technique: "half", latency: 1)])

  /// A first run under the early catalog, which is then the one that was shown.
  private func runEarly() {
    let early = bench.telemetry(EarlyWorkshop.self)
    early.record(.listReports(reportsCount: 1))
    bench.tick()
    #expect(early.status.accepted == 1)
  }

  private func nextDay() {
    bench.clock.set(now: Timestamp(milliseconds: bench.clock.now.milliseconds + 86_400_000))
  }

  private func properties(_ name: String) -> [String: JSONValue]? {
    bench.transport.events.last { $0.name == name }?.properties
  }

  @Test func `under a wider catalog the new part is said and stays off for that run alone`() throws {
    runEarly()
    let first = bench.telemetry(terminal: Person().terminal)
    first.record(event)
    first.record(.old)
    bench.tick()
    #expect(properties("optimize") == ["model_size": 1, "is_remote": true])
    #expect(properties("old") == nil)
    #expect(bench.transport.events.last?.context["uptime"] == nil)
    let said = try #require(bench.notices.withLock { $0 }.last)
    for phrase in ["the event old", "ratio of the event optimize", "mode of", "uptime with every event"] {
      #expect(said.contains(phrase), "\(phrase) in: \(said)")
    }
    #expect(!said.contains("model_size"))

    let second = bench.telemetry(terminal: Person().terminal)
    second.record(event)
    bench.tick()
    #expect(properties("optimize")?.count == 7)
    #expect(bench.transport.events.last?.context["uptime"] != nil)
    #expect(bench.notices.withLock { $0 }.last == "Workshop reports.")
  }

  @Test func `nothing of the new part is in the spool either`() throws {
    runEarly()
    let telemetry = bench.telemetry()
    bench.transport.answerAlways(.failure("down"))
    telemetry.record(
      .optimize(model: "secret", results: [.init(technique: "hidden_technique")]))
    let name = try #require(bench.segments.first { $0.hasSuffix(".seg") })
    let bytes = try Data(contentsOf: URL(fileURLWithPath: bench.state + "/spool/" + name))
    #expect(bytes.range(of: Data("optimize".utf8)) != nil)
    #expect(bytes.range(of: Data("secret".utf8)) == nil)
    #expect(bytes.range(of: Data("hidden_technique".utf8)) == nil)
  }

  @Test func `without a terminal runs on seven days count as shown`() {
    runEarly()
    for day in 0..<7 {
      // Two runs a day count once.
      for _ in 0..<2 {
        let telemetry = bench.telemetry()
        telemetry.record(event)
        bench.tick()
        #expect(properties("optimize")?["ratio"] == nil, "day \(day)")
      }
      nextDay()
    }
    let telemetry = bench.telemetry()
    telemetry.record(event)
    bench.tick()
    #expect(properties("optimize")?["ratio"] == 0.5)
  }

  @Test func `a service counts the days it runs through`() {
    runEarly()
    let service = bench.telemetry()
    service.record(event)
    for _ in 0..<7 {
      nextDay()
      bench.tick()
    }
    service.record(event)
    bench.tick()
    #expect(properties("optimize")?["ratio"] == nil)
    let next = bench.telemetry()
    next.record(event)
    bench.tick()
    #expect(properties("optimize")?["ratio"] == 0.5)
  }

  @Test func `opted in, the new part waits for the user's next yes`() {
    let early = bench.telemetry(EarlyShyWorkshop.self)
    #expect(early.enable() == .enabled)
    early.record(.listReports())
    bench.tick()
    for _ in 0..<3 {
      let later = bench.telemetry(ShyWorkshop.self, terminal: Person().terminal)
      later.record(event)
      bench.tick()
      #expect(properties("optimize") == ["model_size": 1, "is_remote": true])
    }
    #expect(bench.notices.withLock { $0 }.last?.contains("until you enable it again") == true)
    #expect(bench.telemetry(ShyWorkshop.self).enable() == .enabled)
    let agreed = bench.telemetry(ShyWorkshop.self)
    agreed.record(event)
    bench.tick()
    #expect(properties("optimize")?["ratio"] == 0.5)
  }

  @Test func `an older release beside the newer one changes nothing`() {
    let newer = bench.telemetry(terminal: Person().terminal)
    newer.record(.listReports())
    bench.tick()
    runEarly()
    let again = bench.telemetry()
    again.record(event)
    bench.tick()
    #expect(properties("optimize")?["ratio"] == 0.5)
  }

  @Test func `a notice for first runs comes once for each catalog and not when off`() {
    for _ in 0..<2 {
      bench.telemetry(isFirstRunOnly: true).record(.listReports())
      bench.tick()
    }
    #expect(bench.notices.withLock { $0 } == ["Workshop reports."])
    _ = bench.telemetry(["DO_NOT_TRACK": "1"], isFirstRunOnly: true)
    #expect(bench.notices.withLock { $0 }.count == 1)
  }

  @Test func `terms of everything that widen keep everything off for that run`() {
    var earlier = Workshop.catalog
    earlier.retention = .months(6)
    earlier.identity.rotate = .month
    earlier.never = [.kind(.url)]
    let widening = Widening(from: earlier.canonical, to: Workshop.catalog)
    #expect(widening.isOfAll)
    #expect(widening.phrases.count == 3)
    let all = Muting(widening, expired: [], Workshop.catalog).events
    #expect(all.sorted() == Array(Workshop.catalog.events.indices))
    #expect(Widening(from: Workshop.catalog.canonical, to: earlier).isEmpty)
  }

  static let types: [(FieldType, FieldType, isWider: Bool)] = [
    (.integer(.init(min: 0)), .integer(), true),
    (.integer(), .integer(.init(min: 0)), false),
    (.integer(.init(max: 5)), .integer(.init(max: 6)), true),
    (.number(.init(bucket: [0, 10])), .number(.init(bucket: [0, 5, 10])), true),
    (.number(.init(bucket: [0, 10])), .number(), true),
    (.number(.init(bucket: [0, 5, 10])), .number(.init(bucket: [0, 10])), false),
    (.number(), .number(.init(bucket: [0])), false),
    (.text(.oneOf(["a"])), .text(.oneOf(["a", "b"])), true),
    (.text(.oneOf(["a", "b"])), .text(.oneOf(["b"])), false),
    (.text(.oneOf(["a"])), .text(.pattern("a")), true),
    (.text(.free(reason: "", maxLength: 10)), .text(.pattern("a")), false),
    (.text(.pattern("a")), .text(.free(reason: "", maxLength: 1)), true),
    (.version(.major), .version(.minor), true), (.version(), .version(.minor), false),
    (.boolean, .integer(), true),
    (.list(of: .boolean, maxItems: 3), .list(of: .boolean, maxItems: 2), false),
    (.list(of: .boolean, maxItems: 3), .list(of: .boolean, maxItems: 4), true),
    (.records([Field("a", .boolean)]), .records([Field("a", .boolean), Field("b", .boolean)]), true),
  ]

  @Test(arguments: types.indices)
  func `a type is wider when it admits what the other did not`(index: Int) {
    let (old, new, isWider) = Self.types[index]
    func catalog(_ type: FieldType) -> Catalog {
      Catalog(app: "a", name: "A", version: 1, events: [.init("e", properties: [Field("p", type)])])
    }
    let widening = Widening(from: catalog(old).canonical, to: catalog(new))
    #expect(widening.properties == (isWider ? [.init(event: 0, fields: [0])] : []))
  }
}

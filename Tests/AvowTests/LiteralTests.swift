import AvowTesting
import Testing

@testable import Avow

@Suite struct LiteralTests {
  let bench = Bench()

  @Test func `a literal event arrives as the typed one does`() {
    let telemetry = bench.telemetry()
    telemetry.record(
      .optimize(modelSize: 7, mode: .small, ratio: 0.5, isRemote: true, model: "bert", framework: "2.1.7"))
    telemetry.record(
      "optimize",
      [
        "model_size": 7, "mode": "small", "ratio": 0.5, "is_remote": true, "model": "bert",
        "framework": "2.1.7",
      ])
    telemetry.record("old")
    bench.tick()
    let events = bench.transport.events
    #expect(events.map(\.name) == ["optimize", "optimize", "old"])
    #expect(events[0].properties == events[1].properties)
    #expect(events[0].properties.count == 6)
    #expect(telemetry.status.undeclared == 0)
  }

  @Test func `names and types nobody declared are counted and never sent`() throws {
    let telemetry = bench.telemetry()
    telemetry.record("optimise", ["model_size": 1])
    telemetry.record("", ["model_size": 1])
    telemetry.record("list_reports", ["reports_count": "many", "user": "ada", "é": 1])
    telemetry.record(
      "optimize", ["is_remote": 1, "mode": "fastest", "model_size": 3, "passes": "fold", "ratio": 1])
    bench.tick()
    #expect(bench.transport.events.map(\.name) == ["list_reports", "optimize"])
    #expect(bench.transport.events.map(\.properties) == [[:], ["model_size": 3, "ratio": 1]])
    #expect(telemetry.status.undeclared == 2 + 3 + 3)
    for request in bench.transport.requests {
      let body = String(decoding: request.body, as: UTF8.self)
      #expect(!body.contains("ada") && !body.contains("optimise") && !body.contains("fastest"))
    }
  }

  @Test func `limits hold for literals too`() {
    let telemetry = bench.telemetry()
    telemetry.record("optimize", ["model_size": -1, "ratio": 1.5, "model": "abcdefghij"])
    bench.tick()
    #expect(bench.transport.events.map(\.properties) == [["model": "abcdefgh"]])
    #expect(telemetry.status.trimmed == 3)
  }

  @Test func `keys in any order, any length, are told apart`() {
    let names =
      (1...40).map { String(repeating: "a", count: $0) } + ["abcdefgh1jklmnopq", "abcdefgh2jklmnopq"]
    let table = LiteralTable(
      Catalog(app: "a", name: "A", version: 1, events: names.map { EventDeclaration($0) }))
    for (index, name) in names.enumerated() {
      let bytes = Array(name.utf8)
      #expect(table.event(bytes, count: bytes.count) == index)
      #expect(table.event(bytes + [0x62], count: bytes.count + 1) == -1)
    }
  }
}

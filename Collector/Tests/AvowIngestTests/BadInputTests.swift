import AvowIngest
import AvowWire
import Foundation
import Testing

/// Whatever comes, there is an answer, nothing else is lost, and what is admitted is sound.
struct BadInputTests {
  /// Checks what the store relies on.
  private func check(_ batch: EventBatch) {
    for entry in batch.entries {
      #expect(batch.catalog.events.indices.contains(entry.event))
      for (range, fields) in [
        (entry.context, batch.catalog.context),
        (entry.properties, batch.catalog.events[entry.event].properties),
      ] {
        #expect(range.upperBound <= batch.values.count)
        let slots = batch.values[range]
        #expect(zip(slots, slots.dropFirst()).allSatisfy { $0.field < $1.field })
        for slot in slots {
          #expect(fields.indices.contains(Int(slot.field)))
          check(slot, batch)
        }
      }
    }
  }

  private func check(_ slot: EventBatch.Slot, _ batch: EventBatch) {
    switch slot.kind {
    case .text:
      #expect(slot.range.upperBound <= batch.bytes.count)
      #expect(String(validating: batch.bytes[slot.range], as: UTF8.self) != nil)
    case .list, .records:
      #expect(slot.range.upperBound <= batch.items.count)
      for item in batch.items[slot.range] { check(item, batch) }
    default: break
    }
  }

  @Test(arguments: [
    "evidently-0.4.30-get_snapshot_data", "jina-3.7.13-worker", "nebullvm-0.6.0", "speedster-0.1.0",
    "blindai-0.3.0",
    "blindai-0.5",
  ])
  func `mutated requests of the real clients are answered`(_ name: String) throws {
    let ingest = try World.all()
    let request = try World.fixture(name)
    var generator = Seeded(state: 5)
    let spice = Array("{}[]\",:\\e-.0 ".utf8) + [0xFF, 0x00, 0xC3]
    var admitted = 0
    for _ in 0..<400 {
      var mutated = request
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !mutated.body.isEmpty {
        let at = Int.random(in: 0..<mutated.body.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: mutated.body.remove(at: at)
        case 1, 2: mutated.body[at] = spice.randomElement(using: &generator) ?? 0
        case 3:
          let end = min(mutated.body.count, at + Int.random(in: 1...60, using: &generator))
          mutated.body.insert(contentsOf: mutated.body[at..<end], at: at)
        default:
          mutated.body.removeLast(min(mutated.body.count - at, Int.random(in: 1...40, using: &generator)))
        }
      }
      let received = ingest.take(mutated)
      let answer = try #require(received.answer)
      #expect(answer.status == 200 || answer.status == 400 || answer.status == 401, "\(answer.status)")
      if let batch = received.batch {
        check(batch)
        admitted += batch.entries.count
      }
    }
    // Else the test would only see refusals.
    if !name.hasPrefix("jina") { #expect(admitted > 20) }
  }

  @Test func `random members in random places never break a batch`() throws {
    let ingest = try World.ingest([Demo.catalog()])
    var generator = Seeded(state: 9)
    let names =
      try Demo.catalog().events[0].properties.map(\.name) + ["x", "$set", "user", "context", "rows.step"]
    let values = [
      "null", "true", "1e999", "-0", "12345678901234567890", "\"\"", "{}", "[]", "\"a\"",
      "[{\"step\":\"a\"},3]", "[[[1]]]",
      "{\"major\":{}}", "\"3 GB\"", "\"10.0.0.1\"", "[\"a\",null,{},\"b\"]", "{\"a\":{\"b\":1}}",
      "\"\\u0000\"",
    ]
    for _ in 0..<300 {
      func object() -> String {
        let members = (0..<6).map { _ in
          "\"\(names.randomElement(using: &generator) ?? "")\":\(values.randomElement(using: &generator) ?? "")"
        }
        return "{\(members.joined(separator: ","))}"
      }
      let native =
        "{\"segment\":\"00112233445566778899aabb\",\"context\":\(object()),\"events\":[{\"n\":1,\"name\":\"tool_run\",\"properties\":\(object()),\"context\":\(object())}]}"
      let received = ingest.take(
        World.post("/v1/events", native, headers: [("authorization", "Bearer demo_key")]))
      check(try #require(received.batch))
      let segment =
        "{\"writeKey\":\"demo_key\",\"batch\":[{\"event\":\"demo.tool.run\",\"properties\":\(object()),\"traits\":\(object()),\"context\":\(object())}],\"context\":\(object())}"
      check(try #require(ingest.take(World.post("/v1/batch", segment)).batch))
    }
  }

  @Test func `a request full of faults keeps the quarantine small`() throws {
    let quarantine = Quarantine()
    let ingest = try World.ingest([Demo.catalog()], quarantine: quarantine)
    let members = (0..<20_000).map { "\"k\($0)\":1" }.joined(separator: ",")
    let body =
      #"{"api_key":"demo_key","events":[{"event_type":"$page","event_properties":{\#(members),"name":"kept"}}]}"#
    let received = ingest.take(World.post("/2/httpapi", body))
    #expect(received.events.map(\.properties) == [["page": "kept"]])
    #expect(quarantine.counters()["demo"]?.removed == 20_000)
    #expect(quarantine.snapshot().count <= 203)
    #expect(quarantine.snapshot().map(\.count).reduce(0, +) == 20_000)
  }

  @Test func `more values than memory should hold are refused`() throws {
    let ingest = try World.ingest([Demo.catalog()])
    let body = "[" + String(repeating: "1,", count: (2 << 20) + 8) + "1]"
    let received = ingest.take(World.post("/api/v1/event", body, query: [("token", "demo_key")]))
    #expect(received.answer?.status == 400)
    #expect(received.json?["error"]?.stringValue?.hasPrefix("more than two million values") == true)
  }
}

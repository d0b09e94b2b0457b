import AvowIngest
import AvowWire
import Testing

struct QuarantineTests {
  private let quarantine = Quarantine()

  private func send(
    _ properties: String, event: String = "$page", received: Timestamp = World.received,
    version: String = "1.0"
  ) throws {
    let body =
      #"{"api_key":"demo_key","events":[{"event_type":"\#(event)","app_version":"\#(version)","event_properties":{\#(properties)}}]}"#
    _ = try World.ingest([Demo.catalog()], quarantine: quarantine).receive(
      World.post("/2/httpapi", body, received: received)
    ).answer
  }

  @Test func `a line counts, and remembers when and by which version`() throws {
    try send(#""odd":1"#, version: "1.0")
    let later = Timestamp(milliseconds: World.received.milliseconds + 5)
    try send(#""odd":"x@y.zz""#, received: later, version: "1.1")
    #expect(
      quarantine.snapshot() == [
        Quarantine.Line(
          app: "demo", event: "page_view", field: "odd", reason: .undeclared, count: 2, appVersion: "1.1",
          first: World.received, last: later)
      ])
  }

  @Test(arguments: [
    "/home/ada", "ada@example.org", "0190a1b2-0000-7000-8000-000000000001", "10.0.0.1", "with space", "1st",
    "",
    "AKIAIOSFODNN7EXAMPLE", "ümlaut", "a123456789012345678",
  ])
  func `a name that could be user data is not kept`(_ name: String) throws {
    try send(#""\#(name)":1"#)
    #expect(quarantine.snapshot().map(\.field) == ["(other)"])
    try send("", event: name.isEmpty ? "a b" : name)
    #expect(quarantine.snapshot().filter { $0.field == nil }.map(\.event) == ["(other)"])
  }

  @Test func `what is put off is counted when it is taken, and then once`() throws {
    let ingest = try World.ingest([Demo.catalog()], quarantine: quarantine)
    let body = #"{"api_key":"demo_key","events":[{"event_type":"$page","odd":1},{"event_type":"nothing"}]}"#
    let request = World.post("/2/httpapi", body)
    for _ in 0..<2 {
      guard case .batch(_, let reply) = ingest.receive(request) else {
        throw World.Failure(reason: "no batch")
      }
      #expect(reply.unavailable().status == 503)
      #expect(quarantine.snapshot() == [] && (quarantine.counters()["demo"]?.received ?? 0) == 0)
    }
    #expect(ingest.receive(request).answer != nil)
    #expect(quarantine.snapshot().map(\.count) == [1, 1])
    #expect(quarantine.counters()["demo"]?.received == 2 && quarantine.counters()["demo"]?.refused == 1)
  }

  @Test func `nobody without a key can use up the names of those who have one`() throws {
    let catalog = try World.catalog(
      text: Demo.text + "\n  - {format: json, path: /open, events: {page: page_view}}\n")
    let ingest = try World.ingest([catalog], quarantine: quarantine)
    let many = (0..<300).map { "\"name_\(String($0, radix: 26))x\":1" }.joined(separator: ",")
    #expect(ingest.receive(World.post("/open", #"{"event":"page",\#(many)}"#)).answer?.status == 200)
    #expect(quarantine.snapshot().contains { $0.field == "(other)" && $0.isUnauthenticated })
    _ =
      ingest.receive(
        World.post(
          "/2/httpapi",
          #"{"api_key":"demo_key","events":[{"event_type":"$page","event_properties":{"real_one":1}}]}"#)
      ).answer
    #expect(quarantine.snapshot().contains { $0.field == "real_one" && !$0.isUnauthenticated })
  }

  @Test func `lines that nothing is added to are forgotten, and their names make room`() throws {
    let many = (0..<300).map { "\"name_\(String($0, radix: 26))x\":1" }.joined(separator: ",")
    try send(many)
    let later = Timestamp(milliseconds: World.received.milliseconds + 86_400_000)
    try send(#""new_one":1"#, received: later)
    #expect(!quarantine.snapshot().contains { $0.field == "new_one" })
    quarantine.forget(app: "other")
    #expect(quarantine.forget(app: "demo", unchangedSince: later) == 200)
    try send(#""new_one":1"#, received: later)
    #expect(quarantine.snapshot().contains { $0.field == "new_one" })
    quarantine.forget()
    #expect(quarantine.snapshot() == [])
  }

  @Test func `an object is counted once, at its first undeclared level`() throws {
    try send(#""deep":{"a":{"b":1},"c":2,"d":3}"#)
    #expect(quarantine.snapshot().map(\.field) == ["deep"])
    #expect(quarantine.snapshot().map(\.count) == [1])
  }

  @Test func `an app keeps at most two hundred foreign names`() throws {
    let many = (0..<300).map { "\"name_\(String($0, radix: 26))x\":1" }.joined(separator: ",")
    try send(many)
    let lines = quarantine.snapshot()
    #expect(lines.count == 201)
    #expect(lines.first { $0.field == "(other)" }?.count == 100)
    // Declared names are ours and always kept.
    try send(#""name":"NO""#)
    #expect(quarantine.snapshot().contains { $0.field == "page" })
  }

  @Test func `lines and counters survive a restart`() throws {
    try send(#""odd":1,"page":"UPPER""#)
    let again = Quarantine()
    again.load(quarantine.snapshot())
    again.load(quarantine.snapshot())
    #expect(again.snapshot().map(\.count) == [2, 2])
    again.count(try #require(quarantine.counters()["demo"]), app: "demo")
    #expect(again.counters() == quarantine.counters())
  }

  @Test func `no line, no answer and no batch holds a removed value`() throws {
    let secret = "zq9-secret-value"
    let body =
      #"{"api_key":"demo_key","events":[{"event_type":"$page","insert_id":"1","event_properties":{"odd":"\#(secret)","name":"\#(secret)","count":"\#(secret)"}}]}"#
    let received = try World.ingest([Demo.catalog()], quarantine: quarantine).receive(
      World.post("/2/httpapi", body))
    let shown =
      quarantine.snapshot().map { "\($0)" }.joined()
      + String(decoding: received.answer?.body ?? [], as: UTF8.self)
    #expect(!shown.contains("zq9"))
    let kept = String(decoding: received.batch?.bytes ?? [], as: UTF8.self)
    #expect(!kept.contains("zq9"))
    #expect(quarantine.counters()["demo"]?.removed == 3)
  }
}

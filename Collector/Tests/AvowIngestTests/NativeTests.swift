import AvowIngest
import AvowWire
import Testing

struct NativeTests {
  private let quarantine = Quarantine()

  private func send(
    _ body: String, key: String? = "demo_key", sent: Timestamp? = nil, received: Timestamp = World.received,
    address: String? = nil
  ) throws -> Received {
    var headers: [(String, String)] = []
    if let key { headers.append(("authorization", "Bearer \(key)")) }
    if let sent { headers.append(("avow-sent", String(sent.milliseconds))) }
    return try World.ingest([Demo.catalog()], quarantine: quarantine)
      .take(World.post("/v1/events", body, headers: headers, address: address, received: received))
  }

  private func body(_ events: String, extra: String = "") -> String {
    """
    {"app":"demo","catalog":{"version":3,"digest":"x"},"segment":"00112233445566778899aabb",
     "user":"0123456789abcdef0123456789abcdef","session":"fedcba9876543210fedcba9876543210",\(extra)
     "context":{"app_version":"1.4.0rc1","os_name":"Darwin"},"events":[\(events)]}
    """
  }

  @Test func `events of one request share their context, user and session`() throws {
    let received = try send(
      body(
        """
        {"n":7,"name":"tool_run","time":1795262399000,"properties":{"command":"BUILD","cached":true,"price":1.5}},
        {"n":8,"name":"page_view","time":1795262399500}
        """))
    let events = received.events
    #expect(events.map(\.event) == ["tool_run", "page_view"])
    #expect(events[0].properties == ["command": "build", "cached": true, "price": 1.5])
    #expect(events[0].context == ["app_version": "1.4.0rc1", "os_name": "macos"])
    #expect(events[1].entry.context == events[0].entry.context)
    #expect(events[0].entry.user == events[1].entry.user && events[0].entry.user != nil)
    #expect(events[0].entry.session != nil && events[0].entry.session != events[0].entry.user)
    #expect(events[0].entry.id?.description == "00112233445566778899aabb00000007")
    #expect(events[0].entry.sentTime == Timestamp(milliseconds: 1_795_262_399_000))
    #expect(!events[0].entry.isEphemeral)
  }

  @Test func `the answer counts and carries the digest of the body`() throws {
    let text = body(
      #"{"n":1,"name":"page_view"},{"n":2,"name":"nope"},{"n":3,"name":"tool_run","properties":{"x":1}}"#)
    let received = try send(text)
    #expect(
      received.json == [
        "accepted": 2, "duplicates": 0,
        "refused": [
          ["n": 2, "reason": "unknown_event"], ["n": 3, "reason": "undeclared", "field": "x"],
        ],
        "receipt": .string(hexadecimal(SHA256.hash(text.utf8))),
      ])
    let counters = try #require(quarantine.counters()["demo"])
    #expect(counters.received == 3 && counters.refused == 1 && counters.removed == 1)
    let again = try World.ingest([Demo.catalog()]).receive(
      World.post("/v1/events", text, headers: [("authorization", "Bearer demo_key")]))
    guard case .batch(_, let reply) = again else {
      Issue.record("no batch")
      return
    }
    #expect(NativeAnswer(parsing: reply.stored(.init(stored: 1, duplicates: 1)).body)?.duplicates == 1)
    #expect(reply.unavailable().status == 503)
    #expect(reply.unavailable().retryAfter == 2)
  }

  @Test func `an event's own context wins over the request's`() throws {
    let events = try send(
      body(
        #"{"n":1,"name":"page_view","context":{"os_version":"14.1","app_version":"2.0"}},{"n":2,"name":"page_view"}"#
      )
    ).events
    #expect(events[0].context == ["app_version": "2.0", "os_name": "macos", "os_version": "14.1"])
    #expect(events[1].context == ["app_version": "1.4.0rc1", "os_name": "macos"])
  }

  @Test func `what the native client's own encoder writes is admitted whole`() throws {
    let segment = try #require(SegmentIdentifier("00112233445566778899aabb"))
    let report = EventReport(
      app: "demo", catalogVersion: 3, catalogDigest: "d", segment: segment,
      user: Identifier128(high: 1, low: 2), session: Identifier128(high: 3, low: 4), isEphemeral: true,
      lost: 5,
      context: [.init("os_name", "linux")],
      events: [
        .init(
          number: 9, name: "tool_run", time: World.received,
          properties: [
            .init("tags", ["a", "b"]), .init("rows", [["step": "load", "ms": 1.5], ["step": "run"]]),
          ])
      ])
    let received = try send(String(decoding: NativeRequest.body(of: report), as: UTF8.self))
    let event = try #require(received.events.first)
    #expect(
      event.properties == ["tags": ["a", "b"], "rows": [["step": "load", "ms": 1.5], ["step": "run"]]])
    #expect(event.entry.isEphemeral)
    #expect(quarantine.counters()["demo"]?.lost == 5)
    #expect(quarantine.snapshot() == [])
  }

  @Test func `the network comes from the connection and never from the body`() throws {
    let extra = #""unused":1,"#
    let with = try send(body(#"{"n":1,"name":"page_view"}"#, extra: extra), address: "2001:db8:77:12::9")
      .events
    #expect(with[0].context["net"] == "2001:db8:77::/48")
    let text = body(#"{"n":1,"name":"page_view"}"#).replacing(
      "\"os_name\":\"Darwin\"", with: "\"net\":\"203.0.113.0/24\"")
    #expect(try send(text).events[0].context["net"] == nil)
    #expect(quarantine.counters()["demo"]?.dropped == 1)
  }

  @Test func `the client's clock is corrected by what it says when sending`() throws {
    let text = body(#"{"n":1,"name":"page_view","time":1795176000000}"#)
    let sent = Timestamp(milliseconds: 1_795_176_060_000)
    let entry = try #require(try send(text, sent: sent).events.first?.entry)
    #expect(entry.time == Timestamp(milliseconds: World.received.milliseconds - 60_000))
    #expect(entry.sentTime == Timestamp(milliseconds: 1_795_176_000_000))
    #expect(quarantine.counters()["demo"]?.clock == 0)
  }

  @Test(arguments: [
    (-30 * 86_400_000, false), (-30 * 86_400_000 - 1, true), (600_000, false), (600_001, true),
  ])
  func `a time beyond the window becomes the time of receipt`(_ offset: Int, _ isReplaced: Bool) throws {
    let written = World.received.milliseconds + Int64(offset)
    let entry = try #require(
      try send(body(#"{"n":1,"name":"page_view","time":\#(written)}"#)).events.first?.entry)
    #expect(entry.sentTime.milliseconds == written)
    #expect(entry.time.milliseconds == (isReplaced ? World.received.milliseconds : written))
    #expect(quarantine.counters()["demo"]?.clock == (isReplaced ? 1 : 0))
  }

  @Test func `older and newer clients are told apart in the quarantine`() throws {
    for (version, reason) in [(2, Quarantine.Reason.retired), (4, .newer), (3, .undeclared)] {
      let quarantine = Quarantine()
      let text = body(#"{"n":1,"name":"page_view","properties":{"gone":1}}"#)
        .replacing("\"version\":3", with: "\"version\":\(version)")
      let ingest = try World.ingest([Demo.catalog()], quarantine: quarantine)
      let received = ingest.take(
        World.post("/v1/events", text, headers: [("authorization", "Bearer demo_key")]))
      #expect(received.events.count == 1)
      let line = try #require(quarantine.snapshot().first)
      #expect(line.reason == reason)
      #expect(line.field == "gone")
      #expect(line.event == "page_view")
      #expect(line.appVersion == "1.4.0rc1")
    }
  }

  @Test func `an expired event is refused`() throws {
    let received = try send(body(#"{"n":1,"name":"old"}"#))
    #expect(received.events.isEmpty)
    #expect(received.json?["refused"] == [["n": 1, "reason": "expired"]])
  }

  @Test(arguments: [
    ("{}", "demo_key", 400), ("[]", "demo_key", 400), ("", "demo_key", 400), ("{\"a\":", "demo_key", 400),
    ("{}", "wrong", 401), ("{}", nil, 401),
    (#"{"app":"other","segment":"00112233445566778899aabb"}"#, "demo_key", 403),
    (#"{"segment":"00112233445566778899aabb","events":{}}"#, "demo_key", 400),
    (#"{"segment":"xyz","events":[]}"#, "demo_key", 400),
  ])
  func `a bad request gets one line that says what is wrong`(_ text: String, _ key: String?, _ status: Int)
    throws
  {
    let received = try send(text, key: key)
    #expect(received.answer?.status == status)
    let message = try #require(received.json?["message"]?.stringValue)
    #expect(!message.isEmpty && !message.contains("\n"))
    #expect(received.json?["error"]?.stringValue != nil)
  }

  @Test func `what is no event costs only itself`() throws {
    let received = try send(
      body(
        #"3,null,{"name":"page_view"},{"n":-1,"name":"page_view"},{"n":1e999,"name":"page_view"},{"n":4,"name":"page_view","time":"soon","properties":[1]},{"n":5,"name":7}"#
      ))
    #expect(received.events.map(\.entry.id?.low) == [0x8899_aabb_0000_0004])
    #expect(quarantine.counters()["demo"]?.refused == 6)
  }
}

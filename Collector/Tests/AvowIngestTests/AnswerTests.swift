import AvowIngest
import AvowWire
import Testing

/// The ways in that one vendor alone has, and refusals in each vendor's words.
struct AnswerTests {
  private let quarantine = Quarantine()

  private let ingest: Ingest

  init() throws { ingest = try World.ingest([Demo.catalog()], quarantine: quarantine) }

  private func send(
    _ path: String, _ body: String, method: String = "POST", headers: [(String, String)] = [],
    query: [(String, String)] = []
  ) throws -> Received {
    var request = World.post(path, body, headers: headers, query: query)
    request.method = method
    return ingest.receive(request)
  }

  private func text(_ received: Received) -> String {
    String(decoding: received.answer?.body ?? [], as: UTF8.self)
  }

  // MARK: Amplitude

  @Test func `Amplitude's identify form is an event where the catalog maps it, and else a call`() throws {
    let form =
      "api_key=demo_key&identification=%5B%7B%22user_id%22%3A%22u%22%2C%22user_properties%22%3A%7B%22plan%22%3A%22pro%22%7D%7D%5D"
    let received = try send("/identify", form)
    #expect(received.events.map(\.event) == ["signed_in"])
    #expect(received.events.map(\.properties) == [["plan": "pro"]])
    #expect(received.json == ["code": 200])
    let query = [("api_key", "demo_key"), ("identification", #"{"group_type":"org","group_value":"x"}"#)]
    let group = try send("/groupidentify", "", method: "GET", query: query)
    #expect(group.batch == nil && group.json == ["code": 200])
    #expect(quarantine.counters()["demo"]?.control == 1)
    #expect(try send("/identify", "api_key=demo_key").json?["missing_field"] == "identification")
    #expect(
      try send("/identify", "api_key=demo_key&identification=x").json?["missing_field"] == "identification")
    #expect(try send("/identify", "api_key=no").json?["error"] == "Invalid API key: no")
  }

  // MARK: Jitsu

  @Test func `Jitsu's pixel and its address without a name are ways in`() throws {
    let data = "eyJldmVudF90eXBlIjoiJHBhZ2UiLCJuYW1lIjoiaG9tZSJ9"  // {"event_type":"$page","name":"home"}
    let pixel = try send(
      "/api/v1/p.gif", "", method: "GET", query: [("data", data), ("token", "demo_key"), ("name", "other")])
    #expect(pixel.events.map(\.properties) == [["page": "other"]])
    #expect(pixel.answer?.contentType == "image/gif")
    #expect(pixel.answer?.body.starts(with: "GIF89a".utf8) == true)
    let bad = try send("/api/v1/p.gif", "", method: "GET", query: [("data", "!"), ("token", "demo_key")])
    #expect(bad.answer?.status == 400)
    let hidden = try send("/api.xyz123", #"{"event_type":"$page"}"#, query: [("p_q", "demo_key")])
    #expect(hidden.events.count == 1 && hidden.json == ["status": "ok"])
  }

  @Test func `Jitsu's file of lines is read from its form`() throws {
    let type = ("content-type", "multipart/form-data; boundary=\"xY\"")
    func form(_ file: String) -> String {
      "--xY\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n{}\r\n"
        + "--xY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"e.jsonl\"\r\n"
        + "Content-Type: application/json\r\n\r\n\(file)\r\n--xY--\r\n"
    }
    let lines =
      "{\"event_type\":\"$page\",\"event_id\":\"1\"}\n\r\n{\"event_type\":\"$page\",\"event_id\":\"2\"}\r\n"
    let received = try send(
      "/api/v1/events/bulk", form(lines), headers: [type], query: [("token", "demo_key")])
    #expect(received.events.count == 2 && received.events.allSatisfy { $0.entry.id != nil })
    #expect(received.json == ["status": "ok"])
    let empty = try send("/api/v1/events/bulk", form(""), headers: [type], query: [("token", "demo_key")])
    #expect(empty.answer?.status == 200)
    for body in ["", "--xY--", "--xY\r\nx", form("{")] {
      let bad = try send("/api/v1/events/bulk", body, headers: [type], query: [("token", "demo_key")])
      #expect(bad.answer?.status == 400)
    }
  }

  @Test(arguments: [
    ("/api/s/page", "name"), ("/api/s/p", "name"), ("/api/s/s2s/page", "name"), ("/api/s/s2s/p/", "name"),
    ("/api/s/event", "type"), ("/api/s/s2s/e", "type"),
  ])
  func `Jitsu 2 takes single calls by their type`(_ path: String, _ kind: String) throws {
    let body = kind == "type" ? #"{"type":"page","name":"docs"}"# : #"{"name":"docs","userId":"u"}"#
    let received = try send(path, body, headers: [("x-write-key", "demo_key:secret")])
    #expect(received.events.map(\.properties) == [["page": "docs"]])
    #expect(received.json == ["ok": true])
    #expect(try send(path, body, headers: [("authorization", "Basic demo_key:secret")]).events.count == 1)
    #expect(try send(path, body, query: [("writekey", "demo_key")]).events.count == 1)
  }

  @Test func `Jitsu 2 tells servers of errors by status and browsers by words`() throws {
    let unknown = #"{"event":"nope","messageId":"m/1"}"#
    let server = try send("/api/s/s2s/track", unknown, headers: [("x-write-key", "demo_key")])
    #expect(server.answer?.status == 400)
    #expect(server.json == ["error": "unknown_event: the catalog declares no such event"])
    #expect(try send("/api/s/s2s/track", "{}").answer?.status == 401)
    let browser = try send("/api/s/track", unknown, headers: [("x-write-key", "demo_key")])
    #expect(browser.answer?.status == 200 && browser.json?["error"] != nil)
    #expect(try send("/api/s/track", "{").answer?.status == 200)
    let batch = try send(
      "/api/s/s2s/batch",
      #"{"batch":[{"type":"page","messageId":"a"},\#(unknown.dropLast()),"type":"track"}],"writeKey":"demo_key"}"#
    )
    #expect(batch.events.count == 1)
    #expect(
      batch.json == [
        "ok": false, "receivedEvents": 2, "okEvents": 1,
        "errors": ["Message ID: m_1: the catalog declares no such event"],
      ])
    let pixel = try send(
      "/api/px/p", "", method: "GET",
      query: [("name", "home"), ("context.app.version", "2.1"), ("writekey", "demo_key")])
    #expect(pixel.events.map(\.properties) == [["page": "home"]])
    #expect(pixel.events.map(\.context) == [["app_version": "2.1"]])
    #expect(pixel.answer?.contentType == "image/gif")
  }

  // MARK: Segment and RudderStack

  @Test func `RudderStack's own addresses answer in its words`() throws {
    let beacon = try send(
      "/beacon/v1/batch", #"{"batch":[{"type":"page","name":"docs","anonymousId":"a"}]}"#,
      query: [("writeKey", "demo_key")])
    #expect(beacon.events.count == 1 && text(beacon) == "ok")
    #expect(beacon.answer?.contentType.hasPrefix("text/plain") == true)
    #expect(text(try send("/beacon/v1/batch", "{")) == "invalid json")
    #expect(text(try send("/beacon/v1/batch", "{}")) == "failed to read writekey from header")
    #expect(text(try send("/v1/merge", "{}", query: [("writeKey", "x")])) == "invalid write key")
    #expect(text(try send("/v1/merge", "{}", query: [("writeKey", "demo_key")])) == "ok")
  }

  @Test func `Segment's clock is corrected from the time the client wrote first`() throws {
    let received = try send(
      "/v1/batch",
      """
      {"writeKey":"demo_key","sentAt":"2026-11-21T09:00:00Z","batch":[
       {"type":"page","messageId":"1","originalTimestamp":"2026-11-21T08:59:00Z","timestamp":"2026-11-21T11:59:00Z"},
       {"type":"page","messageId":"2","timestamp":"2026-11-21T08:58:00Z"},{"type":"page","messageId":"3"}]}
      """)
    let now = World.received.milliseconds
    #expect(received.events.map(\.entry.time.milliseconds) == [now - 60_000, now - 120_000, now])
    #expect(received.events[2].entry.sentTime.milliseconds == 0)
  }

  // MARK: PostHog v1

  private static let capture = [
    ("authorization", "Bearer demo_key"), ("posthog-sdk-info", "posthog-python/7"), ("posthog-attempt", "1"),
    ("posthog-request-id", "r"), ("posthog-request-timestamp", "2026-11-21T11:00:00Z"),
    ("content-type", "application/json"), ("user-agent", "posthog-python/7"),
  ]

  @Test func `PostHog's version 1 gives each event its verdict`() throws {
    let received = try send(
      "/i/v1/analytics/events",
      """
      {"created_at":"2026-11-21T10:00:00Z","batch":[
       {"event":"$page","uuid":"u-1","distinct_id":"d","timestamp":"2026-11-21T10:59:00Z","options":{},
        "session_id":"s","window_id":"w","properties":{"name":"home","$lib":"x"}},
       {"event":"$page","uuid":"u-2","distinct_id":"d","properties":{"stray":1}},
       {"event":"nope","uuid":"u-3","distinct_id":"d"},{"event":"$identify","uuid":"u-4","distinct_id":"d"},
       {"event":"$screen","uuid":"u-5","distinct_id":"d"},{"event":"$page","distinct_id":"d"}]}
      """, headers: Self.capture)
    #expect(received.events.map(\.event) == ["page_view", "page_view", "signed_in"])
    #expect(received.events[0].entry.time.milliseconds == World.received.milliseconds - 60_000)
    #expect(received.events[0].entry.session != nil)
    let results = try #require(received.json?["results"]?.objectValue)
    #expect(results.keys.sorted() == ["u-1", "u-2", "u-3", "u-4", "u-5"])
    #expect(
      ["u-1", "u-2", "u-3", "u-4", "u-5"].map { results[$0]?["result"] } == [
        "ok", "warning", "drop", "ok", "ok",
      ])
    #expect(results["u-3"]?["details"] == "unknown_event")
    guard case .batch(_, let reply) = received else { return }
    #expect(reply.unavailable().status == 503)
  }

  @Test func `PostHog's version 1 says what a request lacks`() throws {
    for missing in 0..<Self.capture.count {
      var headers = Self.capture
      let name = headers.remove(at: missing).0
      let received = try send("/i/v1/analytics/events", #"{"batch":[]}"#, headers: headers)
      #expect(received.answer?.status == (name == "authorization" ? 401 : 400), "\(name)")
      #expect(received.json?["error"]?.stringValue != nil)
      #expect(received.json?["error_description"]?.stringValue?.isEmpty == false)
    }
    #expect(
      try send("/i/v1/analytics/events", #"{"batch":[]}"#, headers: Self.capture).json == ["results": [:]])
    #expect(try send("/i/v1/analytics/events", "{}", headers: Self.capture).answer?.status == 400)
  }

  // MARK: Refusals

  @Test func `what is not accepted says so in one line`() throws {
    for (path, method) in [("/com.snowplowanalytics.snowplow/tp2", "POST"), ("/i", "GET")] {
      let received = try send(path, "{}", method: method)
      #expect(received.answer?.status == 404)
      #expect(text(received).contains("Snowplow is not accepted"))
      #expect(!text(received).contains("\n"))
    }
    for header in [("content-type", "application/cloudevents+json"), ("ce-specversion", "1.0")] {
      for path in ["/", "/v1/events", "/elsewhere"] {
        #expect(ingest.claims(path: path, headers: [(name: header.0, value: header.1)]))
        let received = try send(path, "{}", headers: [header])
        #expect(received.answer?.status == 404)
        #expect(text(received).contains("CloudEvents are not accepted"))
      }
    }
    #expect(!ingest.claims(path: "/elsewhere"))
  }

  private func refuse(_ path: String, _ status: Int, headers: [(String, String)] = []) throws
    -> IngestResponse
  {
    ingest.refusal(World.post(path, "", headers: headers), status: status, reason: "no", retryAfter: 2)
  }

  /// What the vendors' SDKs read of an error, path by path.
  @Test(arguments: [408, 413, 415, 429, 503])
  func `a refusal by the server has the words of the path's format`(_ status: Int) throws {
    for path in ["/2/httpapi", "/batch", "/identify"] {
      let answer = try refuse(path, status)
      let body = try JSONValue(parsing: answer.body)
      // Amplitude's SDK sends any other 4xx again twelve times unless a field is named.
      #expect(answer.status == (status == 415 ? 400 : status))
      #expect(body["code"]?.integerValue == Int64(answer.status))
      #expect((body["missing_field"] == nil) == (status != 415))
    }
    for path in ["/v1/batch", "/v1/track", "/v1/import"] {
      let body = try JSONValue(parsing: refuse(path, status).body)
      #expect(body["code"]?.stringValue != nil && body["message"]?.stringValue != nil)
    }
    for path in ["/batch/", "/capture/", "/e", "/beacon/v1/batch"] {
      #expect(try refuse(path, status).contentType.hasPrefix("text/plain"))
    }
    #expect(
      try JSONValue(parsing: refuse("/i/v1/analytics/events", status).body)["error_description"] == "no")
    #expect(try JSONValue(parsing: refuse("/api/v1/event", status).body)["message"] == "no")
    #expect(try JSONValue(parsing: refuse("/v1/events", status).body)["message"] == "no")
    let browser = try refuse("/api/s/track", status)
    #expect(browser.status == (status == 429 || status == 503 ? status : status == 408 ? 503 : 200))
    let json = try refuse("/v1/logs", status, headers: [("content-type", "application/json")])
    let code = try #require(try JSONValue(parsing: json.body)["code"]?.integerValue)
    #expect(code > 0 && code <= 16 && json.status == (status == 408 ? 503 : status))
    // RudderStack's SDKs and OpenTelemetry's drop what gets a 408.
    for path in ["/v1/batch", "/beacon/v1/batch", "/v1/logs", "/i/v1/logs"] where status == 408 {
      #expect(try refuse(path, status).status == 503, "\(path)")
    }
    let binary = try refuse("/v1/logs", status, headers: [("content-type", "application/x-protobuf")])
    #expect(binary.body == [0x08, UInt8(code), 0x12, 2] + Array("no".utf8))
    for path in ["/2/httpapi", "/v1/batch", "/batch/", "/v1/logs", "/v1/events", "/demo/events"]
    where status == 429 || status == 503 {
      #expect(try refuse(path, status).retryAfter == 2)
    }
  }

  @Test(arguments: ["/2/httpapi", "/batch"])
  func `too many requests of an address name Amplitude's events like too many of a key`(_ path: String) throws
  {
    #expect(ingest.namesEvents(path: path) && !ingest.namesEvents(path: "/v1/batch"))
    for body in [#"{"api_key":"k","events":[{},{},{}]}"#, "[{},{},{}]"] {
      let answer = ingest.refusal(
        World.post(path, body), status: 429, reason: "no", retryAfter: 2)
      let json = try JSONValue(parsing: answer.body)
      #expect(answer.status == 429 && answer.retryAfter == 2)
      #expect(json["throttled_events"] == [0, 1, 2] && json["code"] == 429)
    }
  }

  @Test func `bodies as large as an SDK makes them fit`() {
    for (path, size) in [
      ("/2/httpapi", 1 << 20), ("/batch", 20 << 20), ("/v1/batch", 8 << 20), ("/batch/", 20 << 20),
      ("/v1/logs", 64 << 20), ("/v1/logs/", 64 << 20),
    ] {
      #expect(Ingest.largestBody(path: path) >= size)
    }
  }
}

import AvowIngest
import AvowWire
import Testing

/// Each foreign format's way in and the answer its SDKs need.
struct FormatTests {
  private let quarantine = Quarantine()

  private func send(
    _ path: String, _ body: String, headers: [(String, String)] = [], query: [(String, String)] = []
  ) throws -> Received {
    try World.ingest([Demo.catalog(), World.catalog("speedster")], quarantine: quarantine)
      .take(World.post(path, body, headers: headers, query: query))
  }

  private static let basic = ("authorization", "Basic ZGVtb19rZXk6")  // demo_key:

  // MARK: Amplitude

  @Test func `Amplitude's own fields, properties and ids are read`() throws {
    let received = try send(
      "/2/httpapi",
      """
      {"api_key":"demo_key","client_upload_time":"2026-11-21T11:59:00.000Z","events":[{"event_type":"demo.tool.run",
       "user_id":"user-1","device_id":"device-1","session_id":1795262340000,"insert_id":"a-1","time":1795262330000,
       "app_version":"1.2","platform":"Darwin","os_version":"14.1","ip":"198.51.100.9","library":"amplitude-python/1.3",
       "event_properties":{"count":3,"machine":"m"},"user_properties":{"$set":{"plan":"x"},"note":"hi"}}]}
      """)
    let event = try #require(received.events.first)
    #expect(event.event == "tool_run")
    #expect(event.properties == ["count": 3, "note": "hi"])
    #expect(event.context == ["app_version": "1.2", "os_name": "macos", "os_version": "14.1"])
    #expect(event.entry.sentTime == Timestamp(milliseconds: 1_795_262_330_000))
    #expect(event.entry.time == Timestamp(milliseconds: 1_795_262_390_000))
    #expect(event.entry.id != nil && event.entry.session != nil)
    #expect(quarantine.snapshot().map(\.field) == ["$set"])
    #expect(quarantine.counters()["demo"]?.dropped == 1)
    #expect(received.json?["code"] == 200)
    #expect(received.json?["events_ingested"] == 1)
    #expect(received.json?["server_upload_time"] == .integer(World.received.milliseconds))
  }

  @Test func `an unknown Amplitude event is named by its index and the good ones are kept`() throws {
    let received = try send(
      "/2/httpapi",
      #"{"api_key":"demo_key","events":[{"event_type":"$page","insert_id":"1"},{"event_type":"nope","insert_id":"2"}]}"#
    )
    #expect(received.events.map(\.event) == ["page_view"])
    #expect(received.answer?.status == 400)
    #expect(received.json?["events_with_invalid_fields"] == ["event_type": [1]])
  }

  @Test func `without insert ids an unknown event does not make a client send the others twice`() throws {
    let received = try send(
      "/2/httpapi", #"{"api_key":"demo_key","events":[{"event_type":"$page"},{"event_type":"nope"}]}"#)
    #expect(received.events.count == 1)
    #expect(received.answer?.status == 200)
    #expect(received.json?["code"] == 200)
    #expect(quarantine.snapshot().map(\.event) == ["nope"])
  }

  @Test func `SDK calls that nobody mapped are answered and not stored`() throws {
    let received = try send(
      "/batch",
      #"{"api_key":"demo_key","events":[{"event_type":"$groupidentify"},{"event_type":"[Amplitude] Start Session"},{"event_type":"heartbeat"}]}"#
    )
    #expect(received.batch == nil)
    #expect(received.answer?.status == 200)
    let counters = try #require(quarantine.counters()["demo"])
    #expect(counters.control == 2 && counters.dropped == 1)
    #expect(quarantine.snapshot() == [])
  }

  @Test(arguments: [
    (#"{"api_key":"nobody","events":[]}"#, #"{"code":400,"error":"Invalid API key: nobody"}"#),
    (#"{"events":[]}"#, #"{"code":400,"error":"Request missing required field","missing_field":"api_key"}"#),
    (
      #"{"api_key":"demo_key"}"#,
      #"{"code":400,"error":"Request missing required field","missing_field":"events"}"#
    ),
    ("{", #"{"code":400,"error":"Invalid JSON request body","missing_field":"events"}"#),
    ("", #"{"code":400,"error":"Missing request body","missing_field":"events"}"#),
  ])
  func `Amplitude's errors keep its SDKs from retrying for ever`(_ body: String, _ answer: String) throws {
    let received = try send("/2/httpapi", body)
    #expect(received.answer?.status == 400)
    #expect(String(decoding: received.answer?.body ?? [], as: UTF8.self) == answer)
  }

  @Test func `a format without an entry is refused in its own words, naming what is missing`() throws {
    let amplitude = try send("/2/httpapi", #"{"api_key":"speed_key","events":[{"event_type":"x"}]}"#)
    #expect(amplitude.answer?.status == 400)
    #expect(amplitude.json?["error"]?.stringValue?.contains("`- format: amplitude`") == true)
    #expect(amplitude.json?["missing_field"] == "accepts: amplitude")
    let jitsu = try send("/api/v1/s2s/event", "{}", query: [("token", "speed_key")])
    #expect(jitsu.answer?.status == 400)
    #expect(jitsu.json?["message"]?.stringValue?.contains("`- format: jitsu`") == true)
    let segment = try send("/v1/batch", #"{"batch":[],"writeKey":"speed_key"}"#)
    #expect(segment.json?["code"] == "not_accepted")
    #expect(segment.json?["message"]?.stringValue?.contains("`- format: segment`") == true)
    let posthog = try send("/batch/", #"{"batch":[],"api_key":"speed_key"}"#)
    let words = String(decoding: posthog.answer?.body ?? [], as: UTF8.self)
    #expect(words.contains("`- format: posthog`"))
    let otlp = try send("/v1/logs", "{}", headers: [("x-api-key", "speed_key")])
    #expect(otlp.json?["message"]?.stringValue?.contains("`- format: otlp`") == true)
  }

  // MARK: Jitsu

  @Test(arguments: [
    ([("token", "demo_key")], [(String, String)]()), ([], [("x-auth-token", "demo_key")]),
    ([], [("api_key", "demo_key")]), ([("p_abc", "demo_key")], []), ([], [FormatTests.basic]),
    ([("token", "demo_key")], [("x-auth-token", "wrong")]),
  ])
  func `Jitsu's token is looked for where Jitsu looks`(
    _ query: [(String, String)], _ headers: [(String, String)]
  ) throws {
    let received = try send(
      "/api/v1/event", #"{"event_type":"$page","name":"home"}"#, headers: headers, query: query)
    #expect(received.events.map(\.properties) == [["page": "home"]])
    #expect(received.json == ["status": "ok"])
  }

  @Test func `Jitsu takes an object, an array, and a template that overwrites`() throws {
    let array = try send(
      "/api/v1/s2s/events", #"[{"event_type":"$page","eventn_ctx_event_id":"e1"},{"event_type":"$page"}]"#,
      query: [("token", "demo_key")])
    #expect(array.events.count == 2)
    #expect(array.events[0].entry.id != nil && array.events[1].entry.id == nil)
    let template = try send(
      "/api/v1/events",
      #"{"template":{"name":"main"},"events":[{"event_type":"$page","name":"x","user":{"anonymous_id":"u"}}]}"#,
      query: [("token", "demo_key")])
    #expect(template.events.map(\.properties) == [["page": "main"]])
    #expect(template.events[0].entry.user != nil)
  }

  @Test func `Jitsu's errors have its form`() throws {
    #expect(try send("/api/v1/event", "{}").answer?.status == 401)
    #expect(
      try send("/api/v1/event", "{}", query: [("token", "x")]).json == [
        "message": "The token is not found", "error": "",
      ])
    #expect(try send("/api/v1/event", "{a}", query: [("token", "demo_key")]).answer?.status == 400)
  }

  // MARK: Segment

  @Test func `Segment's batch merges its context and corrects its clock`() throws {
    let received = try send(
      "/v1/batch",
      """
      {"batch":[{"type":"track","event":"demo.tool.run","messageId":"m1","userId":"u","anonymousId":"a",
       "timestamp":"2026-11-21T10:00:00Z","properties":{"count":4,"secret_plan":1},"integrations":{"All":true}},
       {"type":"page","name":"docs","anonymousId":"a"},{"type":"identify","userId":"u","traits":{"plan":"pro"}},
       {"type":"group","userId":"u","groupId":"g"}],
       "sentAt":"2026-11-21T10:00:30Z","context":{"app":{"version":"9.1"},"os":{"name":"Linux","x":1},"ip":"198.51.100.2"}}
      """, headers: [Self.basic])
    #expect(received.events.map(\.event) == ["tool_run", "page_view", "signed_in"])
    #expect(received.events[0].context == ["app_version": "9.1", "os_name": "linux"])
    #expect(received.events[0].entry.time.milliseconds == World.received.milliseconds - 30_000)
    #expect(received.events[1].properties == ["page": "docs"])
    #expect(received.events[2].properties == ["plan": "pro"])
    #expect(received.events[0].entry.user == received.events[2].entry.user)
    #expect(received.events[0].entry.user != received.events[1].entry.user)
    #expect(received.json == ["success": true])
    #expect(quarantine.snapshot().map(\.field) == ["secret_plan"])
    #expect(quarantine.counters()["demo"]?.control == 1)
  }

  @Test func `Segment's single calls take their type from the path`() throws {
    let received = try send("/v1/page", #"{"name":"docs","userId":"u","writeKey":"demo_key"}"#)
    #expect(received.events.map(\.event) == ["page_view"])
    #expect(try send("/v1/track", #"{"event":"run-7","userId":"u","writeKey":"demo_key"}"#).events.count == 1)
    let wrong = try send("/v1/track", #"{"event":"x","writeKey":"no"}"#)
    #expect(wrong.answer?.status == 401)
    // RudderStack's SDK retries an error that lacks either.
    #expect(wrong.json?["code"] != nil && wrong.json?["message"] != nil)
  }

  // MARK: PostHog

  @Test func `PostHog's batch, array and single event are read`() throws {
    let event =
      #"{"event":"$page","uuid":"0190a1b2-0000-7000-8000-000000000001","distinct_id":17,"timestamp":"2026-11-21T11:00:00Z","properties":{"name":"home","$lib":"posthog-python","$app_version":"3.1","$ip":"198.51.100.1"}}"#
    for (path, body) in [
      ("/batch/", #"{"api_key":"demo_key","sent_at":"2026-11-21T12:00:00Z","batch":[\#(event)]}"#),
      ("/batch", #"{"api_key":"demo_key","batch":[\#(event)]}"#),
      ("/capture/", #"[{"api_key":"demo_key",\#(event.dropFirst())]"#),
      ("/i/v0/e/", #"{"token":"demo_key",\#(event.dropFirst())"#),
    ] {
      let received = try send(path, body)
      #expect(received.events.map(\.properties) == [["page": "home"]], "\(path)")
      #expect(received.events.first?.context == ["app_version": "3.1"])
      #expect(received.events.first?.entry.id != nil && received.events.first?.entry.user != nil)
      #expect(received.json == ["status": "Ok"])
    }
    #expect(quarantine.snapshot() == [])
  }

  @Test func `PostHog's older forms and its refusals`() throws {
    let form = "data=%7B%22api_key%22%3A%22demo_key%22%2C%22event%22%3A%22%24page%22%7D"
    #expect(
      try send("/e/", form, headers: [("content-type", "application/x-www-form-urlencoded")]).events.count
        == 1)
    #expect(try send("/batch/", #"{"api_key":"phx_personal","batch":[]}"#).answer?.status == 401)
    #expect(
      try send("/batch/", #"{"batch":[{"event":"a","api_key":"x"},{"event":"b","api_key":"y"}]}"#).answer?
        .status == 401)
    #expect(try send("/batch/", "{").answer?.status == 400)
    #expect(try send("/flags/", "{}").json?["flags"] == [:])
    #expect(try send("/decide/", "{}").json?["featureFlags"] == [:])
  }

  @Test func `the body tells whose batch it is`() throws {
    let segment = try send(
      "/batch", #"{"batch":[{"type":"page","name":"a","userId":"u"}],"writeKey":"demo_key"}"#)
    #expect(segment.json == ["success": true])
    #expect(try send("/batch", #"{"api_key":"demo_key","events":[]}"#).json?["code"] == 200)
    #expect(try send("/batch", "{").json?["code"] == 400)
    let text = try send("/batch/", "{").answer
    #expect(text?.contentType == "text/plain; charset=utf-8")
  }

  // MARK: OTLP

  private static let logs = """
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.version","value":{"stringValue":"2.1"}},
      {"key":"os.type","value":{"stringValue":"linux"}},{"key":"host.name","value":{"stringValue":"ada-laptop"}}]},
     "scopeLogs":[{"scope":{"name":"x"},"logRecords":[
      {"timeUnixNano":"1795262000000000000","eventName":"demo.tool.run","severityNumber":9,"body":{},
       "attributes":[{"key":"count","value":{"intValue":"9007199254"}},{"key":"cached","value":{"boolValue":true}},
        {"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"c"}]}}},
        {"key":"user.id","value":{"stringValue":"u1"}},{"key":"session.id","value":{"stringValue":"s1"}},
        {"key":"odd","value":{"doubleValue":1.5}},{"key":"none","value":{}}]},
      {"observedTimeUnixNano":"1795262000000000000","attributes":[{"key":"event.name","value":{"stringValue":"$page"}}],
       "body":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"home"}}]}}},
      {"timeUnixNano":"1795262000000000000","eventName":"nope"}]}]}]}
    """

  @Test func `OpenTelemetry's log records are events`() throws {
    let received = try send(
      "/v1/logs", Self.logs,
      headers: [("content-type", "application/json"), ("authorization", "Bearer demo_key")])
    let events = received.events
    #expect(events.map(\.event) == ["tool_run", "page_view"])
    #expect(events[0].properties == ["count": 9_007_199_254, "cached": true, "tags": ["a", "c"]])
    #expect(events[0].context == ["app_version": "2.1", "os_name": "linux"])
    #expect(events[0].entry.time == Timestamp(milliseconds: 1_795_262_000_000))
    #expect(events[0].entry.user != nil && events[0].entry.session != nil)
    #expect(events[1].properties == ["page": "home"])
    #expect(events[0].entry.id != nil && events[0].entry.id != events[1].entry.id)
    #expect(received.answer?.status == 200)
    #expect(received.json?["partialSuccess"]?["rejectedLogRecords"] == "1")
    #expect(Set(quarantine.snapshot().map(\.field)) == ["odd", nil])
  }

  @Test func `OTLP's answers are what its exporters know`() throws {
    let key = ("x-api-key", "demo_key")
    #expect(try send("/v1/logs", "{}", headers: [key]).json == [:])
    #expect(try send("/v1/logs", "{", headers: [key]).json?["code"] == 3)
    #expect(try send("/v1/logs", "{}").answer?.status == 401)
    let other = try send("/v1/logs", "x", headers: [key, ("content-type", "text/plain")])
    #expect(other.answer?.status == 415)
  }

  // MARK: Declared

  @Test func `a declared format finds its items, and the envelope's members stand behind their own`() throws {
    let text = Demo.text.replacing(
      "path: /demo/events", with: "path: /demo/events\n    events: {\"run-*\": tool_run}")
    let ingest = try World.ingest([World.catalog(text: text)], quarantine: quarantine)
    let received = ingest.take(
      World.post(
        "/demo/events/",
        """
        {"meta":{"run":"r1"},"who":"ada","stray":1,"os_name":"linux","data":{"events":[
          {"kind":"run-1","nn":5,"n":"none","user":{"agent":"curl"}},
          {"kind":"run-2","n":-9,"os_name":"Windows","who":"bob"}]}}
        """))
    let events = received.events
    #expect(events.map(\.properties) == [["count": 5, "model": "curl"], [:]])
    #expect(events.map(\.context) == [["os_name": "linux"], ["os_name": "windows"]])
    #expect(events[0].entry.user != events[1].entry.user)
    #expect(events.allSatisfy { $0.entry.session != nil })
    #expect(quarantine.snapshot().map(\.field) == ["stray"])
    #expect(quarantine.snapshot().map(\.count) == [1])
    #expect(quarantine.counters()["demo"]?.unauthenticated == 2)
  }

  @Test func `the longest key wins before a path is split`() throws {
    let text = Demo.text.replacing(
      "fields: {event: kind, session: meta.run, user: who, count: [n, nn], model: user.agent}",
      with: "events: tool_run\n    fields: {user: user.id, model: user.agent, count: [n, nn]}")
    let ingest = try World.ingest([World.catalog(text: text)], quarantine: quarantine)
    let whole = ingest.take(
      World.post(
        "/demo/events",
        #"{"data":{"events":[{"user.agent":"whole","user":{"agent":"split","id":7,"age":9},"n":"none","nn":4}]}}"#
      ))
    #expect(whole.events.map(\.properties) == [["model": "whole", "count": 4]])
    #expect(whole.events.first?.entry.user != nil)
    #expect(quarantine.snapshot().map(\.field) == ["user.age"])
    #expect(whole.json == ["accepted": 1, "duplicates": 0, "refused": 0])
  }
}

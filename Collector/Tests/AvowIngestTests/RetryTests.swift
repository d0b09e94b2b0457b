import AvowIngest
import AvowWire
import Synchronization
import Testing

/// What a client sends again after a lost answer, and what it sent late, before or beyond its catalog.
struct RetryTests {
  private let quarantine = Quarantine()
  private let ingest: Ingest

  init() throws { ingest = try World.ingest([Demo.catalog()], quarantine: quarantine) }

  /// A request of each format whose event was at 11:00 by the client's clock, sent at `sent`.
  private static func request(_ format: String, sent: String) -> IngestRequest {
    let key = [("authorization", "Bearer demo_key")]
    switch format {
    case "native":
      let at = Timestamp(iso8601: sent)?.milliseconds ?? 0
      return World.post(
        "/v1/events",
        #"{"segment":"00112233445566778899aabb","user":"0123456789abcdef0123456789abcdef","events":[{"n":1,"name":"page_view","time":1795258800000}]}"#,
        headers: key + [("avow-sent", "\(at)")])
    case "amplitude":
      return World.post(
        "/2/httpapi",
        #"{"api_key":"demo_key","client_upload_time":"\#(sent)","events":[{"event_type":"$page","user_id":"user-1","insert_id":"i-1","time":1795258800000}]}"#
      )
    case "segment":
      return World.post(
        "/v1/batch",
        #"{"writeKey":"demo_key","sentAt":"\#(sent)","batch":[{"type":"page","userId":"u","messageId":"m-1","timestamp":"2026-11-21T11:00:00Z"}]}"#
      )
    case "jitsu 2":
      return World.post(
        "/api/s/s2s/page",
        #"{"sentAt":"\#(sent)","userId":"u","messageId":"m-1","timestamp":"2026-11-21T11:00:00Z"}"#,
        headers: [("x-write-key", "demo_key")])
    case "posthog":
      return World.post(
        "/batch/",
        #"{"api_key":"demo_key","sent_at":"\#(sent)","batch":[{"event":"$page","uuid":"p-1","distinct_id":"u","timestamp":"2026-11-21T11:00:00Z"}]}"#
      )
    case "posthog v1":
      let headers = [
        ("posthog-sdk-info", "x"), ("posthog-attempt", "2"), ("posthog-request-id", "r"),
        ("posthog-request-timestamp", sent), ("content-type", "application/json"), ("user-agent", "x"),
      ]
      return World.post(
        "/i/v1/analytics/events",
        #"{"batch":[{"event":"$page","uuid":"p-1","distinct_id":"u","timestamp":"2026-11-21T11:00:00Z","properties":{}}]}"#,
        headers: key + headers)
    case "jitsu":
      return World.post(
        "/api/v1/event",
        #"{"event_type":"$page","eventn_ctx":{"event_id":"j-1"},"user":{"anonymous_id":"u"},"utc_time":"2026-11-21T11:00:00Z"}"#,
        query: [("token", "demo_key")])
    default:
      return World.post(
        "/v1/logs",
        #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795258800000000000","eventName":"$page","attributes":[{"key":"user.id","value":{"stringValue":"u"}}]}]}]}]}"#,
        headers: key)
    }
  }

  private static let clocked = ["native", "amplitude", "segment", "jitsu 2", "posthog", "posthog v1"]

  @Test(arguments: clocked + ["jitsu", "otlp"])
  func `a retry after a lost answer is the same event in every format`(_ format: String) throws {
    let first = try #require(
      ingest.take(Self.request(format, sent: "2026-11-21T11:00:10Z")).events.first?.entry)
    var again = Self.request(format, sent: "2026-11-21T11:03:10Z")
    again.received = Timestamp(milliseconds: World.received.milliseconds + 180_000)
    let second = try #require(ingest.take(again).events.first?.entry)
    #expect(first.id != nil && first.id == second.id)
    #expect(first.sentTime.milliseconds == 1_795_258_800_000)
    #expect(first.sentTime == second.sentTime)
    #expect(first.user != nil && first.user == second.user)
    // By a clock that is right about the time of sending both are the same moment as well.
    #expect(first.time == second.time)
  }

  @Test(arguments: clocked)
  func `a clock that is days off is corrected where the format says when it sent`(_ format: String) throws {
    // The client believes it is two hours and ten seconds later than its event.
    let entry = try #require(
      ingest.take(Self.request(format, sent: "2026-11-21T13:00:10Z")).events.first?.entry)
    #expect(World.received.milliseconds - entry.time.milliseconds == 7_210_000)
    // Days late, but said so: kept under its own day.
    var late = Self.request(format, sent: "2026-11-30T11:00:00Z")
    late.received = Timestamp(milliseconds: World.received.milliseconds + 9 * 86_400_000)
    let old = try #require(ingest.take(late).events.first?.entry)
    #expect(late.received.milliseconds - old.time.milliseconds == 9 * 86_400_000)
    #expect(quarantine.counters()["demo"]?.clock == 0)
    // Two months late: the time of receipt, counted.
    var lost = Self.request(format, sent: "2027-01-21T11:00:00Z")
    lost.received = Timestamp(milliseconds: World.received.milliseconds + 61 * 86_400_000)
    #expect(ingest.take(lost).events.first?.entry.time == lost.received)
    #expect(quarantine.counters()["demo"]?.clock == 1)
  }

  // MARK: Catalogs over time

  private func native(_ version: Int, _ properties: String, tool: String = "1.0") -> IngestRequest {
    World.post(
      "/v1/events",
      #"{"app":"demo","catalog":{"version":\#(version),"digest":"other"},"segment":"00112233445566778899aabb","context":{"app_version":"\#(tool)"},"events":[{"n":1,"name":"tool_run","properties":{\#(properties)}}]}"#,
      headers: [("authorization", "Bearer demo_key")])
  }

  @Test(arguments: [
    "native", "amplitude", "segment", "jitsu 2", "posthog", "posthog v1", "jitsu", "otlp",
  ])
  func `what is over a key's limit is put off in the format's words and counted nowhere`(_ format: String)
    throws
  {
    var request = Self.request(format, sent: "2026-11-21T12:00:00Z")
    let asked = Mutex<[String]>([])
    request.limit = { app, key, events in
      asked.withLock { $0.append("\(app) \(key ?? "-") \(events)") }
      return 3
    }
    guard case .answered(let answer) = ingest.take(request) else {
      Issue.record("it was taken")
      return
    }
    #expect(asked.withLock { $0 } == ["demo demo_key 1"])
    #expect(answer.status == 429 && answer.retryAfter == 3)
    #expect(quarantine.counters()["demo"] == nil)
    let body = try? JSONValue(parsing: answer.body)
    switch format {
    case "amplitude":
      // What is named is sent again after half a minute; else its SDK is through its tries in some seconds.
      #expect(body?["code"] == 429 && body?["throttled_events"] == [0])
    case "segment": #expect(body?["code"] == "too_many_requests" && body?["message"]?.stringValue != nil)
    case "posthog": #expect(answer.contentType.hasPrefix("text/plain"))
    case "posthog v1": #expect(body?["error_description"]?.stringValue != nil)
    case "jitsu": #expect(body?["message"]?.stringValue != nil)
    case "otlp": #expect(body?["code"] == 8 && body?["message"]?.stringValue != nil)
    default: #expect(body?["error"]?.stringValue?.hasPrefix("too_many_requests") == true)
    }
    request.limit = { _, _, _ in nil }
    #expect(ingest.take(request).events.count == 1)
  }

  @Test func `a path without keys is limited by its app`() throws {
    var request = World.post("/demo/events", #"{"data":{"events":[{"kind":"page_view"}]}}"#)
    let key = Mutex<String?>("unasked")
    request.limit = { _, given, _ in
      key.withLock { $0 = given }
      return 1
    }
    #expect(ingest.take(request).answer?.status == 429)
    #expect(key.withLock { $0 } == nil)
  }

  @Test func `an old client keeps what is still declared and loses a changed type with its reason`() throws {
    // Version 2 had `count` as a text and `gone`; version 3 has it as an integer.
    let received = ingest.take(native(2, #""count":"many","gone":1,"cached":true"#))
    #expect(received.events.map(\.properties) == [["cached": true]])
    #expect(received.answer?.status == 200)
    let lines = quarantine.snapshot()
    #expect(
      Set(lines.map { "\($0.field ?? "") \($0.reason.rawValue)" }) == ["count ill_typed", "gone retired"])
    #expect(
      received.json?["refused"] == [
        ["n": 1, "reason": "retired", "field": "gone"], ["n": 1, "reason": "ill_typed", "field": "count"],
      ])
  }

  @Test func `no client is refused for its digest or its version`() throws {
    for version in [1, 2, 3, 4, 99] {
      let received = ingest.take(native(version, #""cached":true"#))
      #expect(received.events.count == 1 && received.answer?.status == 200)
    }
  }

  @Test(arguments: [
    ("1.9.9", true), ("2.0.0rc1", true), ("2.0", false), ("2.0.1", false), ("10.0", false), ("2", false),
  ])
  func `an event that expires with a version is taken from earlier ones only`(
    _ tool: String, _ isTaken: Bool
  ) throws {
    let text = Demo.text.replacing("expires: 2026-01-01", with: "expires: \"2.0\"")
    let ingest = try World.ingest([World.catalog(text: text)], quarantine: quarantine)
    let native = ingest.take(
      World.post(
        "/v1/events",
        #"{"segment":"00112233445566778899aabb","context":{"app_version":"\#(tool)"},"events":[{"n":1,"name":"old"}]}"#,
        headers: [("authorization", "Bearer demo_key")]))
    #expect(native.events.count == (isTaken ? 1 : 0))
    let foreign = ingest.take(
      World.post(
        "/2/httpapi",
        #"{"api_key":"demo_key","events":[{"event_type":"old","app_version":"\#(tool)","user_id":"user-1"}]}"#
      ))
    #expect(foreign.events.count == (isTaken ? 1 : 0))
    #expect(quarantine.snapshot().map(\.reason) == (isTaken ? [] : [.expired]))
  }
}

import AvowIngest
import AvowWire
import Testing

/// What our own client sends in the foreign formats, read back by the collector.
struct OwnEncoderTests {
  private static let time = Timestamp(milliseconds: World.received.milliseconds - 60_000)
  private static let user = Identifier128(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)

  private static let demo = """
    avow: 1
    app: demo
    name: Demo
    version: 1
    contact: a@example.org
    purpose: To test.
    context:
      app_version: {why: w}
      os_name: {why: w}
      os_version: {why: w}
      architecture: {why: w}
      language: {why: w}
      uptime: {why: w}
      edition: {type: text, one_of: [oss, cloud], why: w}
    events:
      optimize:
        description: A model was optimized.
        why: w
        expires: never
        properties:
          model_size: {type: integer, min: 0}
          ratio: {type: number}
          is_remote: {type: boolean}
          model: {type: text, pattern: "[a-z]{1,8}"}
          passes: {type: list, of: {type: text, one_of: [fold, prune]}, max_items: 4}
          results: {type: records, max_items: 4, fields: {technique: {type: text, pattern: "[a-z0-9]{1,8}"}, latency: {type: number}}}
    accepts:
      - format: [amplitude, segment, posthog, otlp, jitsu]
      - format: json
        path: /take
    """

  private func report(_ catalog: Catalog, _ context: [EventReport.Member], _ events: [EventReport.Event])
    -> EventReport
  {
    EventReport(
      app: catalog.app, catalogVersion: catalog.version, catalogDigest: catalog.digest,
      segment: SegmentIdentifier(high: 7, low: 9), user: Self.user, session: Identifier128(high: 1, low: 2),
      context: context, events: events)
  }

  /// Encodes a report as the client does and gives it to the collector, which must have nothing to object.
  private func sendAndReceive(
    _ report: EventReport, _ encoder: DestinationEncoder, _ catalog: Catalog, path: String
  ) throws -> [Admitted] {
    let quarantine = Quarantine()
    let ingest = try World.ingest([catalog], quarantine: quarantine)
    let query = encoder.query.split(separator: "&").map { pair -> (String, String) in
      let parts = pair.split(separator: "=").map(String.init)
      return (parts[0], parts[1])
    }
    let received = ingest.take(
      World.post(
        path, String(decoding: encoder.body(of: report, sent: World.received), as: UTF8.self),
        headers: encoder.headers(sent: World.received).map { ($0.name.lowercased(), $0.value) }, query: query)
    )
    #expect(quarantine.snapshot() == [])
    let answer = try #require(received.answer)
    guard
      case .delivered(report.events.count, _, 0, _) = encoder.verdict(
        status: answer.status, body: answer.body, for: report)
    else {
      Issue.record("the answer is no acceptance: \(String(decoding: answer.body, as: UTF8.self))")
      return []
    }
    return received.events
  }

  @Test(arguments: [
    (Catalog.Delivery.Format.amplitude, "https://h"), (.amplitude, "https://h/batch"), (.jitsu, "https://h"),
    (.jitsu, "https://h/api/s/s2s/batch"), (.segment, "https://h"), (.posthog, "https://h"),
    (.otlp, "https://h"), (.json, "https://h/take"),
  ])
  func `every format carries every value of an event`(format: Catalog.Delivery.Format, url: String) throws {
    let catalog = try World.catalog(text: Self.demo)
    let encoder = DestinationEncoder(format, url: url, key: "demo_key", catalog: catalog)
    let report = report(
      catalog,
      [
        .init("app_version", "1.2.3"), .init("os_name", "macos"), .init("os_version", "13.0.1"),
        .init("architecture", "x86_64"), .init("language", "en_US"), .init("edition", "oss"),
      ],
      [
        .init(
          number: 40, name: "optimize", time: Self.time,
          properties: [
            .init("model_size", 123_456_789), .init("ratio", 0.5), .init("is_remote", true),
            .init("model", "bert"), .init("passes", ["fold", "prune"]),
            .init("results", [["technique": "fp16", "latency": 0.25]]),
          ], context: [.init("uptime", 17)])
      ])
    let path = format == .json ? "/take" : encoder.dialect.standardPath
    let events = try sendAndReceive(report, encoder, catalog, path: path)
    let event = try #require(events.first)
    #expect(events.count == 1 && event.event == "optimize")
    #expect(
      event.properties == [
        "model_size": 123_456_789, "ratio": 0.5, "is_remote": true, "model": "bert",
        "passes": ["fold", "prune"], "results": [["technique": "fp16", "latency": 0.25]],
      ])
    #expect(
      event.context == [
        "app_version": "1.2.3", "os_name": "macos", "os_version": "13.0.1", "architecture": "x86_64",
        "language": "en_US", "edition": "oss", "uptime": 17,
      ])
    #expect(event.entry.user != nil)
    #expect(event.entry.time == Self.time)
  }

  @Test func `BlindAI's catalog sent to Amplitude is read back by what it accepts`() throws {
    let catalog = try World.catalog("blindai")
    let encoder = DestinationEncoder(.amplitude, url: "https://h", key: "amp_key", catalog: catalog)
    let report = report(
      catalog,
      [.init("app_version", "0.3.0"), .init("system", "Linux - SGX SW"), .init("sgx_mode", "SW")],
      [
        .init(
          number: 40, name: "send_model", time: Self.time,
          properties: [.init("model_name", "bert"), .init("model_size", 1000), .init("time_taken", 0.5)],
          context: [.init("uptime", 7)])
      ])
    let event = try #require(
      try sendAndReceive(report, encoder, catalog, path: "/2/httpapi").first)
    #expect(event.event == "send_model")
    #expect(event.properties == ["model_name": "bert", "model_size": 1000, "time_taken": 0.5])
    #expect(
      event.context == ["app_version": "0.3.0", "system": "Linux - SGX SW", "sgx_mode": "SW", "uptime": 7])
  }

  @Test func `Evidently's catalog sent to Jitsu 2 is in Segment's shape, not in its old clients'`() throws {
    var catalog = try World.catalog("evidently")
    catalog.accepts.append(Acceptance(formats: [.segment]))
    let encoder = DestinationEncoder(
      .jitsu, url: "https://h/api/s/s2s/batch", key: "s2s.key", catalog: catalog)
    let report = report(
      catalog, [.init("app_version", "0.4.2"), .init("os_name", "linux"), .init("interface", "service")],
      [.init(number: 40, name: "list_reports", time: Self.time, properties: [.init("reports_count", 19)])])
    let event = try #require(
      try sendAndReceive(report, encoder, catalog, path: "/api/s/s2s/batch").first)
    #expect(event.event == "list_reports" && event.properties == ["reports_count": 19])
    #expect(event.context == ["app_version": "0.4.2", "os_name": "linux", "interface": "service"])
    #expect(event.entry.user != nil && event.entry.id != nil && event.entry.time == Self.time)
  }

  @Test func `Evidently's catalog sent to Jitsu is read back by what it accepts`() throws {
    let catalog = try World.catalog("evidently")
    var layout = try #require(WireLayout(catalog, .jitsu))
    layout.splitVersions = ["python_version"]
    layout.constants = ["error": nil, "group_id": nil]
    let encoder = DestinationEncoder(
      .jitsu, url: "https://h", key: "s2s.key", catalog: catalog, layout: layout)
    let report = report(
      catalog,
      [
        .init("app_version", "0.4.2"), .init("os_name", "linux"), .init("python_version", "3.9.16"),
        .init("tool_name", "evidently"), .init("interface", "service_backend"),
      ],
      [
        .init(number: 40, name: "list_reports", time: Self.time, properties: [.init("reports_count", 19)])
      ])
    let event = try #require(
      try sendAndReceive(report, encoder, catalog, path: "/api/v1/s2s/event").first)
    #expect(event.event == "list_reports")
    #expect(event.properties == ["reports_count": 19])
    #expect(
      event.context == [
        "app_version": "0.4.2", "os_name": "linux", "python_version": "3.9.16", "tool_name": "evidently",
        "interface": "service_backend",
      ])
  }
}

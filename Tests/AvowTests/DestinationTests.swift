#if ForeignFormats
  import AvowTesting
  import Testing

  @testable import Avow

  @Suite struct DestinationTests {
    @Test func `Amplitude gets milliseconds, an insert_id and its own places`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.amplitude)) == #"{"api_key":"k","events":[{"#
          + #""user_id":"00112233445566778899aabbccddeeff","event_type":"optimize","time":1766000000123,"#
          + #""insert_id":"00000000000000a1000000b200000028","app_version":"0.4.2","os_name":"macos","#
          + #""user_properties":{"edition":"oss","uptime":17},"#
          + #""event_properties":{"model_size":9007199254740993,"ratio":0.5,"is_remote":true,"#
          + #""passes":["fold","prune"],"results":[{"latency":0.25,"technique":"fp16"}]}}]}"#)
    }

    @Test func `Jitsu gets a flat object`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.jitsu)) == #"[{"event_type":"optimize","#
          + #""eventn_ctx_event_id":"00000000000000a1000000b200000028","_timestamp":"2025-12-17T19:33:20.123Z","#
          + #""user":{"anonymous_id":"00112233445566778899aabbccddeeff"},"#
          + #""app_version":"0.4.2","os_name":"macos","edition":"oss","uptime":17,"#
          + #""model_size":9007199254740993,"ratio":0.5,"is_remote":true,"passes":["fold","prune"],"#
          + #""results":[{"latency":0.25,"technique":"fp16"}]}]"#)
    }

    @Test func `Segment gets a track call of an anonymous user`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.segment)) == #"{"writeKey":"k","#
          + #""sentAt":"2025-12-17T19:34:20.000Z","batch":[{"type":"track","event":"optimize","#
          + #""anonymousId":"00112233445566778899aabbccddeeff","messageId":"00000000000000a1000000b200000028","#
          + #""timestamp":"2025-12-17T19:33:20.123Z","context":{"library":{"name":"avow"},"#
          + #""app":{"name":"workshop","version":"0.4.2"},"os":{"name":"macos"}},"#
          + #""properties":{"edition":"oss","uptime":17,"model_size":9007199254740993,"ratio":0.5,"#
          + #""is_remote":true,"passes":["fold","prune"],"results":[{"latency":0.25,"technique":"fp16"}]}}]}"#
      )
    }

    @Test func `Jitsu 2 gets a batch in Segment's shape, the key in a header and no layout of Jitsu classic`()
    {
      var catalog = Workshop.catalog
      catalog.accepts = [
        Acceptance(formats: [.jitsu], flatten: ["extra"], fields: [.init("event", [.init("action")])])
      ]
      let encoder = Sample.encoder(.jitsu, catalog, url: "https://h/api/s/s2s/batch", key: "key:secret")
      #expect(
        Sample.text(Sample.workshop, encoder) == #"{"sentAt":"2025-12-17T19:34:20.000Z","#
          + #""batch":[{"type":"track","event":"optimize","#
          + #""anonymousId":"00112233445566778899aabbccddeeff","messageId":"00000000000000a1000000b200000028","#
          + #""timestamp":"2025-12-17T19:33:20.123Z","context":{"library":{"name":"avow"},"#
          + #""app":{"name":"workshop","version":"0.4.2"},"os":{"name":"macos"}},"#
          + #""properties":{"edition":"oss","uptime":17,"model_size":9007199254740993,"ratio":0.5,"#
          + #""is_remote":true,"passes":["fold","prune"],"results":[{"latency":0.25,"technique":"fp16"}]}}]}"#
      )
      #expect(encoder.headers(sent: Sample.sent).contains { $0 == ("X-Write-Key", "key:secret") })
      #expect(encoder.query.isEmpty)
    }

    @Test func `PostHog gets a uuid and is told to look up neither person nor place`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.posthog)) == #"{"api_key":"k","#
          + #""sent_at":"2025-12-17T19:34:20.000Z","batch":[{"event":"optimize","#
          + #""distinct_id":"00112233445566778899aabbccddeeff","uuid":"00000000-0000-00a1-0000-00b200000028","#
          + #""timestamp":"2025-12-17T19:33:20.123Z","properties":{"$lib":"avow","#
          + #""$process_person_profile":false,"$geoip_disable":true,"#
          + #""$session_id":"00000000000000010000000000000002","$app_version":"0.4.2","$os":"macos","#
          + #""edition":"oss","uptime":17,"model_size":9007199254740993,"ratio":0.5,"is_remote":true,"#
          + #""passes":["fold","prune"],"results":[{"latency":0.25,"technique":"fp16"}]}}]}"#)
    }

    @Test func `OTLP gets a log record with an event name, integers as texts`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.otlp))
          == #"{"resourceLogs":[{"resource":{"attributes":["#
          + #"{"key":"service.name","value":{"stringValue":"workshop"}},"#
          + #"{"key":"app.installation.id","value":{"stringValue":"00112233445566778899aabbccddeeff"}},"#
          + #"{"key":"service.version","value":{"stringValue":"0.4.2"}},"#
          + #"{"key":"os.type","value":{"stringValue":"darwin"}},"#
          + #"{"key":"edition","value":{"stringValue":"oss"}}]},"scopeLogs":[{"scope":{"name":"avow"},"#
          + #""logRecords":[{"timeUnixNano":"1766000000123000000","observedTimeUnixNano":"1766000000123000000","#
          + #""eventName":"optimize","attributes":["#
          + #"{"key":"log.record.uid","value":{"stringValue":"00000000000000a1000000b200000028"}},"#
          + #"{"key":"session.id","value":{"stringValue":"00000000000000010000000000000002"}},"#
          + #"{"key":"uptime","value":{"intValue":"17"}},"#
          + #"{"key":"model_size","value":{"intValue":"9007199254740993"}},"#
          + #"{"key":"ratio","value":{"doubleValue":0.5}},{"key":"is_remote","value":{"boolValue":true}},"#
          + #"{"key":"passes","value":{"arrayValue":{"values":[{"stringValue":"fold"},{"stringValue":"prune"}]}}},"#
          + #"{"key":"results","value":{"arrayValue":{"values":[{"kvlistValue":{"values":["#
          + #"{"key":"latency","value":{"doubleValue":0.25}},{"key":"technique","value":{"stringValue":"fp16"}}"#
          + #"]}}]}}}]}]}]}]}"#)
    }

    @Test func `plain JSON is a list of flat objects`() {
      #expect(
        Sample.text(Sample.workshop, Sample.encoder(.json)) == #"[{"event":"optimize","#
          + #""id":"00000000000000a1000000b200000028","time":"2025-12-17T19:33:20.123Z","#
          + #""user":"00112233445566778899aabbccddeeff","session":"00000000000000010000000000000002","#
          + #""app_version":"0.4.2","os_name":"macos","edition":"oss","uptime":17,"#
          + #""model_size":9007199254740993,"ratio":0.5,"is_remote":true,"passes":["fold","prune"],"#
          + #""results":[{"latency":0.25,"technique":"fp16"}]}]"#)
    }

    @Test func `without a user identifier each format that wants one gets the session, then the segment`()
      throws
    {
      for format in [Catalog.Delivery.Format.amplitude, .segment, .posthog] {
        for (session, expected) in [(Sample.session, Sample.session), (nil, Sample.segment.event(0))] {
          var report = Sample.workshop
          report.user = nil
          report.session = session
          let body = try JSONValue(parsing: Sample.encoder(format).body(of: report, sent: Sample.sent))
          let event = try #require((body["events"] ?? body["batch"])?.arrayValue?.first)
          let id = event["device_id"] ?? event["anonymousId"] ?? event["distinct_id"]
          #expect(id == .string(expected.description))
          #expect(event["user_id"] == nil)
        }
      }
    }

    @Test(arguments: [
      (
        "https://api2.amplitude.com", Catalog.Delivery.Format.amplitude,
        "https://api2.amplitude.com/2/httpapi"
      ),
      ("https://api2.amplitude.com/batch", .amplitude, "https://api2.amplitude.com/batch"),
      ("https://relay.example.org/blindai/", .amplitude, "https://relay.example.org/blindai/"),
      ("http://h:8000/", .jitsu, "http://h:8000/api/v1/s2s/event?ip_policy=strict&token=k%2F%201"),
      ("http://h/e?x=1", .jitsu, "http://h/e?x=1&ip_policy=strict&token=k%2F%201"),
      ("https://ingest.example.org/api/s/s2s/batch", .jitsu, "https://ingest.example.org/api/s/s2s/batch"),
      ("https://api.segment.io/", .segment, "https://api.segment.io/v1/batch"),
      ("https://eu.i.posthog.com", .posthog, "https://eu.i.posthog.com/batch/"),
      ("http://localhost:4318", .otlp, "http://localhost:4318/v1/logs"),
      ("https://example.org/take", .json, "https://example.org/take"),
      ("https://example.org/telemetry/", .avow, "https://example.org/telemetry/v1/events"),
      ("unix:/run/c.sock", .otlp, "unix:/run/c.sock:/v1/logs"),
      ("unix:/run/c.sock:/x", .otlp, "unix:/run/c.sock:/x"),
    ])
    func `an address without a path gets the format's own`(
      url: String, format: Catalog.Delivery.Format, expected: String
    ) {
      let destination = Destination(url: url, key: "k/ 1", format: format)
      #expect(destination.address(for: destination.encoder(for: Workshop.catalog)) == expected)
    }

    @Test func `keys travel as each server asks for them`() {
      func headers(_ format: Catalog.Delivery.Format, _ url: String = "https://h") -> [String: String] {
        let destination = Destination(url: url, key: "key:secret", format: format)
        let request = destination.request(
          destination.encoder(for: Workshop.catalog), body: [1], sent: Sample.sent, compress: true)
        return Dictionary(request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      }
      #expect(headers(.avow)["Authorization"] == "Bearer key:secret")
      #expect(headers(.avow)["Avow-Sent"] == "1766000060000")
      #expect(headers(.amplitude) == ["Content-Type": "application/json"])
      #expect(headers(.segment)["Authorization"] == "Basic a2V5OnNlY3JldDo=")
      #expect(headers(.jitsu) == ["Content-Type": "application/json"])
      let second = headers(.jitsu, "https://h/api/s/s2s/batch")
      #expect(second["X-Write-Key"] == "key:secret" && second["X-IP-Policy"] == "remove")
      #expect(headers(.otlp)["Authorization"] == "Bearer key:secret")
    }

    @Test func `bodies are compressed where the server's documentation says that it reads that`() {
      let body = Array(String(repeating: "telemetry ", count: 500).utf8)
      for format in Catalog.Delivery.Format.allCases {
        let destination = Destination(url: "https://h", key: "k", format: format)
        let request = destination.request(
          destination.encoder(for: Workshop.catalog), body: body, sent: Sample.sent, compress: true)
        let isCompressed = request.headers.contains(.init("Content-Encoding", "gzip"))
        #expect(isCompressed == [.avow, .segment, .posthog, .otlp].contains(format), "\(format)")
        #expect((request.body.count < body.count) == isCompressed)
      }
    }
  }
#endif

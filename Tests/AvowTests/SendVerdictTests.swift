#if ForeignFormats
  import Testing

  @testable import Avow

  @Suite struct SendVerdictTests {
    private func report(_ count: Int = 8) -> EventReport {
      Sample.report(
        Workshop.catalog,
        events: (0..<count).map { .init(number: UInt32($0), name: "list_reports", time: Sample.time) })
    }

    private func verdict(
      _ format: Catalog.Delivery.Format, _ status: Int, _ body: String = "", url: String = "https://h"
    ) -> Verdict {
      Sample.encoder(format, url: url).verdict(status: status, body: Array(body.utf8), for: report())
    }

    private enum Fate { case done, again, gone, halved }

    private func fate(_ verdict: Verdict) -> Fate {
      switch verdict {
      case .delivered: .done
      case .again, .throttled: .again
      case .refused, .without: .gone
      case .tooLarge: .halved
      }
    }

    /// The table of the documentation: what becomes of a whole request, by status.
    @Test func `each status means what each server's documentation says`() {
      let good: [Catalog.Delivery.Format: String] = [
        .avow: Listener.acceptance, .amplitude: #"{"code":200}"#, .jitsu: #"{"status":"ok"}"#,
        .segment: "ok", .posthog: #"{"status":1}"#, .otlp: "{}", .json: "",
      ]
      for (format, body) in good { #expect(fate(verdict(format, 200, body)) == .done, "\(format)") }
      for format in Catalog.Delivery.Format.allCases {
        #expect(fate(verdict(format, 400)) == .gone, "\(format)")
        #expect(fate(verdict(format, 413)) == .halved, "\(format)")
        for status in [301, 307, 429, 502, 503, 504] {
          #expect(fate(verdict(format, status)) == .again, "\(format) \(status)")
        }
        // OTLP names the answers after which the same may be sent again; these are not among them.
        for status in [401, 403, 404, 408, 500] {
          #expect(fate(verdict(format, status)) == (format == .otlp ? .gone : .again), "\(format) \(status)")
        }
        // A guest network's page is nobody's answer.
        #expect(fate(verdict(format, 200, "\n <html>sign in</html>")) == .again, "\(format)")
      }
      for status in [201, 202, 204] {
        #expect(fate(verdict(.segment, status)) == .again)
        #expect(fate(verdict(.posthog, status)) == .again)
        #expect(fate(verdict(.jitsu, status)) == .done)
        #expect(fate(verdict(.otlp, status)) == .done)
        // Amplitude's own clients lose events here.
        #expect(fate(verdict(.amplitude, status)) == .again)
        #expect(fate(verdict(.avow, status)) == .again)
      }
    }

    @Test func `Amplitude's lists say which events are refused and which wait`() {
      #expect(
        verdict(
          .amplitude, 400,
          #"{"code":400,"error":"Invalid field values on some events","events_with_invalid_fields":{"time":[3,4]},"events_with_missing_fields":{"event_type":[3]},"events_with_invalid_id_lengths":{"user_id":[1]},"silenced_events":[7,99,-1]}"#
        ) == .without([1, 3, 4, 7]))
      #expect(
        verdict(
          .amplitude, 429, #"{"code":429,"error":"x","throttled_users":{"u":32},"throttled_events":[2,0,8]}"#)
          == .throttled([0, 2]))
      #expect(
        verdict(
          .amplitude, 429, #"{"code":429,"exceeded_daily_quota_users":{"u":500001},"throttled_events":[2]}"#)
          == .throttled([], over: [2]))
      #expect(fate(verdict(.amplitude, 429, #"{"code":429,"throttled_events":[]}"#)) == .again)
      #expect(fate(verdict(.amplitude, 400, #"{"code":400,"error":"Invalid API key: k"}"#)) == .again)
      #expect(fate(verdict(.amplitude, 400, #"{"code":400,"missing_field":"events"}"#)) == .gone)
      // The number in the body counts.
      #expect(fate(verdict(.amplitude, 200, #"{"code":503}"#)) == .again)
      #expect(fate(verdict(.amplitude, 200, "{}")) == .again)
    }

    @Test func `OTLP's and Jitsu 2's partial answers are counted and nothing goes again`() {
      #expect(
        verdict(.otlp, 200, #"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}"#)
          == .delivered(accepted: 5, refused: 3))
      #expect(
        verdict(.otlp, 200, #"{"partialSuccess":{"errorMessage":"a warning"}}"#) == .delivered(accepted: 8))
      let url = "https://h/api/s/s2s/batch"
      #expect(
        verdict(
          .jitsu, 200, #"{"ok":false,"receivedEvents":8,"okEvents":6,"errors":["Message ID: x"]}"#, url: url)
          == .delivered(accepted: 6, refused: 2))
      #expect(verdict(.jitsu, 200, #"{"ok":true}"#, url: url) == .delivered(accepted: 8))
      #expect(fate(verdict(.jitsu, 402, "", url: url)) == .again)
    }

    @Test func `whatever comes back, the counts stay within the request`() {
      let bodies = [
        "", "null", "[]", "{", #"{"code":1e99}"#, #"{"code":200,"accepted":9223372036854775807}"#,
        #"{"accepted":-5,"duplicates":-1,"refused":[{"n":-1}]}"#, #"{"throttled_events":{"a":1},"code":429}"#,
        #"{"partialSuccess":{"rejectedLogRecords":"99999999999999999999"}}"#,
        #"{"partialSuccess":{"rejectedLogRecords":-4}}"#, #"{"ok":true,"receivedEvents":-1,"okEvents":1e18}"#,
        #"{"code":400,"events_with_invalid_fields":{"x":[1e30,"a",null,0.5]}}"#,
      ]
      for format in Catalog.Delivery.Format.allCases {
        for url in ["https://h", "https://h/api/s/s2s/batch"] {
          for status in [0, 100, 200, 299, 400, 413, 429, 500, 999] {
            for body in bodies {
              switch verdict(format, status, body, url: url) {
              case .delivered(let accepted, let duplicates, let refused, _):
                #expect((0...8).contains(accepted) && (0...8).contains(refused))
                #expect((0...8).contains(duplicates))
              case .without(let positions): #expect(positions.allSatisfy { (0..<8).contains($0) })
              case .throttled(let positions, let over):
                #expect((positions + over).allSatisfy { (0..<8).contains($0) })
              default: break
              }
            }
          }
        }
      }
    }
  }
#endif

#if ForeignFormats
  import Testing

  @testable import Avow

  @Suite struct DestinationSizeTests {
    private static let catalog = Catalog(
      app: "large", name: "Large", version: 1,
      events: [
        EventDeclaration("big", properties: [Field("text", .text(.free(reason: "test", maxLength: 60_000)))])
      ])

    private func report(_ count: Int, _ size: Int) -> EventReport {
      Sample.report(
        Self.catalog,
        events: (0..<count).map {
          .init(
            number: UInt32($0), name: "big", time: Sample.time,
            properties: [.init("text", .string(String(repeating: "x", count: size)))])
        })
    }

    private static let cases: [(Catalog.Delivery.Format, String, events: Int, bytes: Int, event: Int)] = [
      (.avow, "https://h", 2_000, 1_000_000, 1_000_000),
      (.amplitude, "https://h", 1_999, 1_000_000, 1_000_000),
      (.amplitude, "https://h/batch", 2_000, 20_000_000, 1_000_000),
      (.jitsu, "https://h", 20_000, 51_200 * 500, 51_200),
      (.jitsu, "https://h/api/s/s2s/batch", 20_000, 1_000_000, 1_000_000),
      (.segment, "https://h", 2_500, 475_000, 32 * 1024),
      (.posthog, "https://h", 20_000, 5 << 20, 900 << 10),
      (.otlp, "https://h", 20_000, 64 << 20, 1 << 20),
      (.json, "https://h", 20_000, 1_000_000, 1_000_000),
    ]

    @Test(arguments: cases.indices)
    func `requests stay within what the server takes, and every event is in one of them`(index: Int) {
      let (format, url, events, bytes, event) = Self.cases[index]
      let encoder = Sample.encoder(format, Self.catalog, url: url)
      for report in [report(2_600, 1), report(60, 20_000), report(12, 50_000)] {
        let (parts, tooLarge) = encoder.parts(of: report, sent: Sample.sent)
        for part in parts {
          #expect(part.body.count <= bytes)
          #expect(part.report.events.count <= events)
          #expect(part.body == encoder.body(of: part.report, sent: Sample.sent))
          #expect(part.body.count / part.report.events.count <= event)
        }
        let sent = parts.flatMap { $0.report.events.map(\.number) }
        #expect(sent + tooLarge.map(\.number) == report.events.map(\.number))
        let isRefused = format == .segment && report.events.count == 12
        #expect(tooLarge.count == (isRefused ? 12 : 0))
      }
    }

    @Test func `Amplitude's texts are cut to a thousand characters`() throws {
      let body = try JSONValue(
        parsing: Sample.encoder(.amplitude, Self.catalog).body(of: report(1, 5_000), sent: Sample.sent))
      let text = body["events"]?.arrayValue?.first?["event_properties"]?["text"]?.stringValue
      #expect(text?.count == 1_000)
    }

    @Test func `identifiers are of the length and letters that each server takes`() throws {
      for format in Catalog.Delivery.Format.allCases where format != .avow {
        let body = Sample.text(Sample.workshop, Sample.encoder(format))
        let id = format == .posthog ? Sample.segment.event(40).uuid : Sample.id
        #expect(body.contains(id), "\(format)")
        #expect((5...64).contains(id.count))
        #expect(id.allSatisfy { $0.isHexDigit || $0 == "-" })
      }
    }

    @Test func `only what tells the time of sending differs between two attempts`() {
      let later = Timestamp(milliseconds: Sample.sent.milliseconds + 600_000)
      for format in Catalog.Delivery.Format.allCases {
        let encoder = Sample.encoder(format)
        let first = encoder.body(of: Sample.workshop, sent: Sample.sent)
        let second = encoder.body(of: Sample.workshop, sent: later)
        #expect((first != second) == encoder.dialect.tellsTimeOfSending, "\(format)")
      }
    }

    @Test func `what was lost is said once when a report is cut`() {
      var report = report(5, 1)
      report.lost = 7
      #expect(report.halves.map(\.lost) == [7, 0])
      #expect(report.halves.map(\.events.count) == [2, 3])
    }

    /// Five names, two properties, times and numbers as a service makes them.
    @Test func `a request of 500 events takes at most 15 bytes an event on the wire`() throws {
      var state: UInt64 = 0x9E37_79B9_7F4A_7C15
      func next(_ bound: UInt64) -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state % bound
      }
      let names = ["list_reports", "list_projects", "project_dashboard", "get_snapshot_data", "startup"]
      var time: Int64 = 1_766_000_000_000
      var number: UInt32 = 40
      let events = (0..<500).map { _ -> EventReport.Event in
        time += Int64(next(20))
        number += 4
        return .init(
          number: number, name: names[Int(next(5))], time: Timestamp(milliseconds: time),
          properties: [
            .init("reports_count", .integer(Int64(next(20)))), .init("mode", next(2) == 0 ? "fast" : "small"),
          ])
      }
      let report = Sample.report(Workshop.catalog, context: Sample.workshop.context, events: events)
      let body = NativeRequest.body(of: report)
      let packed = try #require(Gzip.compress(body), "zlib is not installed")
      let perEvent = Double(packed.count) / 500
      print("wire: \(body.count / 500) bytes an event as JSON, \(perEvent) compressed")
      #expect(perEvent <= 15)
    }
  }
#endif

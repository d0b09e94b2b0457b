import AvowDemo
import AvowIngest
import AvowStore
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct ImportTests {
  private static let catalog =
    RunningCollector.catalog.replacing(
      "os_name: {why: x}}",
      with: "os_name: {why: x}, network: {source: network, description: The network part., why: x}}") + """

      accepts:
        - format: amplitude
          events: {"Cloth Woven": weave}
          drop: {events: [Seen]}
        - format: jitsu
          events: {"Cloth Woven": weave}
          fields: {user: user.id}
      """

  private let folder: TemporaryFolder
  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.catalog, to: "weaver.yaml")
  }

  private func open<Value>(_ name: String, _ body: (Collector) async throws -> Value) async throws -> Value {
    // Later than what is imported was received.
    try await withFolder(
      folder.path + "/" + name, at: Timestamp(milliseconds: RunningCollector.now.milliseconds + 600_000),
      catalogs: [folder.path + "/weaver.yaml"], body)
  }

  private func take(
    _ lines: String, into collector: Collector, format: String = "avow"
  ) async throws -> ImportSummary {
    let answer = try await collector.ask(
      "POST", "import", [("app", "weaver"), ("format", format)], body: Array(lines.utf8))
    var summary = ImportSummary()
    summary.add(try JSONValue(parsing: answer))
    return summary
  }

  private func answers(_ collector: Collector) async throws -> [String] {
    var answers: [String] = []
    for question in [
      "events by day", "users by day", "events of weave by loom", "users by app_version",
      "distribution of rows",
    ] {
      answers.append(
        try await collector.ask("GET", "ask", [("app", "weaver"), ("q", question), ("format", "json")]))
    }
    return answers
  }

  @Test func `what was exported and is imported into an empty folder answers the same`() async throws {
    let (export, expected) = try await RunningCollector.with(catalog: Self.catalog) { running async throws in
      let key = try await running.key()
      var random = SeededGenerator(seed: 5)
      for n in 0..<60 {
        // Clocks that are late, ahead and wrong; runs without a lasting state.
        let ahead = [0, 86_400_000, -3_600_000, 40 * 86_400_000, -40 * 86_400_000][n % 5]
        let time = RunningCollector.now.milliseconds + Int64(ahead)
        let body = """
          {"app":"weaver","segment":"\(random.uuid().replacing("-", with: "").prefix(24))","user":"\(String(format: "%032x", n % 9))",\
          "ephemeral":\(n % 4 == 0),"context":{"app_version":"1.\(n % 3)","os_name":"linux"},"events":[\
          {"n":1,"name":"weave","time":\(time),"properties":{"loom":"hand","rows":\(n)}},\
          {"n":2,"name":"weave","time":\(time - 9000),"properties":{"loom":"jacquard"}}]}
          """
        let answer = try await running.send(
          "POST", "/v1/events",
          headers: [
            (name: "Authorization", value: "Bearer \(key)"),
            // A clock some seconds ahead: the time is corrected, and a retry known by the time as written.
            (name: "Avow-Sent", value: "\(RunningCollector.now.milliseconds + 5000)"),
          ], body: Array(body.utf8))
        #expect(answer.status == 200)
      }
      let export = try await running.admin("GET", "export", [("app", "weaver")]).text
      let again = try await take(export, into: running.collector)
      #expect(again.duplicates == 120 && again.stored == 0, "what came from here is not known here")
      return (export, try await answers(running.collector))
    }
    #expect(export.contains("\"ephemeral\":true") && export.contains("\"sent\":"))
    #expect(export.contains("\"network\":\"127.0.0.0/24\""))
    try await open("empty") { collector async throws in
      let first = try await take(export, into: collector)
      #expect(first.stored == 120 && first.removed == 0)
      #expect(try await take(export, into: collector).duplicates == 120)
      #expect(try await answers(collector) == expected)
      #expect(try await collector.ask("GET", "export", [("app", "weaver")]) == export)
    }
  }

  @Test func `the catalog admits what is imported as it admits a request`() async throws {
    let now = RunningCollector.now
    func line(_ n: Int, _ event: String, _ properties: String) -> String {
      #"{"id":"\#(String(format: "%032x", n + 99))","event":"\#(event)","time":"\#(now)","received":"\#(now)","user":"\#(String(format: "%032x", n))","session":null,"context":{},"properties":\#(properties)}"#
    }
    let lines = [
      line(1, "weave", #"{"rows":3,"colour":"secret"}"#), line(2, "knit", "{}"), "{", "[]",
      line(3, "weave", #"{"rows":"many"}"#), line(4, "weave", #"{"rows":1}"#), #"{"event":"weave"}"#,
    ].joined(separator: "\n")
    try await open("admission") { collector async throws in
      let pseudonym = String(format: "%032x", 4)
      _ = try await collector.ask("POST", "forget", [("app", "weaver"), ("user", pseudonym)])
      let summary = try await take(lines, into: collector)
      #expect(summary.lines == 7 && summary.stored == 2 && summary.refused == 4 && summary.erased == 1)
      #expect(summary.removed == 2)
      let kept = try await collector.ask("GET", "export", [("app", "weaver")])
      #expect(!kept.contains("secret") && !kept.contains("colour"))
      let quarantine = try await collector.ask("GET", "quarantine", [])
      #expect(quarantine.contains("colour") && quarantine.contains("knit") && !quarantine.contains("secret"))
    }
    // The counts outlive a folder that was opened for the command only.
    try await open("admission") { collector async throws in
      #expect(try await collector.ask("GET", "quarantine", []).contains("knit"))
    }
  }

  @Test func `Amplitude's export is taken over, with its clocks and identifiers`() async throws {
    let lines = """
      {"$insert_id":"a1","event_type":"Cloth Woven","event_time":"2026-09-20 10:00:01.500000","client_event_time":"2026-09-20 10:00:00.500000","client_upload_time":"2026-09-20 10:00:05.000000","server_received_time":"2026-09-20 10:00:06.000000","server_upload_time":"2026-09-20 10:00:06.100000","processed_time":"2026-09-20 10:00:07.000000","user_id":"ann","device_id":"d1","amplitude_id":77,"version_name":"1.2.3","os_name":"linux","ip_address":"203.0.113.9","city":"Oslo","event_properties":{"loom":"jacquard","rows":3,"note":"x"},"user_properties":{},"uuid":"6f"}
      {"$insert_id":null,"event_type":"Cloth Woven","event_time":"2026-09-20 10:00:01.500000","user_id":null,"device_id":"d2","event_properties":{"loom":"hand"},"uuid":"70"}
      {"event_type":"Seen","event_time":"2026-09-20 10:00:01.500000","uuid":"71"}
      {"event_type":"Other","event_time":"2026-09-20 10:00:01.500000","uuid":"72"}
      """
    try await open("amplitude") { collector async throws in
      let first = try await take(lines, into: collector, format: "amplitude")
      #expect(first.stored == 2 && first.dropped == 1 && first.refused == 1 && first.removed == 1)
      let quarantine = try await collector.ask("GET", "quarantine", [])
      #expect(quarantine.contains("\"field\":\"note\""), "\(quarantine)")
      let again = try await take(lines, into: collector, format: "amplitude")
      #expect(again.duplicates == 2 && again.removed == 0)
      // What was removed of events that come again is not counted again.
      func removed(_ text: String) throws -> [Int64?] {
        try JSONValue(parsing: text)["quarantine"]?.arrayValue?.filter { $0["field"] == "note" }
          .map { $0["count"]?.integerValue } ?? []
      }
      #expect(try removed(quarantine) == [1])
      #expect(try removed(try await collector.ask("GET", "quarantine", [])) == [1])
      let events = try await collector.ask("GET", "export", [("app", "weaver")]).split(separator: "\n")
        .map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(events.allSatisfy { $0["time"] == "2026-09-20T10:00:01.500Z" })
      let whole = try #require(events.first { $0["properties"]?["rows"] != nil })
      #expect(whole["received"] == "2026-09-20T10:00:06.000Z" && whole["sent"] == "2026-09-20T10:00:00.500Z")
      #expect(whole["context"] == ["app_version": "1.2.3", "os_name": "linux"])
      // The user is found by the identifier that Amplitude knew.
      let copy = try await collector.ask("GET", "export", [("app", "weaver"), ("user", "ann")])
      #expect(copy.split(separator: "\n").count == 1)
      // The same event, sent live by its client again, is known: it has the same identifier and clock.
      let key = try await collector.makeKey(app: "weaver")
      let live =
        #"{"api_key":"\#(key)","events":[{"event_type":"Cloth Woven","insert_id":"a1","time":1789898400500,"user_id":"ann"}]}"#
      let status = try await collector.receiveAmplitude(live)
      #expect(status.contains(#""events_ingested":"#), "\(status)")
      #expect(try await collector.ask("GET", "export", [("app", "weaver")]).split(separator: "\n").count == 2)
    }
  }

  @Test func `Jitsu's events are taken over, nested or as rows`() async throws {
    let lines = """
      {"_timestamp":"2026-09-20T10:00:00.123456Z","event_type":"Cloth Woven","eventn_ctx_event_id":"j1","user":{"anonymous_id":"x"},"loom":"hand","rows":2,"source_ip":"203.0.113.9"}
      {"_timestamp":"2026-09-20T10:00:00.123456Z","event_type":"Cloth Woven","eventn_ctx":{"event_id":"j2"},"loom":"hand"}
      {"_timestamp":"2026-09-20T10:00:00.123456Z","event_type":"Cloth Woven","loom":"hand","rows":5}
      """
    try await open("jitsu") { collector async throws in
      #expect(try await take(lines, into: collector, format: "jitsu").stored == 3)
      #expect(try await take(lines, into: collector, format: "jitsu").duplicates == 3)
    }
  }

  @Test func `a row's column is read as the member that the catalog maps`() async throws {
    let lines = """
      {"_timestamp":"2026-09-20T10:00:00.123456Z","event_type":"Cloth Woven","eventn_ctx_event_id":"j1","user":{"id":"ann"}}
      {"_timestamp":"2026-09-20T10:00:01.123456Z","event_type":"Cloth Woven","eventn_ctx_event_id":"j2","user_id":"ann"}
      """
    try await open("rows") { collector async throws in
      let summary = try await take(lines, into: collector, format: "jitsu")
      #expect(summary.stored == 2 && summary.removed == 0)
      let copy = try await collector.ask("GET", "export", [("app", "weaver"), ("user", "ann")])
      #expect(copy.split(separator: "\n").count == 2)
    }
  }

  @Test func `a format without an entry in the catalog is refused with what to add`() async throws {
    try await RunningCollector.with { running async throws in
      let answer = try await running.admin("POST", "import", [("app", "weaver"), ("format", "amplitude")])
      #expect(answer.status == 400 && answer.text.contains("- format: amplitude"))
      let other = try await running.admin("POST", "import", [("app", "weaver"), ("format", "csv")])
      #expect(other.status == 400 && other.text.contains("avow, amplitude, jitsu"))
    }
  }
}

extension Collector {
  /// Takes a body of Amplitude's HTTP API as the HTTP layer would hand it on; returns the answer.
  fileprivate func receiveAmplitude(_ body: String) async throws -> String {
    let request = IngestRequest(
      method: "POST", path: "/2/httpapi", body: Array(body.utf8), received: RunningCollector.now)
    switch state.ingest.receive(request) {
    case .notMine: return "not mine"
    case .answered(let response): return String(decoding: response.body, as: UTF8.self)
    case .batch(let batch, let reply):
      let result = try await state.store.append(batch)
      let counts = Reply.Result(stored: result.count(of: .stored), duplicates: result.count(of: .duplicate))
      return String(decoding: reply.stored(counts).body, as: UTF8.self)
    }
  }
}

struct LineReaderTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: [UInt8], limit: Int = 1000) throws -> (
    lines: [String], tooLong: Int, pieces: Int
  ) {
    let path = folder.path + "/lines"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var reader = try LineReader(path: path, limit: limit)
    var lines: [String] = []
    var pieces = 0
    while let piece = try reader.next() {
      #expect(piece.count < limit + 131_072)
      pieces += 1
      lines += piece.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
    return (lines, reader.tooLong, pieces)
  }

  @Test func `plain and gzipped files, whole and in members, give the same lines`() throws {
    let lines = (0..<40_000).map { #"{"n":\#($0),"text":"zürich"}"# }
    let text = Array((lines.joined(separator: "\n") + "\n").utf8)
    let (plain, _, pieces) = try read(text, limit: 100_000)
    #expect(plain == lines && pieces > 5)
    #expect(try read(Gzip.compress(text), limit: 100_000).lines == lines)
    let members = try Gzip.compress(Array(text[..<777_777])) + Gzip.compress(Array(text[777_777...]))
    #expect(try read(members, limit: 100_000).lines == lines)
    // The last line need not end.
    #expect(try read(Array(text.dropLast())).lines == lines)
    #expect(try read([]).lines == [])
  }

  @Test func `a line that no piece can hold is left out and counted`() throws {
    let long = String(repeating: "x", count: 300_000)
    let found = try read(Array("a\n\(long)\nb\n\(long)".utf8), limit: 65_536)
    #expect(found.lines == ["a", "b"] && found.tooLong == 2)
  }

  @Test func `a gzip that is cut or damaged is an error`() throws {
    let whole = try Gzip.compress(Array(String(repeating: "line 1\nother\n", count: 90_000).utf8))
    #expect(throws: CollectorError.self) { try read(Array(whole.dropLast(9)), limit: 1 << 20) }
    var damaged = whole
    for place in 20..<60 { damaged[place] ^= 0x5A }
    #expect(throws: CollectorError.self) { try read(damaged, limit: 1 << 20) }
  }

  @Test func `what cannot be read is named`() throws {
    #expect(throws: CollectorError.self) { _ = try LineReader(path: folder.path + "/missing") }
    let error = #expect(throws: CollectorError.self) { _ = try LineReader(path: folder.path) }
    #expect(error?.message.contains("is a folder") == true)
  }
}

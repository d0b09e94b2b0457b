import AvowDemo
import AvowWire
import Glibc
import Testing

/// The vendors' own SDKs, unmodified but for the address, through everything that goes wrong on the way.
@Suite(.enabled(if: SDKEnvironment.python != nil, "Scripts/sdk-environment has no SDKs to offer"))
struct SDKTests {
  private static let events = 500

  /// By the number of the request. Batches of 20 make 25 requests before any is sent again.
  private static let faults: [Int: SDKProxy.Fault] = [
    2: .slow(milliseconds: 1500), 4: .refuse(status: 503), 6: .refuse(status: 429), 8: .restart,
    10: .killUnderWay, 13: .loseAnswer, 15: .reset, 17: .killAfterAnswer, 19: .refuse(status: 503),
    21: .killUnderWay,
  ]

  @Test(arguments: [
    "amplitude", "segment", "rudder", "posthog", "posthog-v1", "otlp-protobuf", "otlp-json",
  ])
  func `what an SDK counts as delivered is stored once, and beyond it only what was under way`(
    _ sdk: String
  ) async throws {
    let collector = try BuiltCollector()
    let folder = collector.folder
    collector.catalogs = folder + "/sdks.yaml"
    try Files.write(SDKEnvironment.catalog, to: collector.catalogs)
    try collector.start()
    let key = try collector.key(for: "sdks")
    let proxy = try SDKProxy(before: collector, faults: Self.faults)
    let verdict = try await SDKEnvironment.send(
      [sdk, "http://127.0.0.1:\(proxy.port)", key, "0", "\(Self.events)"], home: folder)
    proxy.stop()
    let delivered = SDKEnvironment.marks(verdict["delivered"])
    let record = proxy.record
    #expect(record.troubles == [])
    #expect(record.requests > 21 && record.kills == 3 && record.restarts == 1)

    func marks(_ bodies: [[UInt8]], _ name: String) async throws -> Set<Int64> {
      let files = bodies.indices.map { folder + "/\(name).\($0)" }
      for (file, body) in zip(files, bodies) { try Files.write(body, to: file) }
      return Set(SDKEnvironment.marks(try await SDKEnvironment.send(["marks"] + files, home: folder)))
    }
    let underWay = try await marks(record.unanswered, "unanswered")
    let unseen = try await marks(record.unseen, "unseen")
    #expect(!underWay.isEmpty, "the search for events under way found none")

    let lines = try proxy.withCollector { try $0.export("sdks") }
    var stored: [Int64: JSONValue] = [:]
    for line in lines {
      let mark = try #require(line["properties"]?["mark"]?.integerValue)
      #expect(stored[mark] == nil, "event \(mark) is stored twice")
      stored[mark] = line
    }
    let lost = Set(delivered).subtracting(stored.keys)
    #expect(lost.isEmpty, "delivered and not stored: \(lost.sorted())")
    let beyond = Set(stored.keys).subtracting(delivered)
    #expect(beyond.isSubset(of: underWay), "stored without having been under way: \(beyond.sorted())")
    // Amplitude's SDK forgets what a broken connection took; nothing else may be without a verdict.
    let unaccounted = Set(0..<Int64(Self.events)).subtracting(delivered)
      .subtracting(SDKEnvironment.marks(verdict["failed"])).subtracting(underWay).subtracting(unseen)
    #expect(unaccounted.isEmpty, "without a verdict: \(unaccounted.sorted())")
    for (mark, line) in stored {
      #expect(line["id"]?.stringValue?.count == 32)
      #expect(
        line["properties"]?["note"]?.stringValue
          == "\(mark): na\u{ef}ve \u{6f22}\u{5b57} \u{1f600} \u{ab}\u{1e9e}\u{bb}")
      #expect(line["event"]?.stringValue == Self.event(mark))
      #expect(line["user"]?.stringValue?.count == 32)
    }
    #expect(Set(stored.values.compactMap { $0["user"]?.stringValue }).count == 7)
    print(
      "\(sdk): \(record.requests) requests, \(delivered.count) delivered, \(stored.count) stored, "
        + "\(beyond.count) beyond of \(underWay.count) under way, answers \(record.statuses)")
  }

  private static func event(_ mark: Int64) -> String {
    ["run", "page_view", "run", "signed_in", "run"][Int(mark % 5)]
  }

  @Test(arguments: ["amplitude", "segment", "rudder", "posthog", "posthog-v1", "otlp-protobuf"])
  func `an SDK over its key's limit is put off and loses nothing`(_ sdk: String) async throws {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    // A hundred at once, and then twenty a second: the last of these wait three seconds, unless this machine is
    // so slow that nobody has to.
    collector.arguments = ["--limit-key", "20"]
    try collector.start()
    let key = try collector.key(for: "sdks")
    let verdict = try await SDKEnvironment.send(
      [sdk, "http://127.0.0.1:\(collector.port)", key, "0", "160"], home: collector.folder,
      environment: ["AVOW_QUIET": "50"])
    let stored = try collector.export("sdks").compactMap { $0["properties"]?["mark"]?.integerValue }
    #expect(SDKEnvironment.marks(verdict["delivered"]) == Array(0..<160))
    #expect(stored.sorted() == Array(0..<160))
    print("\(sdk): \(try collector.metric("avow_throttled_total")) requests over the key's limit")
  }

  @Test func `iterative-telemetry's events are stored with its version and one user`() async throws {
    let collector = try BuiltCollector()
    collector.catalogs = collector.folder + "/sdks.yaml"
    try Files.write(SDKEnvironment.catalog, to: collector.catalogs)
    try collector.start()
    let key = try collector.key(for: "sdks")
    let verdict = try await SDKEnvironment.send(
      ["iterative", "http://127.0.0.1:\(collector.port)", key, "0", "25"], home: collector.folder)
    #expect(SDKEnvironment.marks(verdict["delivered"]).count == 25)
    let lines = try collector.export("sdks")
    #expect(lines.compactMap { $0["properties"]?["mark"]?.integerValue }.sorted() == Array(0..<25))
    #expect(Set(lines.compactMap { $0["user"]?.stringValue }).count == 1)
    #expect(lines.allSatisfy { $0["context"]?["app_version"] == "2.1" })
  }
}

import AvowDemo
import AvowWire
import Glibc
import Testing

/// The example hosts, each sending what its page documents to three kinds of collector, by the variables that
/// any user can set: the built programs, the built collector, requests caught between them.
@Suite(.serialized)
struct HostDestinationTests {
  private static let root = BuiltCollector.catalogs.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/")
  private static let examples = root + "/Examples/.build/debug"
  private static let fixtures = root + "/Collector/Tests/AvowIngestTests/Fixtures"
  private static let isBuilt = access(examples + "/monitoring-service", X_OK) == 0

  struct Host: Sendable, CustomTestStringConvertible {
    var app: String
    var program: String
    /// What its catalog accepts already, and what a collector must be told besides.
    var accepts: String
    var testDescription: String { program }
  }

  /// The doors that the four catalogs leave shut; where they are open, the catalog is taken as it is.
  static let hosts = [
    Host(app: "blindai", program: "inference-server", accepts: "  - format: jitsu\n"),
    Host(
      app: "jina", program: "flow",
      accepts: """
          - format: [amplitude, jitsu]
            fields:
              jina_hubble_sdk: jina-hubble-sdk
              jina_proto: jina-proto
              proto_backend: proto-backend
              platform_release: platform-release
              platform_version: [os_version, platform-version]
              ci_vendor: ci-vendor

        """),
    Host(app: "speedster", program: "optimizer", accepts: "  - format: [amplitude, jitsu]\n"),
    Host(app: "evidently", program: "monitoring-service", accepts: "  - format: amplitude\n"),
  ]

  @Test(.enabled(if: isBuilt, "the example hosts are not built"), arguments: hosts)
  func `a host's events are the same rows whichever format carries them`(host: Host) throws {
    var rows: [String: [JSONValue]] = [:]
    for format in ["avow", "amplitude", "jitsu"] {
      let (_, lines) = try Self.run(host, format: format)
      rows[format] = lines.map(Self.comparable).sorted { $0.text < $1.text }
    }
    let native = try #require(rows["avow"])
    #expect(native.count > 5)
    #expect(rows["amplitude"] == native)
    #expect(rows["jitsu"] == native)
  }

  @Test(.enabled(if: isBuilt, "the example hosts are not built"))
  func `BlindAI's host writes to Amplitude what its own servers wrote, field by field`() throws {
    let (requests, _) = try Self.run(Self.hosts[0], format: "amplitude")
    var events: [JSONValue] = []
    for request in requests {
      #expect(request.path == "/2/httpapi")
      #expect(
        String(decoding: request.bytes, as: UTF8.self).lowercased().contains("content-type: application/json")
      )
      let body = try JSONValue(parsing: request.body)
      let members = body.objectValue ?? [:]
      #expect(members.keys.sorted() == ["api_key", "events"])
      events += try #require(body["events"]?.arrayValue)
    }
    var real: [String: Set<String>] = [:]
    for fixture in ["blindai-0.3.0", "blindai-0.5"] {
      let body = try Self.body(of: fixture)
      for event in try #require(body["events"]?.arrayValue ?? body.arrayValue) {
        // 0.3 reported each request a second time in the client's name.
        guard let name = event["event_type"]?.stringValue, !name.hasPrefix("client_") else { continue }
        // A hash of host and user name, an account: nothing that this client sends.
        real[name, default: []].formUnion(
          Self.shape(event).subtracting([
            "user_properties.client_uid text", "cloud_user_id text", "custom_agent_id text",
          ]))
      }
    }
    // The event's name for deduplication, and what the catalog declares beyond the servers of then.
    let ours: Set<String> = [
      "insert_id text", "os_name text", "os_version text", "user_properties.os_release text",
      "user_properties.architecture text", "user_properties.cores number", "user_properties.memory number",
    ]
    #expect(
      Set(events.compactMap { $0["event_type"]?.stringValue }) == ["started", "send_model", "run_model"])
    for event in events {
      let name = try #require(event["event_type"]?.stringValue)
      #expect(Self.shape(event).subtracting(ours) == real[name], "\(name)")
      // Amplitude's unit; the servers wrote seconds, which Amplitude took for January 1970.
      #expect(try #require(event["time"]?.integerValue) > 1_700_000_000_000)
      #expect(event["device_id"]?.stringValue?.hasPrefix("Linux - SGX ") == true)
    }
  }

  @Test(.enabled(if: isBuilt, "the example hosts are not built"))
  func `Evidently's host writes to Jitsu what its own service wrote, field by field`() throws {
    let (requests, _) = try Self.run(Self.hosts[3], format: "jitsu")
    var events: [JSONValue] = []
    for request in requests {
      let target = String(decoding: request.bytes, as: UTF8.self).split(separator: " ").dropFirst().first
      #expect(target?.hasPrefix("/api/v1/s2s/event?ip_policy=strict&token=") == true)
      #expect(
        String(decoding: request.bytes, as: UTF8.self).lowercased().contains("content-type: application/json")
      )
      events += try #require(JSONValue(parsing: request.body).arrayValue)
    }
    var checked: Set<String> = []
    for fixture in ["evidently-0.4.2-list_reports", "evidently-0.4.30-get_snapshot_data"] {
      let real = try Self.body(of: fixture)
      let alike = events.filter { $0["action"] == real["action"] }
      for event in alike {
        // The event's identifier and time, which Jitsu itself would add; and a Swift program's language has
        // a version of two parts.
        let own: Set<String> = [
          "eventn_ctx_event_id text", "_timestamp text", "python_version.patch number",
        ]
        #expect(Self.shape(event).subtracting(own) == Self.shape(real).subtracting(own))
        let parts = event["python_version"]?.objectValue ?? [:]
        #expect(parts["major"] != nil && parts["minor"] != nil)
        checked.insert(event["action"]?.stringValue ?? "")
      }
    }
    #expect(checked == ["list_reports", "get_snapshot_data"])
    // An action without properties says so with an empty object.
    #expect(events.first { $0["action"] == "startup" }?["extra"] == [:])
  }

  // MARK: Running

  /// Runs a host against a collector; returns its requests and what the collector then exports.
  private static func run(_ host: Host, format: String) throws -> (
    requests: [SDKProxy.Request], lines: [JSONValue]
  ) {
    let collector = try BuiltCollector()
    collector.catalogs = collector.folder + "/catalog.yaml"
    try Files.write(
      Files.text("\(BuiltCollector.catalogs)/\(host.app).yaml") + host.accepts, to: collector.catalogs)
    try collector.start()
    let key = try collector.key(for: host.app)
    let home = collector.folder + "/home"
    mkdir(home, 0o700)
    let proxy = try SDKProxy(before: collector, faults: [:])
    defer { proxy.stop() }
    let outcome = try HostProcess(
      program: "\(examples)/\(host.program)",
      arguments: ["--actions", "60", "--seed", "5", "--version", "9.8.7"],
      environment: [
        "PATH": "/usr/bin:/bin", "HOME": home, "AVOW_URL": "http://127.0.0.1:\(proxy.port)", "AVOW_KEY": key,
        "AVOW_FORMAT": format,
      ]
    ).run(timeout: .seconds(60))
    #expect(outcome.status == 0, "\(BuiltCollector.errors(outcome))")
    #expect(Set(proxy.record.statuses.keys) == [200])
    let lines = try proxy.withCollector { try $0.export(host.app) }
    let last = try #require(outcome.output.split(separator: UInt8(ascii: "\n")).last)
    let recorded = try JSONValue(parsing: last)["recorded"]?.objectValue ?? [:]
    var stored: [String: JSONValue] = [:]
    for line in lines {
      let name = try #require(line["event"]?.stringValue)
      stored[name] = .integer((stored[name]?.integerValue ?? 0) + 1)
    }
    #expect(stored == recorded)
    return (proxy.record.passed, lines)
  }

  /// A row without what differs from run to run: names, times, and what was measured.
  private static func comparable(_ line: JSONValue) -> JSONValue {
    func masked(_ value: JSONValue) -> JSONValue {
      switch value {
      case .array(let items): return .array(items.map(masked))
      case .object(let members):
        return .object(
          Dictionary(
            uniqueKeysWithValues: members.map { key, value in
              (key, ["time_taken", "latency", "uptime"].contains(key) ? "measured" : masked(value))
            }))
      default: return value
      }
    }
    return [
      "event": line["event"] ?? .null, "properties": masked(line["properties"] ?? .null),
      "context": masked(line["context"] ?? .null), "has_user": .boolean(line["user"]?.stringValue != nil),
    ]
  }

  // MARK: Shapes

  /// The JSON body of a recorded request of a real client.
  private static func body(of fixture: String) throws -> JSONValue {
    let bytes = Files.bytes("\(fixtures)/\(fixture).http")
    let end = try #require(bytes.indices.dropLast().first { bytes[$0] == 10 && bytes[$0 + 1] == 10 })
    return try JSONValue(parsing: bytes[(end + 2)...])
  }

  /// Each path with the kind of its value. A member that is null says nothing, as if it were not there.
  private static func shape(_ value: JSONValue, at path: String = "") -> Set<String> {
    switch value {
    case .null: []
    case .boolean: ["\(path) flag"]
    case .integer, .number: ["\(path) number"]
    case .string: ["\(path) text"]
    case .array(let items): items.reduce(into: ["\(path) list"]) { $0.formUnion(shape($1, at: path + "[]")) }
    case .object(let members):
      members.reduce(into: path.isEmpty || path.hasSuffix("[]") ? [] : ["\(path) object"]) {
        $0.formUnion(shape($1.value, at: path.isEmpty ? $1.key : path + "." + $1.key))
      }
    }
  }
}

import Avow

/// A declared catalog as `avow generate swift` writes one; made by hand, for the tests.
enum Workshop: DeclaredCatalog {
  static let catalog = Catalog(
    app: "workshop", name: "Workshop", version: 3,
    consent: .init(
      default: .enabled, optOut: [.init(name: "WORKSHOP_NO_TELEMETRY", meaning: .truthy)],
      enabledNotice: "Workshop reports.", disabledNotice: "Workshop is silent."),
    delivery: .init(everyMilliseconds: 2_000, to: "http://127.0.0.1:9", key: "wk_test"),
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field("os_name", .text(.oneOf(StandardField.operatingSystems)), source: .osName),
      Field("uptime", .integer(.init(min: 0)), unit: "s", source: .uptime),
      Field("edition", .text(.oneOf(["oss", "cloud"]))),
    ],
    events: [
      EventDeclaration(
        "list_reports", properties: [Field("reports_count", .integer(.init(min: 0, max: 1000)))]),
      EventDeclaration(
        "optimize",
        properties: [
          Field("model_size", .integer(.init(min: 0))),
          Field("mode", .text(.oneOf(["fast", "small"]))),
          Field("ratio", .number(.init(min: 0, max: 1))),
          Field("is_remote", .boolean),
          Field("model", .text(.pattern("[a-z]{1,8}"))),
          Field("framework", .version(.minor)),
          Field("passes", .list(of: .text(.oneOf(["fold", "prune"])), maxItems: 2)),
          Field(
            "results",
            .records([Field("technique", .text(.pattern("[a-z_]{1,64}"))), Field("latency", .number())])),
        ]),
      EventDeclaration("old", expires: .version("1.0.0")),
      EventDeclaration("requests", properties: [Field("count", .integer(.init(min: 0)))]),
      EventDeclaration("cache_hits", properties: [Field("count", .integer())]),
      EventDeclaration(
        "render",
        properties: [
          Field("durations", .list(of: .number(.init(min: 0)), maxItems: 8), unit: "ms"),
          Field("count", .integer(.init(min: 0))),
        ]),
      EventDeclaration(
        "start_up",
        properties: [
          Field("count", .integer()),
          Field("took", .list(of: .number(.init(bucket: [0, 0.1, 1, 10]))), unit: "s"),
        ]),
    ])
  static let digest = catalog.digest

  struct Context: DeclaredContext {
    enum Edition: Int, Sendable { case oss, cloud }
    var edition: Edition?

    init() {}
    init(edition: Edition) { self.edition = edition }

    func encode(into encoder: inout EventEncoder) {
      if let edition { encoder.choice(edition.rawValue, field: 3) }
    }
  }

  enum Counter: Int, DeclaredCounter {
    case requests, cacheHits
    var slot: Int { rawValue }
  }

  enum Timing: Int, DeclaredTiming {
    case render, startUp
    var slot: Int { rawValue }
  }

  enum Event: DeclaredEvent {
    enum Mode: Int, Sendable { case fast, small }
    enum Pass: Int, Sendable { case fold, prune }
    struct Result: Sendable {
      var technique: String
      var latency: Double?
    }

    case listReports(reportsCount: Int? = nil)
    case optimize(
      modelSize: Int? = nil, mode: Mode? = nil, ratio: Double? = nil, isRemote: Bool? = nil,
      model: String? = nil, framework: String? = nil, passes: [Pass]? = nil, results: [Result]? = nil)
    case old
    case requests(count: Int? = nil)

    func encode(into encoder: inout EventEncoder) {
      switch self {
      case .listReports(let reportsCount):
        encoder.begin(event: 0)
        if let reportsCount { encoder.integer(reportsCount, field: 0, in: 0...1000) }
      case .optimize(
        let modelSize, let mode, let ratio, let isRemote, let model, let framework, let passes, let results):
        encoder.begin(event: 1)
        if let modelSize { encoder.integer(modelSize, field: 0, in: 0...1_099_511_627_776) }
        if let mode { encoder.choice(mode.rawValue, field: 1) }
        if let ratio { encoder.number(ratio, field: 2, in: 0...1) }
        if let isRemote { encoder.boolean(isRemote, field: 3) }
        if let model { encoder.text(model, field: 4, maxLength: 8) }
        if let framework { encoder.version(framework, field: 5, precision: .minor) }
        if let passes {
          let count = encoder.beginList(field: 6, count: passes.count, maxItems: 2)
          for pass in passes.prefix(count) { encoder.choice(pass.rawValue, field: 0) }
          encoder.endList()
        }
        if let results {
          let count = encoder.beginRecords(field: 7, count: results.count, maxItems: 64)
          for result in results.prefix(count) {
            encoder.beginRow()
            encoder.text(result.technique, field: 0, maxLength: 64)
            if let latency = result.latency {
              encoder.number(latency, field: 1, in: -Double.infinity...Double.infinity)
            }
            encoder.endRow()
          }
          encoder.endRecords()
        }
      case .old: encoder.begin(event: 2)
      case .requests(let count):
        encoder.begin(event: 3)
        if let count { encoder.integer(count, field: 0, in: 0...1_099_511_627_776) }
      }
    }
  }
}

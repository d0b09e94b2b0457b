import AvowWire

/// A catalog that says every key of the grammar, with the value it must become.
enum WholeCatalog {
  static let yaml = """
    avow: 1
    app: whole
    name: Whole
    version: 7
    since: 0.3.1
    contact: privacy@example.org
    purpose: To know what is used.
    please: It helps.
    questions: ["Who uses it?", "How often?"]
    source: [https://example.org/a, https://example.org/b]
    recipient: {name: Example, url: "https://example.org", country: DE}
    deletion: Write to us.
    scope: All of it.
    consent:
      default: ask
      opt_out: {WHOLE_OFF: truthy, OTHER_OFF: set}
      ci: enabled
      notice: {enabled: It reports., disabled: It does not.}
    identity: {user: process, rotate: week, session: none}
    delivery: {every: 10min, to: "https://collector.example.org", key: wk_whole, format: segment}
    retention: 2 years
    never: [identity, email, ip_address, mac_address, url, file_path, secret, user_content, Your work.]
    reporting_zone: Europe/Paris
    context:
      app_version: {why: v}
      os_name: {why: v}
      os_version: {why: v}
      os_release: {why: v}
      architecture: {why: v}
      processor: {why: v}
      cores: {why: v}
      memory: {why: v}
      ci_vendor: {why: v}
      uptime: {why: v}
      language: {why: v}
      python: {source: runtime_version, precision: minor, description: Python., why: v, wire: python-version}
      net: {source: network, why: v}
      edition: {type: text, one_of: [oss, cloud, other], why: v, since: 0.4.1, sensitivity: low}
    events:
      run:
        description: It ran.
        why: To count.
        status: dormant
        note: Soon.
        expires: 2031-12-31
        since: 0.5.1
        retention: 30 days
        properties:
          done: boolean
          size: {type: integer, min: 0, max: 1000, bucket: [0, 10, 100], unit: bytes, description: How large.}
          ratio: {type: number, min: -0.5, max: 1.5, bucket: [-0.5, 0.5]}
          level: {type: text, pattern: "[a-z]{1,8}", why: To compare., safe: A word of ours.}
          parts: {type: list, of: {type: integer, min: 0, max: 9}, max_items: 5}
          dependency: {type: version, precision: major}
          steps:
            type: records
            max_items: 8
            fields:
              kind: {type: text, one_of: [a, b]}
              latency: {type: number, unit: s}
      stop: {why: To count., expires: "9.5"}
      idle: {why: To count., expires: never}
    public: [users by week]
    accepts:
      - format: json
        path: /whole
        items: batch.events
        events: {old.run: run, "*.stop": stop}
        flatten: [extra, more.*]
        fields: {size: [length, {from: total, unit: kB}], steps: {from: rows.<kind>, fields: {latency: .}}}
        null_values: [(unset), "-1"]
        drop: {events: [gone], fields: [secret_thing]}
      - format: [amplitude, segment, posthog, jitsu, otlp]
    """

  /// A variant with what excludes something above: free text, and the notice's absence.
  static let free = """
    avow: 1
    app: free
    name: Free
    version: 1
    contact: privacy@example.org
    purpose: To know what is used.
    recipient: Somebody
    events:
      said: {why: To read., expires: never, properties: {words: {type: text, free: Nobody knows., max_length: 80}}}
    """

  static let catalog = Catalog(
    app: "whole", name: "Whole", version: 7, since: "0.3.1", contact: "privacy@example.org",
    purpose: "To know what is used.", please: "It helps.", questions: ["Who uses it?", "How often?"],
    source: ["https://example.org/a", "https://example.org/b"],
    recipient: .init(name: "Example", url: "https://example.org", country: "DE"), deletion: "Write to us.",
    scope: "All of it.",
    consent: .init(
      default: .ask,
      optOut: [.init(name: "WHOLE_OFF", meaning: .truthy), .init(name: "OTHER_OFF", meaning: .set)],
      reportsInCI: true, enabledNotice: "It reports.", disabledNotice: "It does not."),
    identity: .init(user: .process, rotate: .week, session: .none),
    delivery: .init(
      everyMilliseconds: 600_000, to: "https://collector.example.org", key: "wk_whole", format: .segment),
    retention: .years(2), never: SensitiveClass.allCases.map { .kind($0) } + [.sentence("Your work.")],
    reportingZone: "Europe/Paris", context: context,
    events: [
      EventDeclaration(
        "run", description: "It ran.", why: "To count.", status: .dormant, note: "Soon.",
        expires: .date("2031-12-31"), since: "0.5.1", retention: .days(30), properties: properties),
      EventDeclaration("stop", why: "To count.", expires: .version("9.5")),
      EventDeclaration("idle", why: "To count.", expires: .never),
    ],
    published: [.init(text: "users by week")],
    accepts: [
      Acceptance(
        formats: [.json], paths: ["/whole"], items: "batch.events",
        events: .mapped([.init("old.run", "run"), .init("*.stop", "stop")]), flatten: ["extra", "more.*"],
        fields: [
          .init("size", [.init("length"), .init("total", unit: "kB")]),
          .init("steps", [.init("rows.<kind>", fields: [.init("latency", [.init(".")])])]),
        ],
        nullValues: ["(unset)", "-1"], dropEvents: ["gone"], dropFields: ["secret_thing"]),
      Acceptance(formats: [.amplitude, .segment, .posthog, .jitsu, .otlp]),
    ])

  private static var context: [Field] {
    let standard: [StandardField] = [
      .appVersion, .osName, .osVersion, .osRelease, .architecture, .processor, .cores, .memory, .ciVendor,
      .uptime,
      .language,
    ]
    let own = standard.map {
      Field($0.rawValue, $0.type, description: $0.description, why: "v", unit: $0.unit, source: $0)
    }
    return own + [
      Field(
        "python", .version(.minor), description: "Python.", why: "v", source: .runtimeVersion,
        wire: "python-version"),
      Field(
        "net", StandardField.network.type, description: StandardField.network.description, why: "v",
        source: .network),
      Field(
        "edition", .text(.oneOf(["oss", "cloud", "other"])), why: "v", since: "0.4.1", sensitivity: "low"),
    ]
  }

  private static let properties: [Field] = [
    Field("done", .boolean, why: "To count."),
    Field(
      "size", .integer(NumberRule(min: 0, max: 1000, bucket: [0, 10, 100])), description: "How large.",
      why: "To count.", unit: "bytes"),
    Field("ratio", .number(NumberRule(min: -0.5, max: 1.5, bucket: [-0.5, 0.5])), why: "To count."),
    Field("level", .text(.pattern("[a-z]{1,8}")), why: "To compare.", safe: "A word of ours."),
    Field("parts", .list(of: .integer(NumberRule(min: 0, max: 9)), maxItems: 5), why: "To count."),
    Field("dependency", .version(.major), why: "To count."),
    Field(
      "steps",
      .records(
        [Field("kind", .text(.oneOf(["a", "b"]))), Field("latency", .number(), unit: "s")], maxItems: 8),
      why: "To count."),
  ]
}

import AvowCatalog
import AvowWire
import Testing

/// A small catalog that is right, to change one thing at a time.
let smallCatalog = """
  avow: 1
  app: tool
  name: Tool
  version: 2
  contact: privacy@example.org
  purpose: To see what is used.
  consent:
    opt_out: {TOOL_OFF: truthy}
    ci: enabled
    notice: {enabled: "on it is", disabled: "off it is"}
  delivery: {every: 2s, to: https://telemetry.example.org, key: wk_tool}
  retention: 13 months
  never: [ip_address, Anything you write.]
  context:
    app_version: {why: Which releases are in use.}
    python_version: {source: runtime_version, precision: minor, why: Which runtimes to support.}
    edition: {type: text, one_of: [oss, cloud], why: Which edition is used.}
  events:
    started:
      description: The tool started.
      why: To count users.
      expires: never
    ran:
      why: To see what is slow.
      expires: 2031-01-01
      properties:
        count: {type: integer, min: 0, bucket: [0, 1, 10], unit: items}
        dependency: version
        steps:
          type: records
          max_items: 8
          fields:
            technique: {type: text, pattern: "[a-z_]{1,32}", why: To compare techniques.}
            latency: {type: number, unit: s, min: 0}
  """

private func read(_ text: String) -> CatalogReading { CatalogFile.read(text, file: "t.yaml") }

private func changed(_ old: String, _ new: String) -> CatalogReading {
  precondition(smallCatalog.contains(old))
  return read(smallCatalog.replacing(old, with: new))
}

struct ReadingTests {
  @Test func `a catalog becomes the value it describes`() throws {
    let reading = read(smallCatalog)
    #expect(reading.diagnostics.map(\.description) == [])
    let catalog = try #require(reading.catalog)
    #expect(catalog.app == "tool")
    #expect(catalog.version == 2)
    #expect(catalog.consent.optOut == [.init(name: "TOOL_OFF", meaning: .truthy)])
    #expect(catalog.consent.reportsInCI)
    #expect(catalog.delivery.everyMilliseconds == 2000)
    #expect(catalog.never == [.kind(.ipAddress), .sentence("Anything you write.")])
    #expect(catalog.context.map(\.source) == [.appVersion, .runtimeVersion, nil])
    #expect(catalog.context[1].type == .version(.minor))
    #expect(catalog.context[0].description == StandardField.appVersion.description)
    let ran = try #require(catalog.event(named: "ran"))
    #expect(ran.expires == .date("2031-01-01"))
    #expect(ran.properties[0].type == .integer(NumberRule(min: 0, bucket: [0, 1, 10])))
    #expect(ran.properties[1].why == "To see what is slow.")
    guard case .records(let columns, maxItems: 8) = ran.properties[2].type else {
      Issue.record("steps is no list of records")
      return
    }
    #expect(columns.map(\.name) == ["technique", "latency"])
    #expect(columns[1].unit == "s")
  }

  @Test func `scalars keep their text whatever YAML would make of them`() throws {
    let reading = changed("version: 2", "version: 2\nsince: 0.10")
    #expect(reading.catalog?.since == "0.10")
    let values = changed("one_of: [oss, cloud]", "one_of: [on, 0x10, 2027-01-01, 1.0, null]")
    #expect(values.catalog == nil)
    let quoted = changed("one_of: [oss, cloud]", "one_of: [on, 0x10, 2027-01-01, 1.0, 'null']")
    let type = quoted.catalog?.context[2].type
    #expect(type == .text(.oneOf(["on", "0x10", "2027-01-01", "1.0", "null"])))
  }

  @Test(arguments: [
    ("name: Tool", "nmae: Tool", 3, 1, "A011", "name"),
    ("ci: enabled", "ci: on", 9, 7, "A014", "enabled"),
    ("app: tool", "app: My Tool", 2, 6, "A015", "a-z"),
    ("TOOL_OFF: truthy", "TOOL_OFF: thruthy", 8, 23, "A014", "truthy"),
    ("2s", "soon", 11, 19, "A025", "500ms"),
    ("13 months", "13 moons", 12, 12, "A025", "13 months"),
    ("ip_address,", "ip_adress,", 13, 9, "A020", "ip_address"),
    ("source: runtime_version", "source: runtime", 16, 28, "A014", "runtime_version"),
    ("type: text, one_of", "type: string, one_of", 17, 19, "A014", "text"),
    ("one_of: [oss, cloud],", "max_length: 20,", 17, 12, "A018", "free"),
    ("expires: 2031-01-01", "expires: 2031-13-01", 25, 14, "A026", "date"),
    ("min: 0, bucket", "min: many, bucket", 27, 35, "A017", ""),
    ("bucket: [0, 1, 10]", "bucket: [0, 10, 1]", 27, 38, "A029", "ascending"),
    ("count: {", "Count-Total: {", 27, 7, "A015", "count_total"),
    ("[a-z_]{1,32}", "[a-z_]+", 33, 44, "A019", "{0,64}"),
    ("min: 0}", "pattern: x}", 34, 44, "A013", "min"),
    ("dependency: version", "dependency: text", 28, 19, "A018", "one_of"),
    ("dependency: version", "user: version", 28, 7, "A015", "another"),
    ("avow: 1", "avow: 2", 1, 7, "A010", "update"),
  ])
  func `a slip is reported where it stands and says how to mend it`(
    old: String, new: String, line: Int, column: Int, code: String, hint: String
  ) throws {
    let reading = changed(old, new)
    #expect(reading.catalog == nil)
    let found = reading.errors.first { $0.code == code }
    let diagnostic = try #require(found, "\(reading.diagnostics)")
    #expect(diagnostic.line == line, "\(diagnostic)")
    #expect(diagnostic.column == column, "\(diagnostic)")
    #expect((diagnostic.hint ?? "").contains(hint), "\(diagnostic)")
    #expect(!diagnostic.description.contains("\n"))
  }

  @Test func `all slips are reported in one run`() {
    var text = smallCatalog
    for (old, new) in [
      ("name: Tool", "nmae: Tool"), ("13 months", "long"), ("why: To count users.", "wyh: To count users."),
      ("dependency: version", "dependency: versoin"), ("max_items: 8", "max_items: 0"),
    ] {
      text = text.replacing(old, with: new)
    }
    #expect(Set(read(text).errors.map(\.line)) == [1, 3, 12, 21, 28, 31])
  }

  @Test func `a key that stands twice is reported with everything else`() throws {
    let reading = changed("version: 2", "version: 2\nversion: 3\nnmae: x\nname: Tool")
    let codes = reading.errors.map(\.code)
    #expect(codes.filter { $0 == "A007" }.count == 2)
    #expect(codes.contains("A011"))
    let twice = try #require(reading.errors.first { $0.code == "A007" })
    #expect(
      twice.description
        == "t.yaml:5:1: error A007: the key \"version\" stands twice (the first is in line 4; remove one)")
  }

  @Test(arguments: [
    ("a: [1, 2", "A003", 1), ("a:\n\tb: 1", "A005", 2), ("", "A008", 1), ("# nothing\n", "A008", 1),
    ("a: 1\n---\nb: 2", "A003", 2), ("events:\n  *.start: x", "A004", 2), ("events: {x: *y}", "A004", 1),
    ("- 1", "A013", 1), ("text", "A013", 1), ("a: \u{1}", "A002", 1), ("a: b: c", "A003", 1),
  ])
  func `what is not a YAML mapping is one clear error`(text: String, code: String, line: Int) {
    let reading = read(text)
    #expect(reading.catalog == nil)
    #expect(reading.errors.contains { $0.code == code && $0.line == line }, "\(reading.diagnostics)")
  }

  @Test func `bytes that are not UTF-8 are an error in their line`() {
    let reading = CatalogFile.read(bytes: Array("avow: 1\nname: ".utf8) + [0xFF, 0x0A], file: "t.yaml")
    #expect(reading.errors.map(\.code) == ["A002"])
    #expect(reading.errors.first?.line == 2)
  }

  @Test func `a file beyond one mebibyte is refused unread`() {
    #expect(read(String(repeating: "#", count: 1 << 20 + 1)).errors.map(\.code) == ["A001"])
  }

  @Test(.timeLimit(.minutes(1))) func `alias bombs and deep nesting are refused in bounded time`() {
    var bomb = "a0: &a0 [x, x]\n"
    for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
    #expect(read(bomb).errors.map(\.code) == ["A006"])
    #expect(read(bomb + "? *a40\n: 1\n").errors.map(\.code) == ["A006"])
    #expect(read(bomb + "*a40 : 1\n").errors.map(\.code) == ["A006"])
    #expect(read(bomb + "? [*a40]\n: 1\n").errors.map(\.code) == ["A006"])
    #expect(read(bomb + "{[*a40]: 1}\n").catalog == nil)
    #expect(read("a: " + String(repeating: "[", count: 500_000)).catalog == nil)
    #expect(
      read("a: " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).errors.map(\.code)
        == ["A006"])
  }
}

struct AcceptanceReadingTests {
  private func accepts(_ entry: String) -> CatalogReading {
    read(smallCatalog + "\naccepts:\n" + entry)
  }

  @Test func `an entry becomes data`() throws {
    let reading = accepts(
      """
        - format: [json]
          path: [/v1/a, /v1/b]
          items: list
          events: {Flow.start: started, "*.start": ran}
          flatten: [one, two]
          fields:
            user: uid
            count: [n, {from: total, unit: items}]
            steps: [{from: latency.<technique>, fields: {latency: .}}]
          null_values: [Unknown, -1]
          drop: {events: [x], fields: [y, z]}
      """)
    #expect(reading.errors.map(\.description) == [])
    #expect(reading.warnings.map(\.code) == ["A102"])
    let entry = try #require(reading.catalog?.accepts.first)
    #expect(
      entry
        == Acceptance(
          formats: [.json], paths: ["/v1/a", "/v1/b"], items: "list",
          events: .mapped([.init("Flow.start", "started"), .init("*.start", "ran")]),
          flatten: ["one", "two"],
          fields: [
            .init("user", [.init("uid")]), .init("count", [.init("n"), .init("total", unit: "items")]),
            .init("steps", [.init("latency.<technique>", fields: [.init("latency", [.init(".")])])]),
          ], nullValues: ["Unknown", "-1"], dropEvents: ["x"], dropFields: ["y", "z"]))
  }

  @Test(arguments: [
    ("- {format: json}", "A028", "address"),
    ("- {path: /}", "A012", "amplitude"),
    ("- {format: amplitud}", "A014", "amplitude"),
    ("- {format: jitsu, events: startd}", "A021", "started"),
    ("- {format: jitsu, events: {a: rann}}", "A021", "ran"),
    ("- {format: jitsu, fields: {cuont: a}}", "A022", "count"),
    ("- {format: jitsu, fields: {count: a.<x>}}", "A022", "records"),
    ("- {format: jitsu, fields: {steps: a.<technik>}}", "A022", "technique"),
    ("- {format: jitsu, fields: {app_version: {from: v, fields: {majr: m}}}}", "A022", "major"),
    ("- {format: jitsu, items: x}", "A028", "formats"),
    ("- {format: jitsu, path: v1}", "A028", "/"),
    ("- {format: jitsu, path: /a}\n- {format: segment, path: /a/}", "A028", "line"),
    ("- {format: jitsu, drop: {event: [a]}}", "A011", "events"),
    ("- {format: jitsu, fields: {count: a..b}}", "A028", "dots"),
  ])
  func `a slip in accepts is reported`(entry: String, code: String, hint: String) throws {
    let reading = accepts(entry)
    let found = try #require(reading.errors.first { $0.code == code }, "\(reading.diagnostics)")
    #expect((found.hint ?? "").contains(hint), "\(found)")
  }
}

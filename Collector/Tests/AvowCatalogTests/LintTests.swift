import AvowCatalog
import AvowWire
import Testing

private func read(_ text: String) -> CatalogReading { CatalogFile.read(text, file: "t.yaml") }

private func changed(_ old: String, _ new: String) -> CatalogReading {
  precondition(smallCatalog.contains(old))
  return read(smallCatalog.replacing(old, with: new))
}

struct LintTests {
  @Test(arguments: [
    ("why: To count users.", "status: active", "A101"),
    ("expires: never", "status: active", "A103"),
    ("13 months", "3 years", "A106"),
    ("to: https:", "to: http:", "A107"),
    ("contact: privacy@example.org", "since: 0.1", "A108"),
    ("why: Which releases are in use.", "sensitivity: low", "A101"),
  ])
  func `what could be better is a warning and the catalog stands`(old: String, new: String, code: String) {
    let reading = changed(old, new)
    #expect(reading.catalog != nil)
    #expect(reading.warnings.map(\.code) == [code], "\(reading.diagnostics)")
  }

  @Test func `free text is a warning, and an error where identity is promised away`() {
    let free = changed("dependency: version", "dependency: {type: text, free: Nobody knows them.}")
    #expect(free.warnings.map(\.code) == ["A104"])
    let text = smallCatalog.replacing(
      "dependency: version", with: "dependency: {type: text, free: Nobody knows them.}"
    )
    .replacing("[ip_address,", with: "[user_content,")
    #expect(read(text).errors.map(\.code) == ["A027"])
  }

  @Test func `a name that sounds personal needs a reason where identity is promised away`() {
    let text = smallCatalog.replacing("[ip_address,", with: "[identity,")
    #expect(
      read(text.replacing("dependency: version", with: "host_kind: version")).warnings.map(\.code) == ["A105"]
    )
    #expect(
      read(
        text.replacing(
          "dependency: version", with: "host_kind: {type: version, safe: It is a release number.}")
      )
      .warnings.isEmpty)
  }

  /// Changes the property `dependency` and returns the codes that come of it.
  private func codes(_ property: String, never: String = "[ip_address,") -> [String] {
    let text = smallCatalog.replacing("dependency: version", with: property)
      .replacing("[ip_address,", with: never)
    let reading = read(text)
    #expect(reading.errors.map(\.description) == [])
    return reading.warnings.map(\.code)
  }

  @Test(arguments: [
    // A number that could be coarsened.
    ("files: {type: integer, min: 0}", ["A110"]), ("files: integer", ["A110"]),
    ("ratio: {type: number, min: 0, max: 1}", ["A110"]),
    ("sizes: {type: list, of: integer}", ["A110"]),
    ("files: {type: integer, min: 0, max: 100}", []), ("files: {type: integer, bucket: [0, 9]}", []),
    ("files: {type: integer, safe: A count.}", []), ("waited: {type: number, unit: s}", []),
    // A name that contains its unit.
    ("latency_ms: {type: number, unit: ms}", ["A111"]),
    ("size_bytes: {type: integer, bucket: [0, 9]}", ["A111"]),
    ("total_seconds: {type: number, unit: s, safe: x}", ["A111"]),
    ("seconds: {type: number, unit: s}", []), ("has_bytes: boolean", []),
    // What looks like an address of any kind, by name.
    ("mail: {type: text, pattern: x}", ["A112"]), ("site_url: {type: text, pattern: x}", ["A112"]),
    ("config_path: {type: text, pattern: x}", ["A112"]),
    ("names: {type: list, of: {type: text, pattern: x}}", []),
    ("files: {type: list, of: {type: text, pattern: x}}", []), ("file: {type: text, pattern: x}", ["A112"]),
    ("peer_address: {type: text, pattern: x}", ["A109"]), ("mac: {type: text, pattern: x}", ["A112"]),
    ("api_token: {type: text, pattern: x}", ["A112"]), ("file: {type: text, pattern: x, safe: No file.}", []),
    ("path_kind: {type: text, one_of: [a, b]}", []), ("path_found: boolean", []),
    // By what its pattern lets through.
    ("who: {type: text, pattern: '[a-z.@]{1,40}'}", ["A112"]),
    ("what: {type: text, pattern: '[a-z:/.]{1,40}'}", ["A112"]),
    ("what: {type: text, pattern: '[a-z/]{1,40}'}", ["A112"]),
    (#"what: {type: text, pattern: '[A-Za-z:\\\\]{1,40}'}"#, ["A112"]),
    ("what: {type: text, pattern: '[0-9a-f:]{17}'}", ["A112"]),
    ("what: {type: text, pattern: '[a-z0-9_.-]{1,40}'}", []),
    ("who: {type: text, pattern: '[a-z.@]{1,40}', safe: Never a person.}", []),
  ])
  func `what a field's name, type or pattern betrays is a warning`(property: String, expected: [String]) {
    #expect(codes(property) == expected, "\(property)")
  }

  @Test(arguments: [
    ("ip_address: {type: text, pattern: x}", "[ip_address,", ["A109"]),
    ("peer_ip: {type: text, pattern: x}", "[ip_address,", ["A109"]),
    ("email: boolean", "[email,", ["A109"]), ("log_path: {type: text, pattern: x}", "[file_path,", ["A109"]),
    ("log_path: {type: text, pattern: x, safe: Ours.}", "[file_path,", []),
    ("user_kind: {type: text, one_of: [a]}", "[identity,", ["A105"]),
    ("prompt_count: {type: integer, bucket: [0]}", "[user_content,", ["A105"]),
  ])
  func `a field that contradicts a promise is a warning`(property: String, never: String, expected: [String])
  {
    #expect(codes(property, never: never) == expected, "\(property)")
  }

  @Test func `a set of more than sixty-four values is a warning`() {
    func set(_ count: Int) -> String {
      "kind: {type: text, one_of: [\((0..<count).map { "v\($0)" }.joined(separator: ", "))]}"
    }
    #expect(codes(set(64)) == [])
    #expect(codes(set(65)) == ["A113"])
  }

  @Test(arguments: [
    ("started", "start_ed", true), ("list_report", "list_reports", true),
    ("listreports", "list_reports", true),
    ("download", "dowload", true), ("upload_model", "upload_modle", true), ("started", "stopped", false),
    ("size_1", "size_2", false), ("request_1", "request_2", false), ("os_version", "os_release", false),
    ("get_snapshot_data", "get_snapshot_graph_data", false), ("run", "ran", false),
  ])
  func `names that are nearly the same are a warning`(first: String, second: String, isAlike: Bool) {
    let head = "avow: 1\napp: t\nname: T\nversion: 1\npurpose: p\ncontact: c\n"
    let event = "{why: w, expires: never"
    let expected = isAlike ? ["A114"] : []
    #expect(
      read(head + "events: {\(first): \(event)}, \(second): \(event)}}\n").diagnostics.map(\.code) == expected
    )
    let fields = "{\(first): boolean, \(second): boolean}"
    #expect(
      read(head + "events: {e: \(event), properties: \(fields)}}\n").diagnostics.map(\.code) == expected)
    let rows = "{rows: {type: records, fields: \(fields)}}"
    #expect(read(head + "events: {e: \(event), properties: \(rows)}}\n").diagnostics.map(\.code) == expected)
  }

  @Test func `a property with the name of a context field is a warning`() {
    #expect(codes("edition: version") == ["A114"])
  }

  @Test func `an event keeps its own retention to two years as well`() {
    #expect(
      changed("expires: never", "expires: never\n    retention: 30 months").warnings.map(\.code) == ["A106"])
  }

  @Test(arguments: [
    ("expires: 2031-01-01", "2030-12-31", []), ("expires: 2031-01-01", "2031-01-01", ["A116"]),
    ("expires: '2.0'", "2031-01-01", []),
    ("expires: '2.0'\n    since: 1.9.9", "2031-01-01", []),
    ("expires: '2.0'\n    since: 2.0.1", "2031-01-01", ["A116"]),
    ("expires: '2.0'\n    since: 10.1.1", "2031-01-01", ["A116"]),
  ])
  func `an event that nobody can send is a warning`(expiry: String, today: String, expected: [String]) {
    let text = smallCatalog.replacing("expires: 2031-01-01", with: expiry)
    let reading = CatalogFile.read(text, file: "t.yaml", today: CivilDate(today))
    #expect(reading.warnings.map(\.code) == expected, "\(reading.diagnostics)")
  }

  @Test(arguments: [
    ("on", true), ("Off", true), ("YES", true), ("true", true), ("0.10", true), ("1.0", true), ("1e3", true),
    ("0x10", true), ("010", true), ("1_000", true), ("12:30", true), ("+5", true), (".inf", true),
    ("oN", false), ("0.1", false), ("10", false), ("-1", false), ("2027-01-01", false), ("0.4.0", false),
    ("1.2.3", false), ("x", false), ("3rd", false), ("'on'", false), ("\"0.10\"", false),
  ])
  func `a text that YAML would read as something else is a warning until quoted`(text: String, warns: Bool) {
    #expect(changed("[oss, cloud]", "[oss, \(text)]").warnings.map(\.code) == (warns ? ["A117"] : []))
    #expect(
      changed("name: Tool", "name: \(text)").warnings.map(\.code) == (warns ? ["A117"] : []), "\(text)")
  }

  @Test func `a key that YAML would read as something else is a warning too`() {
    #expect(changed("  started:", "  off:").warnings.map(\.code) == ["A117"])
    #expect(changed("  started:", "  'off':").warnings.map(\.code) == [])
  }

  @Test(arguments: [
    ("{format: jitsu, events: ran, fields: {count: n}}", []),
    ("{format: jitsu, events: started, fields: {count: n}}", ["A115"]),
    ("{format: jitsu, fields: {count: []}}", ["A115"]),
    ("{format: jitsu, events: {'*': ran, '*.start': started}}", ["A115"]),
    ("{format: jitsu, events: {'*.start': started, '*': ran}}", []),
    ("{format: jitsu, events: {'a*b': started, 'a?c*b': ran}}", ["A115"]),
    ("{format: jitsu, events: {old: ran}, drop: {events: [old]}}", ["A115"]),
  ])
  func `a line of accepts that does nothing is a warning`(entry: String, expected: [String]) {
    let reading = read(smallCatalog + "\naccepts:\n  - \(entry)")
    #expect(reading.errors.map(\.description) == [])
    #expect(reading.warnings.map(\.code) == expected, "\(reading.diagnostics)")
  }

  @Test func `a mapping onto the network is a warning`() {
    let text = smallCatalog.replacing("  app_version: {", with: "  network: {why: w}\n  app_version: {")
    #expect(
      read(text + "\naccepts: [{format: jitsu, fields: {network: ip}}]").warnings.map(\.code) == ["A115"])
  }

  @Test func `an unquoted glob is an error that says what to do`() throws {
    let reading = read(smallCatalog + "\naccepts: [{format: jitsu, events: {*.start: ran}}]")
    #expect(reading.errors.map(\.code) == ["A004"])
    #expect(reading.errors.first?.hint == "put a glob in quotes: \"*.start\"")
  }
}

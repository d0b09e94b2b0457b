import AvowWire

/// SplitMix64: the same seed gives the same catalog everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Makes valid catalogs that use every part of the grammar.
struct RandomCatalog {
  private var random: SeededGenerator

  static func make(seed: UInt64) -> Catalog {
    var maker = RandomCatalog(random: SeededGenerator(state: seed))
    return maker.catalog(seed)
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func some<Value>(_ percent: Int, _ make: (inout Self) -> Value) -> Value? {
    chance(percent) ? make(&self) : nil
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func text() -> String {
    pick([
      "Plain words.", "on", "0.10", "2027-01-01", "null", "~", "a: b # c", "\"quoted\" and 'single'",
      "{flow}", "- dash",
      "*star", "&and", "tab\there", "two\nlines", "back\\slash", "ünïcödé 🎈", "line\u{2028}end",
      "a \u{FEFF}mark", "%tag", "@at",
      "`tick`", "x | y > z", "</script>",
    ])
  }

  private mutating func names(_ count: ClosedRange<Int>) -> [String] {
    let words = [
      "alpha", "class", "default", "self", "encoder", "type", "in", "size_2", "x86", "list_of_things",
      "count", "a", "string",
      "int", "row", "kind", "edges", "some_word", "some__word", "init", "catalog", "digest", "context_value",
      "value",
    ]
    return Array(words.shuffled(using: &random).prefix(Int.random(in: count, using: &random)))
  }

  private mutating func catalog(_ seed: UInt64) -> Catalog {
    var catalog = Catalog(
      app: "random_\(seed)", name: "Random \(seed)", version: Int.random(in: 1...99, using: &random))
    catalog.since = some(50) { $0.text() }
    catalog.contact = some(50) { $0.text() }
    catalog.purpose = some(50) { $0.text() }
    catalog.please = some(50) { $0.text() }
    catalog.questions = some(50) { [$0.text(), $0.text()] } ?? []
    catalog.source = some(50) { [$0.text()] } ?? []
    catalog.recipient = some(50) {
      .init(name: $0.text(), url: $0.some(50) { $0.text() }, country: $0.some(50) { _ in "FR" })
    }
    catalog.deletion = some(50) { $0.text() }
    catalog.scope = some(50) { $0.text() }
    catalog.consent = Catalog.Consent(
      default: pick(Catalog.Consent.Default.allCases),
      optOut: some(70) { [.init(name: "RANDOM_OFF", meaning: $0.pick(Catalog.Consent.Meaning.allCases))] }
        ?? [],
      reportsInCI: chance(50), enabledNotice: some(50) { $0.text() }, disabledNotice: some(50) { $0.text() })
    catalog.identity = Catalog.Identity(
      user: pick(Catalog.Identity.User.allCases), rotate: pick(Catalog.Identity.Rotation.allCases),
      session: pick(Catalog.Identity.Session.allCases))
    catalog.delivery = Catalog.Delivery(
      everyMilliseconds: pick([100, 2000, 90_000]), to: some(50) { _ in "https://example.org/x?y=1" },
      key: some(50) { _ in "wk_1" }, format: pick(Catalog.Delivery.Format.allCases))
    catalog.retention = pick([.days(90), .months(13), .years(2)])
    catalog.never = some(50) { _ in [.kind(.ipAddress), .sentence("Never: anything you write.")] } ?? []
    catalog.reportingZone = some(30) { _ in "Europe/Paris" }
    catalog.context = StandardField.allCases.filter { _ in chance(40) }.map { source in
      Field(
        chance(50) ? source.rawValue : "own_\(source.rawValue)", source.type, description: source.description,
        why: some(70) { $0.text() }, unit: source.unit, source: source)
    }
    catalog.context += names(0...3).map { field("given_\($0)", depth: 0) }
    catalog.events = names(1...6).map { event($0) }
    catalog.published = some(30) { _ in [.init(text: "users by week")] } ?? []
    catalog.accepts = some(60) { $0.acceptances(catalog) } ?? []
    return catalog
  }

  private mutating func event(_ name: String) -> EventDeclaration {
    var event = EventDeclaration(name, description: some(70) { $0.text() }, why: some(70) { $0.text() })
    event.status = pick(EventDeclaration.Status.allCases)
    event.note = some(30) { $0.text() }
    event.expires = pick([nil, .never, .date("2030-02-28"), .version("2.0rc1")])
    event.since = some(30) { _ in "0.10" }
    event.retention = some(30) { $0.pick([.days(1), .months(2)]) }
    event.properties = names(0...5).map { name in
      var field = field(name, depth: 1)
      field.why = field.why ?? event.why
      return field
    }
    return event
  }

  private mutating func field(_ name: String, depth: Int) -> Field {
    let type = type(depth: depth)
    return Field(
      name, type, description: some(60) { $0.text() }, why: some(30) { $0.text() }, unit: unit(type),
      since: some(20) { _ in "1.2" }, sensitivity: some(10) { _ in "low" }, safe: some(10) { $0.text() },
      wire: some(10) { _ in "$wire-name" })
  }

  private mutating func unit(_ type: FieldType) -> String? {
    switch type {
    case .integer, .number: some(40) { $0.pick(["bytes", "s", "items"]) }
    default: nil
    }
  }

  /// Depth 0 is the context, 1 a property; deeper there are neither lists nor records.
  private mutating func type(depth: Int) -> FieldType {
    switch Int.random(in: 0..<(depth == 1 ? 9 : depth == 0 ? 8 : 7), using: &random) {
    case 0: .boolean
    case 1:
      .integer(
        NumberRule(
          min: some(50) { _ in -5 }, max: some(50) { _ in 5_000_000 }, bucket: chance(30) ? [0, 10, 100] : [])
      )
    case 2:
      .number(
        NumberRule(
          min: some(50) { _ in 0.5 }, max: some(50) { _ in 1e9 }, bucket: chance(30) ? [0.5, 1.5] : []))
    case 3:
      .text(
        .oneOf(pick([["a", "b"], ["SW", "HW", "other"], ["on", "off", "0x10", "x y", "x-y", "default"]])))
    case 4: .text(.pattern(pick(["[a-z]{1,8}", #"\d{1,3}\.\d"#, "SW|HW", "[^/\"']{2}x?"])))
    case 5: .text(.free(reason: pick(["Nobody knows them.", "on"]), maxLength: 99))
    case 6: .version(pick(FieldType.Precision.allCases))
    case 7: .list(of: type(depth: 2), maxItems: Int.random(in: 1...100, using: &random))
    default:
      .records(names(1...4).map { field($0, depth: 2) }, maxItems: Int.random(in: 1...100, using: &random))
    }
  }

  private mutating func acceptances(_ catalog: Catalog) -> [Acceptance] {
    let event = catalog.events[0]
    var fields: [Acceptance.Mapping] = [.init("user", [.init("uid"), .init("context.device.id")])]
    if let property = event.properties.first {
      fields.append(.init(property.name, [.init("$foreign-name"), .init("total", unit: "GB")]))
    }
    return [
      Acceptance(
        formats: [.json], paths: ["/v1/a", "/v1/b"], items: some(50) { _ in "events.list" },
        events: pick([
          .same, .always(event.name), .mapped([.init("*.start", event.name), .init("a: b", event.name)]),
        ]),
        flatten: ["extra", "a.*"], fields: fields, nullValues: ["(unset)", "-1", "null", ""],
        dropEvents: ["$old"],
        dropFields: ["ip_address", "x: y"]),
      Acceptance(formats: [.amplitude, .segment, .otlp]),
    ]
  }
}

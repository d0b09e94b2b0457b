public import AvowWire

/// Writes a catalog as the YAML of its file: reading the text again gives the same catalog.
public enum CatalogPrinter {
  /// Returns the file's text; comments and anchors are not part of a catalog and so not in it.
  public static func yaml(_ catalog: Catalog) -> String {
    var text = ""
    for (key, value) in members(catalog) { text += write(key, value, indent: 0) }
    return text
  }

  /// A piece of YAML.
  indirect enum Value {
    case word(String)
    case text(String)
    case list([Value])
    case map([(String, Value)])
  }

  private static func write(_ key: String, _ value: Value, indent: Int) -> String {
    let space = String(repeating: " ", count: indent)
    let name = isPlain(key) ? key : quoted(key)
    switch value {
    case .map(let members) where !members.isEmpty:
      return "\(space)\(name):\n" + members.map { write($0.0, $0.1, indent: indent + 2) }.joined()
    case .list(let items) where items.contains { if case .map = $0 { true } else { false } }:
      return "\(space)\(name):\n" + items.map { "\(space)  - \(flow($0))\n" }.joined()
    default: return "\(space)\(name): \(flow(value))\n"
    }
  }

  private static func flow(_ value: Value) -> String {
    switch value {
    case .word(let word): word
    case .text(let text): quoted(text)
    case .list(let items): "[" + items.map(flow).joined(separator: ", ") + "]"
    case .map(let members):
      "{" + members.map { (isPlain($0.0) ? $0.0 : quoted($0.0)) + ": " + flow($0.1) }.joined(separator: ", ")
        + "}"
    }
  }

  private static func isPlain(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.allSatisfy { Name.isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      default:
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
          || (0x2028...0x2029).contains(scalar.value)
          || scalar.value == 0xFEFF
        {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }

  // MARK: Sections

  private static func members(_ catalog: Catalog) -> [(String, Value)] {
    var members: [(String, Value)] = [
      ("avow", .word("\(Catalog.grammar)")), ("app", .word(catalog.app)), ("name", .text(catalog.name)),
      ("version", .word("\(catalog.version)")),
    ]
    func text(_ key: String, _ value: String?) { if let value { members.append((key, .text(value))) } }
    func texts(_ key: String, _ values: [String]) {
      if !values.isEmpty { members.append((key, .list(values.map(Value.text)))) }
    }
    text("since", catalog.since)
    text("contact", catalog.contact)
    text("purpose", catalog.purpose)
    text("please", catalog.please)
    texts("questions", catalog.questions)
    texts("source", catalog.source)
    if let recipient = catalog.recipient {
      members.append(
        (
          "recipient",
          .map(present([("name", recipient.name), ("url", recipient.url), ("country", recipient.country)]))
        ))
    }
    text("deletion", catalog.deletion)
    text("scope", catalog.scope)
    members.append(("consent", consent(catalog.consent)))
    members.append(
      (
        "identity",
        .map([
          ("user", .word(catalog.identity.user.rawValue)),
          ("rotate", .word(catalog.identity.rotate.rawValue)),
          ("session", .word(catalog.identity.session.rawValue)),
        ])
      ))
    members.append(
      (
        "delivery",
        .map(
          [("every", .word("\(catalog.delivery.everyMilliseconds)ms"))]
            + present([("to", catalog.delivery.to), ("key", catalog.delivery.key)])
            + [("format", .word(catalog.delivery.format.rawValue))])
      ))
    members.append(("retention", .word(catalog.retention.canonical)))
    texts(
      "never",
      catalog.never.map {
        if case .kind(let kind) = $0 {
          kind.rawValue
        } else if case .sentence(let text) = $0 {
          text
        } else {
          ""
        }
      })
    text("reporting_zone", catalog.reportingZone)
    if !catalog.context.isEmpty {
      members.append(("context", .map(catalog.context.map { ($0.name, field($0, inherited: nil)) })))
    }
    members.append(("events", .map(catalog.events.map { ($0.name, event($0)) })))
    texts("public", catalog.published.map(\.text))
    if !catalog.accepts.isEmpty { members.append(("accepts", .list(catalog.accepts.map(acceptance)))) }
    return members
  }

  private static func present(_ members: [(String, String?)]) -> [(String, Value)] {
    members.compactMap { key, value in value.map { (key, .text($0)) } }
  }

  private static func consent(_ consent: Catalog.Consent) -> Value {
    var members: [(String, Value)] = [("default", .word(consent.default.rawValue))]
    if !consent.optOut.isEmpty {
      members.append(("opt_out", .map(consent.optOut.map { ($0.name, .word($0.meaning.rawValue)) })))
    }
    members.append(("ci", .word(consent.reportsInCI ? "enabled" : "disabled")))
    let notice = present([("enabled", consent.enabledNotice), ("disabled", consent.disabledNotice)])
    if !notice.isEmpty { members.append(("notice", .map(notice))) }
    return .map(members)
  }

  private static func event(_ event: EventDeclaration) -> Value {
    var members = present([("description", event.description), ("why", event.why)])
    members.append(("status", .word(event.status.rawValue)))
    members += present([("note", event.note)])
    switch event.expires {
    case .never: members.append(("expires", .word("never")))
    case .date(let text), .version(let text): members.append(("expires", .text(text)))
    case nil: break
    }
    members += present([("since", event.since)])
    if let retention = event.retention { members.append(("retention", .word(retention.canonical))) }
    if !event.properties.isEmpty {
      members.append(
        ("properties", .map(event.properties.map { ($0.name, field($0, inherited: event.why)) })))
    }
    return .map(members)
  }

  private static func field(_ field: Field, inherited: String?) -> Value {
    var members: [(String, Value)] = []
    if let source = field.source { members.append(("source", .word(source.rawValue))) }
    members += type(field.type)
    if field.source?.unit == nil { members += present([("unit", field.unit)]) }
    members += present([
      ("description", field.description), ("why", field.why == inherited ? nil : field.why),
      ("since", field.since),
      ("sensitivity", field.sensitivity), ("safe", field.safe), ("wire", field.wire),
    ])
    return .map(members)
  }

  private static func type(_ type: FieldType) -> [(String, Value)] {
    var members: [(String, Value)] = [("type", .word(type.keyword))]
    func rule<Number>(_ rule: NumberRule<Number>) {
      if let min = rule.min { members.append(("min", .word("\(min)"))) }
      if let max = rule.max { members.append(("max", .word("\(max)"))) }
      if !rule.bucket.isEmpty { members.append(("bucket", .list(rule.bucket.map { .word("\($0)") }))) }
    }
    switch type {
    case .boolean: break
    case .integer(let limits): rule(limits)
    case .number(let limits): rule(limits)
    case .text(.oneOf(let values)): members.append(("one_of", .list(values.map(Value.text))))
    case .text(.pattern(let pattern)): members.append(("pattern", .text(pattern)))
    case .text(.free(let reason, let maxLength)):
      members += [("free", .text(reason)), ("max_length", .word("\(maxLength)"))]
    case .version(let precision): members.append(("precision", .word(precision.rawValue)))
    case .list(let element, let maxItems):
      members += [("of", .map(self.type(element))), ("max_items", .word("\(maxItems)"))]
    case .records(let fields, let maxItems):
      members += [
        ("fields", .map(fields.map { ($0.name, field($0, inherited: nil)) })),
        ("max_items", .word("\(maxItems)")),
      ]
    }
    return members
  }

  private static func acceptance(_ entry: Acceptance) -> Value {
    var members: [(String, Value)] = [("format", .list(entry.formats.map { .word($0.rawValue) }))]
    func texts(_ key: String, _ values: [String]) {
      if !values.isEmpty { members.append((key, .list(values.map(Value.text)))) }
    }
    texts("path", entry.paths)
    members += present([("items", entry.items)])
    switch entry.events {
    case .same: break
    case .always(let name): members.append(("events", .word(name)))
    case .mapped(let rules): members.append(("events", .map(rules.map { ($0.foreign, .word($0.event)) })))
    }
    texts("flatten", entry.flatten)
    if !entry.fields.isEmpty { members.append(("fields", .map(entry.fields.map(mapping)))) }
    texts("null_values", entry.nullValues)
    let drop = [("events", entry.dropEvents), ("fields", entry.dropFields)].filter { !$0.1.isEmpty }
    if !drop.isEmpty { members.append(("drop", .map(drop.map { ($0.0, .list($0.1.map(Value.text))) }))) }
    return .map(members)
  }

  private static func mapping(_ mapping: Acceptance.Mapping) -> (String, Value) {
    let candidates = mapping.candidates.map { candidate -> Value in
      if candidate.unit == nil, candidate.fields.isEmpty { return .text(candidate.path) }
      var members = present([("from", candidate.path), ("unit", candidate.unit)])
      if !candidate.fields.isEmpty { members.append(("fields", .map(candidate.fields.map(self.mapping)))) }
      return .map(members)
    }
    return (mapping.field, .list(candidates))
  }
}

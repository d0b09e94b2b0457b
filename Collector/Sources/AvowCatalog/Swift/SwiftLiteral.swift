import AvowWire

/// Writes a catalog as a Swift literal: what a running program needs of it, defaults left out.
enum SwiftLiteral {
  typealias Argument = (label: String?, value: SwiftExpression)

  static func catalog(_ catalog: Catalog) -> SwiftExpression {
    var arguments: [Argument] = [
      ("app", .string(catalog.app)), ("name", .string(catalog.name)),
      ("version", .atom("\(catalog.version)")),
    ]
    if let since = catalog.since { arguments.append(("since", .string(since))) }
    if let contact = catalog.contact { arguments.append(("contact", .string(contact))) }
    if let recipient = catalog.recipient { arguments.append(("recipient", self.recipient(recipient))) }
    arguments.append(("consent", consent(catalog.consent)))
    arguments.append(("identity", identity(catalog.identity)))
    arguments.append(("delivery", delivery(catalog.delivery)))
    arguments.append(("retention", .atom(retention(catalog.retention))))
    let kinds = catalog.never.compactMap { promise -> SwiftExpression? in
      if case .kind(let kind) = promise { .atom(".kind(.\(camel(kind.rawValue)))") } else { nil }
    }
    if !kinds.isEmpty { arguments.append(("never", .array(kinds))) }
    if let zone = catalog.reportingZone { arguments.append(("reportingZone", .string(zone))) }
    if !catalog.context.isEmpty { arguments.append(("context", .array(catalog.context.map(field)))) }
    arguments.append(("events", .array(catalog.events.map(event))))
    if !catalog.published.isEmpty {
      let questions = catalog.published.map { SwiftExpression.call(".init", [("text", .string($0.text))]) }
      arguments.append(("published", .array(questions)))
    }
    return .call("Catalog", arguments)
  }

  /// Raw values of the grammar are the case's name in snake case.
  private static func camel(_ raw: String) -> String { SwiftNames.escaped(SwiftNames.lower(raw)) }

  private static func recipient(_ recipient: Catalog.Recipient) -> SwiftExpression {
    var arguments: [Argument] = [("name", .string(recipient.name))]
    if let url = recipient.url { arguments.append(("url", .string(url))) }
    if let country = recipient.country { arguments.append(("country", .string(country))) }
    return .call("Catalog.Recipient", arguments)
  }

  private static func consent(_ consent: Catalog.Consent) -> SwiftExpression {
    var arguments: [Argument] = [("default", .atom(".\(consent.default.rawValue)"))]
    if !consent.optOut.isEmpty {
      let variables = consent.optOut.map { variable -> SwiftExpression in
        .call(
          "Catalog.Consent.Variable",
          [("name", .string(variable.name)), ("meaning", .atom(".\(variable.meaning.rawValue)"))])
      }
      arguments.append(("optOut", .array(variables)))
    }
    arguments.append(("reportsInCI", .atom("\(consent.reportsInCI)")))
    if let notice = consent.enabledNotice { arguments.append(("enabledNotice", .string(notice))) }
    if let notice = consent.disabledNotice { arguments.append(("disabledNotice", .string(notice))) }
    return .call("Catalog.Consent", arguments)
  }

  private static func identity(_ identity: Catalog.Identity) -> SwiftExpression {
    .call(
      "Catalog.Identity",
      [
        ("user", .atom(".\(identity.user.rawValue)")), ("rotate", .atom(".\(identity.rotate.rawValue)")),
        ("session", .atom(".\(identity.session.rawValue)")),
      ])
  }

  private static func delivery(_ delivery: Catalog.Delivery) -> SwiftExpression {
    var arguments: [Argument] = [
      ("everyMilliseconds", .atom(SwiftExpression.literal(delivery.everyMilliseconds)))
    ]
    if let to = delivery.to { arguments.append(("to", .string(to))) }
    if let key = delivery.key { arguments.append(("key", .string(key))) }
    arguments.append(("format", .atom(".\(delivery.format.rawValue)")))
    return .call("Catalog.Delivery", arguments)
  }

  private static func retention(_ retention: Catalog.Retention) -> String {
    switch retention {
    case .days(let n): ".days(\(n))"
    case .months(let n): ".months(\(n))"
    case .years(let n): ".years(\(n))"
    }
  }

  private static func event(_ event: EventDeclaration) -> SwiftExpression {
    var arguments: [Argument] = [(nil, .string(event.name))]
    if event.status != .active { arguments.append(("status", .atom(".\(event.status.rawValue)"))) }
    switch event.expires {
    case .never: arguments.append(("expires", .atom(".never")))
    case .date(let date): arguments.append(("expires", .call(".date", [(nil, .string(date))])))
    case .version(let version): arguments.append(("expires", .call(".version", [(nil, .string(version))])))
    case nil: break
    }
    if let since = event.since { arguments.append(("since", .string(since))) }
    if let retention = event.retention { arguments.append(("retention", .atom(self.retention(retention)))) }
    if !event.properties.isEmpty { arguments.append(("properties", .array(event.properties.map(field)))) }
    return .call("EventDeclaration", arguments)
  }

  private static func field(_ field: Field) -> SwiftExpression {
    var arguments: [Argument] = [(nil, .string(field.name)), (nil, type(field.type))]
    if let unit = field.unit { arguments.append(("unit", .string(unit))) }
    if let source = field.source { arguments.append(("source", .atom(".\(camel(source.rawValue))"))) }
    if let since = field.since { arguments.append(("since", .string(since))) }
    if let wire = field.wire { arguments.append(("wire", .string(wire))) }
    return .call("Field", arguments)
  }

  private static func type(_ type: FieldType) -> SwiftExpression {
    switch type {
    case .boolean: return .atom(".boolean")
    case .integer(let rule): return .call(".integer", self.rule(rule, SwiftExpression.literal))
    case .number(let rule): return .call(".number", self.rule(rule, number))
    case .text(.oneOf(let values)): return .call(".text", [(nil, .call(".oneOf", [(nil, .strings(values))]))])
    case .text(.pattern(let source)):
      return .call(".text", [(nil, .call(".pattern", [(nil, .string(source))]))])
    case .text(.free(_, let maxLength)):
      // The reason is prose.
      return .call(
        ".text", [(nil, .call(".free", [("reason", .string("")), ("maxLength", .atom("\(maxLength)"))]))])
    case .version(.patch): return .call(".version", [])
    case .version(let precision): return .call(".version", [(nil, .atom(".\(precision.rawValue)"))])
    case .list(let element, let maxItems):
      return .call(".list", [("of", self.type(element)), ("maxItems", .atom("\(maxItems)"))])
    case .records(let fields, let maxItems):
      return .call(".records", [(nil, .array(fields.map(field))), ("maxItems", .atom("\(maxItems)"))])
    }
  }

  private static func rule<Number>(_ rule: NumberRule<Number>, _ write: (Number) -> String) -> [Argument] {
    var arguments: [Argument] = []
    if let min = rule.min { arguments.append(("min", .atom(write(min)))) }
    if let max = rule.max { arguments.append(("max", .atom(write(max)))) }
    if !rule.bucket.isEmpty { arguments.append(("bucket", .array(rule.bucket.map { .atom(write($0)) }))) }
    return arguments.isEmpty ? [] : [(nil, .call("NumberRule", arguments))]
  }

  /// A number that reads back as the same one, always with a point or an exponent.
  static func number(_ value: Double) -> String { value.description }
}

extension Catalog {
  /// SHA-256, in hexadecimal, of the canonical JSON of what is collected, prose left out.
  ///
  /// Two catalogs with the same digest collect the same data in the same way: descriptions, reasons
  /// and the mapping of foreign requests do not count. Client and collector compute the same.
  public var digest: String { hexadecimal(SHA256.hash(canonical.bytes)) }

  /// What is collected, as JSON with sorted keys.
  public var canonical: JSONValue {
    .object([
      "avow": .integer(Int64(Self.grammar)),
      "app": .string(app),
      "version": .integer(Int64(version)),
      "consent": [
        "default": .string(consent.default.rawValue),
        "ci": .boolean(consent.reportsInCI),
        "opt_out": .object(
          Dictionary(
            consent.variables.map { ($0.name, .string($0.meaning.rawValue)) }, uniquingKeysWith: { $1 })),
      ],
      "identity": [
        "user": .string(identity.user.rawValue), "rotate": .string(identity.rotate.rawValue),
        "session": .string(identity.session.rawValue),
      ],
      "delivery": [
        "every": .integer(delivery.everyMilliseconds),
        "to": delivery.to.map(JSONValue.string) ?? .null,
        "format": .string(delivery.format.rawValue),
      ],
      "retention": .string(retention.canonical),
      "never": .array(
        never.compactMap { if case .kind(let kind) = $0 { .string(kind.rawValue) } else { nil } }),
      "context": .array(context.map(\.canonical)),
      "events": .array(events.map(\.canonical)),
      "public": .array(published.map { .string($0.text) }),
    ])
  }
}

extension Catalog.Retention {
  /// `13 months`: the grammar's own form.
  public var canonical: String {
    switch self {
    case .days(let n): "\(n) days"
    case .months(let n): "\(n) months"
    case .years(let n): "\(n) years"
    }
  }
}

extension EventDeclaration {
  var canonical: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "status": .string(status.rawValue),
      "properties": .array(properties.map(\.canonical)),
    ]
    if let since { members["since"] = .string(since) }
    if let retention { members["retention"] = .string(retention.canonical) }
    switch expires {
    case .date(let date): members["expires"] = .string(date)
    case .version(let version): members["expires"] = .string("version " + version)
    case .never, nil: break
    }
    return .object(members)
  }
}

extension Field {
  var canonical: JSONValue {
    var members: [String: JSONValue] = ["name": .string(name), "type": type.canonical]
    if let unit { members["unit"] = .string(unit) }
    if let source { members["source"] = .string(source.rawValue) }
    if let since { members["since"] = .string(since) }
    return .object(members)
  }
}

extension FieldType {
  var canonical: JSONValue {
    var members: [String: JSONValue] = ["is": .string(keyword)]
    switch self {
    case .boolean: break
    case .integer(let rule):
      if let min = rule.min { members["min"] = .integer(min) }
      if let max = rule.max { members["max"] = .integer(max) }
      if !rule.bucket.isEmpty { members["bucket"] = .array(rule.bucket.map(JSONValue.integer)) }
    case .number(let rule):
      if let min = rule.min { members["min"] = .number(min) }
      if let max = rule.max { members["max"] = .number(max) }
      if !rule.bucket.isEmpty { members["bucket"] = .array(rule.bucket.map(JSONValue.number)) }
    case .text(.oneOf(let values)): members["one_of"] = .array(values.map(JSONValue.string))
    case .text(.pattern(let pattern)): members["pattern"] = .string(pattern)
    case .text(.free(_, let maxLength)): members["free"] = .integer(Int64(maxLength))
    case .version(let precision): members["precision"] = .string(precision.rawValue)
    case .list(let element, let maxItems):
      members["of"] = element.canonical
      members["max_items"] = .integer(Int64(maxItems))
    case .records(let fields, let maxItems):
      members["fields"] = .array(fields.map(\.canonical))
      members["max_items"] = .integer(Int64(maxItems))
    }
    return .object(members)
  }
}

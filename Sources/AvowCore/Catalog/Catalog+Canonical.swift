extension Catalog {
  /// SHA-256, in hexadecimal, of the canonical JSON of what is collected, prose left out.
  ///
  /// Two catalogs with the same digest collect the same data in the same way: descriptions, reasons
  /// and the mapping of foreign requests do not count. Client and collector compute the same.
  public var digest: String { hexadecimal(SHA256.hash(canonicalBytes)) }

  /// What is collected, as JSON.
  public var canonical: JSONValue { (try? JSONValue(parsing: canonicalBytes)) ?? .null }

  /// What is collected, as JSON with sorted keys and no white space.
  ///
  /// Written in that order, and not by way of a tree: that would be ten times the code in every host.
  public var canonicalBytes: [UInt8] {
    var writer = JSONWriter(capacity: 2048)
    write(to: &writer)
    return writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("app", app)
    writer.member("avow", Int64(Self.grammar))
    writer.key("consent")
    consent.write(to: &writer)
    writer.members("context", context) { $0.write(to: &$1) }
    writer.key("delivery")
    writer.beginObject()
    writer.member("every", delivery.everyMilliseconds)
    writer.member("format", delivery.format.rawValue)
    writer.key("to")
    if let to = delivery.to { writer.string(to) } else { writer.null() }
    writer.endObject()
    writer.members("events", events) { $0.write(to: &$1) }
    writer.key("identity")
    writer.beginObject()
    writer.member("rotate", identity.rotate.rawValue)
    writer.member("session", identity.session.rawValue)
    writer.member("user", identity.user.rawValue)
    writer.endObject()
    writer.members("never", never) { if case .kind(let kind) = $0 { $1.string(kind.rawValue) } }
    writer.members("public", published) { $1.string($0.text) }
    writer.member("retention", retention.canonical)
    writer.member("version", Int64(version))
    writer.endObject()
  }
}

extension Catalog.Consent {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("ci")
    writer.boolean(reportsInCI)
    writer.member("default", `default`.rawValue)
    writer.key("opt_out")
    var meanings: [String: JSONValue] = [:]
    for variable in variables { meanings[variable.name] = .string(variable.meaning.rawValue) }
    JSONValue.object(meanings).write(to: &writer)
    writer.endObject()
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
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    switch expires {
    case .date(let date): writer.member("expires", date)
    case .version(let version): writer.member("expires", "version " + version)
    case .never, nil: break
    }
    writer.member("name", name)
    writer.members("properties", properties) { $0.write(to: &$1) }
    if let retention { writer.member("retention", retention.canonical) }
    if let since { writer.member("since", since) }
    writer.member("status", status.rawValue)
    writer.endObject()
  }
}

extension Field {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("name", name)
    if let since { writer.member("since", since) }
    if let source { writer.member("source", source.rawValue) }
    writer.key("type")
    type.write(to: &writer)
    if let unit { writer.member("unit", unit) }
    writer.endObject()
  }
}

extension FieldType {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    switch self {
    case .integer(let rule):
      if !rule.bucket.isEmpty { writer.members("bucket", rule.bucket) { $1.integer($0) } }
    case .number(let rule):
      if !rule.bucket.isEmpty { writer.members("bucket", rule.bucket) { $1.number($0) } }
    case .records(let fields, _): writer.members("fields", fields) { $0.write(to: &$1) }
    case .text(.free(_, let maxLength)): writer.member("free", Int64(maxLength))
    default: break
    }
    writer.member("is", keyword)
    switch self {
    case .boolean, .text(.free): break
    case .integer(let rule):
      if let max = rule.max { writer.member("max", max) }
      if let min = rule.min { writer.member("min", min) }
    case .number(let rule):
      if let max = rule.max { writer.member("max", max) }
      if let min = rule.min { writer.member("min", min) }
    case .text(.oneOf(let values)): writer.members("one_of", values) { $1.string($0) }
    case .text(.pattern(let pattern)): writer.member("pattern", pattern)
    case .version(let precision): writer.member("precision", precision.rawValue)
    case .list(let element, let maxItems):
      writer.member("max_items", Int64(maxItems))
      writer.key("of")
      element.write(to: &writer)
    case .records(_, let maxItems): writer.member("max_items", Int64(maxItems))
    }
    writer.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ key: String, _ value: String) {
    self.key(key)
    string(value)
  }

  fileprivate mutating func member(_ key: String, _ value: Int64) {
    self.key(key)
    integer(value)
  }

  fileprivate mutating func member(_ key: String, _ value: Double) {
    self.key(key)
    number(value)
  }

  fileprivate mutating func members<Element>(
    _ key: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
  ) {
    self.key(key)
    beginArray()
    for element in elements { write(element, &self) }
    endArray()
  }
}

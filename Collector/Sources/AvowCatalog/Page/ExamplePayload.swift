import AvowWire

/// A request as the client would send it, made by the client's own encoder from values that fit the
/// catalog.
struct ExamplePayload {
  let catalog: Catalog

  /// The body, indented for reading.
  var text: String { Self.indented(NativeRequest.body(of: report)) }

  /// The report behind it: at most four events that together show what can be sent.
  var report: EventReport {
    let started = Timestamp(milliseconds: 1_767_225_600_000)
    let changing = catalog.context.filter { $0.source == .uptime }
    let events = chosen.enumerated().map { index, event in
      EventReport.Event(
        number: UInt32(index * 40), name: event.name,
        time: Timestamp(milliseconds: started.milliseconds + Int64(index) * 1_250),
        properties: event.properties.map { .init($0.name, value($0)) },
        context: changing.map { .init($0.name, value($0)) })
    }
    return EventReport(
      app: catalog.app, catalogVersion: catalog.version, catalogDigest: catalog.digest,
      segment: SegmentIdentifier(high: 0x5f1c_88d2_a94e_07b3, low: 0x2d61_90c4),
      user: catalog.identity.user == .none
        ? nil : Identifier128(high: 0x8c1f_4be2_07d9_a653, low: 0xb04e_91c7_5a2d_f386),
      session: catalog.identity.session == .none
        ? nil : Identifier128(high: 0x31d0_e57a_c26b_984f, low: 0x7be8_2094_d1f3_ac56),
      context: catalog.context.filter { $0.source != .uptime && $0.source != .network }.map {
        .init($0.name, value($0))
      },
      events: events)
  }

  private var chosen: [EventDeclaration] {
    let active = catalog.events.filter { $0.status == .active }
    let pool = active.isEmpty ? catalog.events : active
    var chosen = Array(pool.prefix(1))
    for event in pool.dropFirst() where !event.properties.isEmpty && chosen.count < 4 { chosen.append(event) }
    for event in pool where !chosen.contains(event) && chosen.count < 4 { chosen.append(event) }
    return pool.filter(chosen.contains)
  }

  // MARK: Values

  private func value(_ field: Field) -> JSONValue {
    if let source = field.source, let standard = Self.standard[source], accepts(field.type, standard) {
      return standard
    }
    return value(field.type, field)
  }

  private func value(_ type: FieldType, _ field: Field) -> JSONValue {
    switch type {
    case .boolean: return true
    case .integer(let rule):
      let low = rule.min ?? 0
      let plain: Int64 = field.unit == "bytes" ? 102_230_000 : low + 3
      let value = Swift.min(plain, rule.max ?? plain)
      return .integer(rule.bucket.last { $0 <= value } ?? value)
    case .number(let rule):
      let plain = Swift.max(rule.min ?? 0, 0) + 0.25
      let value = Swift.min(plain, rule.max ?? plain)
      return .number(rule.bucket.last { $0 <= value } ?? value)
    case .text(.oneOf(let values)): return .string(values[0])
    case .text(.pattern(let source)): return .string(sample(source, field))
    case .text(.free): return "some text"
    case .version(.patch): return "1.4.2"
    case .version(.minor): return "1.4"
    case .version(.major): return "1"
    case .list(let element, _): return .array([value(element, field)])
    case .records(let fields, _):
      return .array([.object(Dictionary(fields.map { ($0.name, value($0)) }, uniquingKeysWith: { $1 }))])
    }
  }

  /// A text for a pattern: what the description gives as an example, a plain word, or whatever matches.
  private func sample(_ source: String, _ field: Field) -> String {
    guard let pattern = try? Pattern(source) else { return "" }
    return (Self.examples(in: field.description ?? "") + ["example", "Example", "example-1"])
      .first(where: pattern.matches) ?? pattern.example
  }

  /// What follows `such as` in a description.
  private static func examples(in description: String) -> [String] {
    guard let range = description.firstRange(of: "such as ") else { return [] }
    let rest = description[range.upperBound...]
    if rest.hasPrefix("\"") { return [String(rest.dropFirst().prefix { $0 != "\"" })] }
    return [String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" })]
  }

  private func accepts(_ type: FieldType, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case (.integer, .integer): true
    case (.version(let precision), .string): precision == .patch
    case (.text(.oneOf(let values)), .string(let text)): values.contains(text)
    case (.text(.pattern(let source)), .string(let text)): (try? Pattern(source))?.matches(text) ?? false
    default: false
    }
  }

  private static let standard: [StandardField: JSONValue] = [
    .appVersion: "1.4.2", .osName: "linux", .osVersion: "24.4.0", .osRelease: "6.8.0",
    .architecture: "x86_64",
    .processor: "AMD EPYC 7B13", .cores: 8, .memory: 17_179_869_184, .runtimeVersion: "3.12.1",
    .ciVendor: "GitHub Actions", .uptime: 3600, .language: "en",
  ]

  // MARK: Form

  /// Lays a JSON text out for reading; small objects stay on one line.
  static func indented(_ json: [UInt8]) -> String {
    var layout = JSONLayout(json: json)
    return layout.text()
  }
}

/// Breaks a compact JSON text into lines without changing anything else.
struct JSONLayout {
  let json: [UInt8]
  private var position = 0
  private let width = 88

  init(json: [UInt8]) { self.json = json }

  mutating func text() -> String { value(indent: 0, used: 0) }

  private mutating func value(indent: Int, used: Int) -> String {
    let start = position
    skip()
    let flat = String(decoding: json[start..<position], as: UTF8.self)
    guard let open = flat.utf8.first, open == UInt8(ascii: "{") || open == UInt8(ascii: "["),
      flat.utf8.count + used > width
    else { return Self.spaced(flat) }
    position = start + 1
    let close = open == UInt8(ascii: "{") ? "}" : "]"
    let inner = String(repeating: "  ", count: indent + 1)
    var items: [String] = []
    while position < json.count, json[position] != UInt8(ascii: "}"), json[position] != UInt8(ascii: "]") {
      if json[position] == UInt8(ascii: ",") { position += 1 }
      var item = inner
      if open == UInt8(ascii: "{") {
        let key = position
        skip()
        item += String(decoding: json[key..<position], as: UTF8.self) + ": "
        position += 1
      }
      item += value(indent: indent + 1, used: item.utf8.count)
      items.append(item)
    }
    position += 1
    let outer = String(repeating: "  ", count: indent)
    return "\(Character(Unicode.Scalar(open)))\n" + items.joined(separator: ",\n") + "\n\(outer)\(close)"
  }

  /// Moves behind one value.
  private mutating func skip() {
    var depth = 0
    while position < json.count {
      switch json[position] {
      case UInt8(ascii: "\""): skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return }
        depth -= 1
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        if depth == 0 { return }
        position += 1
        continue
      default:
        position += 1
        if position < json.count, depth == 0 {
          let next = json[position]
          if next == UInt8(ascii: ",") || next == UInt8(ascii: "}") || next == UInt8(ascii: "]") { return }
        }
        continue
      }
      if depth == 0 { return }
    }
  }

  private mutating func skipString() {
    position += 1
    while position < json.count, json[position] != UInt8(ascii: "\"") {
      position += json[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position += 1
  }

  /// A space after each comma and colon outside of texts.
  private static func spaced(_ flat: String) -> String {
    var spaced: [UInt8] = []
    var inText = false
    var escaped = false
    for byte in flat.utf8 {
      spaced.append(byte)
      if inText {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inText = false
        }
      } else if byte == UInt8(ascii: "\"") {
        inText = true
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") {
        spaced.append(0x20)
      }
    }
    return String(decoding: spaced, as: UTF8.self)
  }
}

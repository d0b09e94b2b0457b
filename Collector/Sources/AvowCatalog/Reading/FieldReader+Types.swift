@_spi(AvowCollector) import AvowWire

extension FieldReader {
  /// The type a single word names.
  func type(_ node: SourceNode, _ what: String) -> FieldType? {
    let word = node.text ?? ""
    switch word {
    case "boolean": return .boolean
    case "integer": return .integer()
    case "number": return .number()
    case "version": return .version()
    case "text":
      report.error(
        "A018", "\(what) is text without limits",
        hint: "add `one_of:` or `pattern:`, or `free:` with the reason",
        at: node.position)
    case "list", "records":
      report.error(
        "A012", "\(what) does not say what the \(word) holds",
        hint: word == "list" ? "write {type: list, of: version}" : "write `type: records` and `fields:`",
        at: node.position)
    default: unknown(word, what, at: node.position)
    }
    return nil
  }

  private func unknown(_ word: String, _ what: String, at position: Position) {
    let other = [
      "string": "text", "str": "text", "int": "integer", "float": "number", "double": "number",
      "bool": "boolean",
      "array": "list", "enum": "text", "timestamp": "integer", "duration": "number", "record": "records",
      "object": "records",
    ][word.lowercased()]
    report.error(
      "A014", "\"\(word)\" is no type (\(what))",
      hint: other.map { "did you mean \"\($0)\"?" } ?? Suggestion.hint(for: word, among: Grammar.types),
      at: position)
  }

  /// The type a mapping describes.
  func type(_ section: Section, standard: StandardField?, _ what: String, place: Place) -> FieldType? {
    let keyword: String
    if let written = section.text("type") {
      guard Grammar.types.contains(written) else {
        unknown(written, what, at: section["type"]?.position ?? section.position)
        return nil
      }
      keyword = written
    } else if let standard {
      keyword = standard.type.keyword
    } else if section.has("type") {
      return nil
    } else {
      report.error(
        "A012", "\(what) has no \"type\"", hint: "one of " + Grammar.types.joined(separator: ", "),
        at: section.position)
      return nil
    }
    for key in Grammar.limits.names
    where section.has(key) && !(Grammar.limitsOfType[keyword]?.contains(key) ?? false) {
      report.error(
        "A013", "\"\(key)\" means nothing for \(keyword)",
        hint: Grammar.limitsOfType[keyword].flatMap {
          $0.isEmpty ? nil : "it has " + $0.joined(separator: ", ")
        },
        at: section.position(of: key))
    }
    switch keyword {
    case "integer": return integer(section, standard: standard)
    case "number": return number(section)
    case "text": return text(section, standard: standard, what)
    case "version": return .version(section.word("precision", FieldType.Precision.self) ?? .patch)
    case "list", "records":
      guard place == .property || place == .context else {
        report.error(
          "A032", "\(what) cannot be a \(keyword)", hint: "rows and elements hold single values",
          at: section.position)
        return nil
      }
      return keyword == "list" ? list(section, what) : records(section, what, place: place)
    default: return .boolean
    }
  }

  private func integer(_ section: Section, standard: StandardField?) -> FieldType {
    var rule = NumberRule<Int64>()
    if case .integer(let own) = standard?.type { rule = own }
    rule.min = section.integer("min") ?? rule.min
    rule.max = section.integer("max") ?? rule.max
    rule.bucket = edges(section) { Int64($0) }
    check(rule, section)
    return .integer(rule)
  }

  private func number(_ section: Section) -> FieldType {
    let rule = NumberRule(
      min: section.number("min"), max: section.number("max"), bucket: edges(section) { Double($0) })
    check(rule, section)
    return .number(rule)
  }

  private func check<Number: Comparable>(_ rule: NumberRule<Number>, _ section: Section) {
    if let min = rule.min, let max = rule.max, min > max {
      report.error("A017", "\"min\" is greater than \"max\"", at: section.position(of: "min"))
    }
    if zip(rule.bucket, rule.bucket.dropFirst()).contains(where: { $0 >= $1 }) {
      report.error(
        "A029", "the edges of \"bucket\" do not rise", hint: "write them in ascending order",
        at: section.position(of: "bucket"))
    }
  }

  private func edges<Number>(_ section: Section, _ read: (String) -> Number?) -> [Number] {
    section.texts("bucket").compactMap { text, position in
      guard let edge = read(text), Double(text)?.isFinite ?? false else {
        report.error(
          "A017", "\"\(text)\" is no edge of a bucket", hint: "a number of the field's type", at: position)
        return nil
      }
      return edge
    }
  }

  private func text(_ section: Section, standard: StandardField?, _ what: String) -> FieldType? {
    let ways = ["one_of", "pattern", "free"].filter(section.has)
    if ways.count > 1 {
      report.error(
        "A018", "\(what) has both \"\(ways[0])\" and \"\(ways[1])\"", hint: "keep one of them",
        at: section.position(of: ways[1]))
    }
    switch ways.first {
    case "one_of": return oneOf(section)
    case "pattern":
      guard let source = section.text("pattern") else { return nil }
      do throws(PatternError) {
        _ = try Pattern(source)
      } catch {
        report.error(
          "A019", "pattern: \(error.reason), at character \(error.offset + 1)", hint: error.hint,
          at: section["pattern"]?.position ?? section.position)
        return nil
      }
      return .text(.pattern(source))
    case "free": return free(section, what)
    default:
      if let standard { return standard.type }
      let hint =
        section.has("max_length")
        ? "a length alone is free text: add `free:` with the reason"
        : "add `one_of:` or `pattern:`, or `free:` with the reason"
      report.error("A018", "\(what) is text without limits", hint: hint, at: section.position)
      return nil
    }
  }

  private func oneOf(_ section: Section) -> FieldType? {
    var seen: Set<String> = []
    let values = section.texts("one_of").compactMap { text, position -> String? in
      let value = text.trimmingWhitespace()
      guard !value.isEmpty, value.utf8.count <= 128 else {
        report.error("A014", "a value of \"one_of\" is empty or longer than 128 bytes", at: position)
        return nil
      }
      guard seen.insert(value.lowercased()).inserted else {
        report.error(
          "A007", "\"\(value)\" stands twice in \"one_of\"", hint: "letter case does not count", at: position)
        return nil
      }
      return value
    }
    guard !values.isEmpty, values.count <= 1024 else {
      report.error("A018", "\"one_of\" needs 1 to 1024 values", at: section.position(of: "one_of"))
      return nil
    }
    return .text(.oneOf(values))
  }

  private func free(_ section: Section, _ what: String) -> FieldType? {
    guard let reason = section.text("free") else { return nil }
    let length = section.integer("max_length") ?? 256
    guard (1...4096).contains(length) else {
      report.error("A017", "\"max_length\" must be 1 to 4096 bytes", at: section.position(of: "max_length"))
      return nil
    }
    let position = section.position(of: "free")
    if promisesPrivacy {
      report.error(
        "A027", "\(what) is free text, but `never` promises that nobody's identity or content is collected",
        hint: "use one_of or pattern, or take the promise back", at: position)
    } else {
      report.warning(
        "A104", "\(what) is free text, which may hold anything", hint: "use one_of or pattern", at: position)
    }
    return .text(.free(reason: reason, maxLength: Int(length)))
  }

  private func maxItems(_ section: Section) -> Int {
    let count = section.integer("max_items") ?? 64
    if !(1...1024).contains(count) {
      report.error("A017", "\"max_items\" must be 1 to 1024", at: section.position(of: "max_items"))
    }
    return Int(clamping: min(max(count, 1), 1024))
  }

  private func list(_ section: Section, _ what: String) -> FieldType? {
    guard let node = section["of"] else {
      report.error("A012", "\(what) has no \"of\"", hint: "the type of its elements", at: section.position)
      return nil
    }
    let what = "an element of \(what)"
    let element: FieldType?
    if node.text != nil {
      element = type(node, what)
    } else if let inner = Section(
      node, what,
      keys: Grammar.element.names,
      report: report)
    {
      element = type(inner, standard: nil, what, place: .element)
    } else {
      element = nil
    }
    return element.map { .list(of: $0, maxItems: maxItems(section)) }
  }

  private func records(_ section: Section, _ what: String, place: Place) -> FieldType? {
    guard place == .property else {
      report.error(
        "A032", "\(what) cannot be records", hint: "records are properties of events", at: section.position)
      return nil
    }
    let fields = columns(section, what)
    guard !fields.isEmpty else { return nil }
    return .records(fields, maxItems: maxItems(section))
  }
}

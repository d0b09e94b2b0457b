@_spi(AvowCollector) import AvowWire

/// One mapping of the file with its known keys; asking for a value reports what is wrong with it.
struct Section {
  let position: Position
  /// What the mapping describes, for messages: `the event "list_reports"`.
  let what: String
  let report: Report
  private let members: [String: SourceNode.Member]

  /// Opens a mapping, reporting keys that are not among `keys`; `nil` after reporting that it is none.
  init?(_ node: SourceNode, _ what: String, keys: [String], report: Report) {
    guard let written = node.members else {
      report.error(
        "A013", "\(what) must be a mapping, not \(node.kind)", hint: "write `key: value` lines below it",
        at: node.position)
      return nil
    }
    var members: [String: SourceNode.Member] = [:]
    for member in written {
      if keys.contains(member.key) {
        members[member.key] = member
      } else if member.key == "<<" {
        report.error(
          "A011", "merge keys are not supported in \(what)",
          hint: "an alias can stand for a whole value only",
          at: member.position)
      } else {
        report.error(
          "A011", "\(what) has no key \"\(member.key)\"", hint: Suggestion.hint(for: member.key, among: keys),
          at: member.position)
      }
    }
    self.members = members
    self.what = what
    self.report = report
    position = node.position
  }

  /// Whether the key is written with a value.
  func has(_ key: String) -> Bool { self[key] != nil }

  /// The value of a key; `nil` when it is absent or nothing.
  subscript(_ key: String) -> SourceNode? {
    guard let value = members[key]?.value, !value.isNothing else { return nil }
    return value
  }

  /// Where the key is written, or the mapping when it is not.
  func position(of key: String) -> Position { members[key]?.position ?? position }

  /// A single value as text; line ends at its end are cut, as `>` leaves one.
  func text(_ key: String) -> String? {
    guard let node = self[key] else { return nil }
    guard let text = node.text else {
      report.error("A013", "\"\(key)\" must be a text, not \(node.kind)", at: node.position)
      return nil
    }
    Misreading.check(text, isPlain: node.isPlain, at: node.position, report: report)
    let trimmed = text.trimmingWhitespace()
    guard !trimmed.isEmpty else {
      report.error("A013", "\"\(key)\" is empty", hint: "write a text or remove the key", at: node.position)
      return nil
    }
    return trimmed
  }

  /// A text without which the section means nothing.
  func required(_ key: String, hint: String) -> String? {
    if !has(key) {
      report.error("A012", "\(what) has no \"\(key)\"", hint: hint, at: position)
      return nil
    }
    return text(key)
  }

  func integer(_ key: String) -> Int64? {
    guard let node = self[key] else { return nil }
    guard let value = node.text.flatMap({ Int64($0.filter { $0 != "_" }) }) else {
      report.error("A017", "\"\(key)\" must be a whole number", at: node.position)
      return nil
    }
    return value
  }

  func number(_ key: String) -> Double? {
    guard let node = self[key] else { return nil }
    guard let value = node.text.flatMap({ Double($0) }), value.isFinite else {
      report.error("A017", "\"\(key)\" must be a number", at: node.position)
      return nil
    }
    return value
  }

  /// One of a closed set of words.
  func word<Word: RawRepresentable & CaseIterable>(_ key: String, _: Word.Type) -> Word?
  where Word.RawValue == String {
    guard let node = self[key] else { return nil }
    let words = Word.allCases.map(\.rawValue)
    guard let text = node.text else {
      report.error("A013", "\"\(key)\" must be one word, not \(node.kind)", at: node.position)
      return nil
    }
    guard let word = Word(rawValue: text) else {
      report.error(
        "A014", "\"\(text)\" is no value of \"\(key)\"", hint: Self.hint(for: text, among: words),
        at: node.position)
      return nil
    }
    return word
  }

  /// What to write instead of a word; YAML's own booleans get the word that was probably meant.
  static func hint(for text: String, among words: [String]) -> String? {
    switch Misreading.of(text) {
    case "true" where words.contains("enabled"): return "did you mean \"enabled\"?"
    case "false" where words.contains("disabled"): return "did you mean \"disabled\"?"
    default: return Suggestion.hint(for: text, among: words)
    }
  }

  /// A list of texts; a single text counts as a list of one.
  func texts(_ key: String) -> [(text: String, position: Position)] {
    guard let node = self[key] else { return [] }
    return node.texts(of: "\"\(key)\"", report: report)
  }

  /// The members of a mapping below `key`, empty when it is absent.
  func entries(_ key: String) -> [SourceNode.Member] {
    guard let node = self[key] else { return [] }
    guard let members = node.members else {
      report.error("A013", "\"\(key)\" must be a mapping, not \(node.kind)", at: node.position)
      return []
    }
    for member in members {
      Misreading.check(member.key, isPlain: member.isPlain, at: member.position, report: report)
    }
    return members
  }
}

extension SourceNode {
  /// The texts of a list, or of a single value; whatever is no text is reported.
  func texts(of what: String, report: Report) -> [(text: String, position: Position)] {
    let nodes = items ?? [self]
    return nodes.compactMap { node in
      guard case .scalar(let text, let isPlain) = node.content, !node.isNothing else {
        report.error("A013", "\(what) must be a text or a list of texts, not \(node.kind)", at: node.position)
        return nil
      }
      Misreading.check(text, isPlain: isPlain, at: node.position, report: report)
      return (text, node.position)
    }
  }
}

extension String {
  /// The text without white space at its ends.
  func trimmingWhitespace() -> String {
    var slice = self[...]
    while slice.first?.isWhitespace == true { slice.removeFirst() }
    while slice.last?.isWhitespace == true { slice.removeLast() }
    return String(slice)
  }
}

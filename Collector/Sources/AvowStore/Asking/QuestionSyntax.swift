@_spi(AvowCollector) import AvowWire

/// A question as written, its names not yet looked up.
struct QuestionSyntax {
  enum Head {
    case events, users, items
    case distribution(QuestionToken)
    /// The name of an event, or of a number.
    case name(QuestionToken)
    case rolling(days: Int)
    case retention, stickiness, newAndReturning, recent
    case funnel([QuestionToken])
    /// The version's field, when one is named.
    case adoption(QuestionToken?)
  }

  struct Condition {
    var field: QuestionToken
    var comparison: Comparison
    var values: [QuestionToken]
  }

  enum Comparison { case equals, notEquals, oneOf, noneOf, atLeast, atMost, above, below, between }

  var head: Head
  var event: QuestionToken?
  var groups: [QuestionToken] = []
  var conditions: [Condition] = []
  var last: (count: Int, unit: String, position: Int)?
  var since: QuestionToken?
  var until: QuestionToken?
  var top: Int?
  var within: Duration?
  var isCompared = false

  private static let clauses = [
    "of", "by", "per", "where", "within", "last", "since", "until", "top", "compared",
  ]

  /// Reads the clauses in any order, each at most once.
  init(parsing text: String) throws(QuestionError) {
    var reader = Reader(tokens: try QuestionToken.tokens(of: text), end: text.count)
    head = try Self.head(&reader)
    while let token = reader.peek {
      guard token.kind == .word, Self.clauses.contains(token.text.lowercased()) else {
        throw QuestionError(
          "\"\(token.text)\" is not expected here",
          hint: token.kind == .quoted || token.kind == .word
            ? Suggestion.hint(for: token.text, among: Self.clauses, of: "words that may follow") : nil,
          position: token.position)
      }
      reader.advance()
      try clause(token, &reader)
    }
  }

  private static func head(_ reader: inout Reader) throws(QuestionError) -> Head {
    guard let first = reader.next() else {
      throw QuestionError("the question is empty", hint: "ask, for example, \"users by day last 28 days\"")
    }
    guard first.kind == .word else {
      throw QuestionError(
        "a question begins with events, users, items, distribution or the name of an event",
        position: first.position)
    }
    switch first.text.lowercased() {
    case "events": return .events
    case "users": return .users
    case "items": return .items
    case "distribution":
      try reader.expect("of", after: "distribution", example: "distribution of optimizations.latency")
      return .distribution(try reader.name("the number to look at"))
    default: return try special(first, &reader) ?? .name(first)
    }
  }

  private mutating func clause(_ token: QuestionToken, _ reader: inout Reader) throws(QuestionError) {
    func once(_ isFirst: Bool) throws(QuestionError) {
      if !isFirst { throw QuestionError("\"\(token.text)\" is said twice", position: token.position) }
    }
    switch token.text.lowercased() {
    case "of":
      try once(event == nil)
      event = try reader.name("the name of an event")
    case "by", "per":
      repeat {
        groups.append(try reader.name("a field, event, day, week or month"))
      } while reader.skipSeparator()
    case "where":
      try once(conditions.isEmpty)
      repeat { conditions.append(try Self.condition(&reader)) } while reader.skip("and")
    case "last":
      try once(last == nil)
      last = try Self.span(&reader, token.position)
    case "within":
      try once(within == nil)
      within = try Self.duration(&reader)
    case "compared":
      try once(!isCompared)
      isCompared = true
      if reader.skip("with") { try reader.expect("before", after: "with", example: "compared with before") }
    case "since":
      try once(since == nil)
      since = try reader.name("a date such as 2026-01-31")
    case "until":
      try once(until == nil)
      until = try reader.name("a date such as 2026-01-31")
    default:
      try once(top == nil)
      let number = try reader.name("a number")
      guard let value = Int(number.text), (1...1000).contains(value) else {
        throw QuestionError("\"top\" takes a whole number from 1 to 1000", position: number.position)
      }
      top = value
    }
  }

  private static func span(
    _ reader: inout Reader, _ position: Int
  ) throws(QuestionError) -> (count: Int, unit: String, position: Int) {
    let units = ["day", "week", "month", "year"]
    let first = try reader.name("a number of days, weeks, months or years")
    var count = 1
    var word = first
    if let number = Int(first.text) {
      count = number
      word = try reader.name("days, weeks, months or years")
    }
    var unit = word.text.lowercased()
    if unit.hasSuffix("s") { unit.removeLast() }
    guard units.contains(unit) else {
      throw QuestionError(
        "\"last\" takes a number of days, weeks, months or years", hint: "write, for example, last 28 days",
        position: word.position)
    }
    guard (1...4000).contains(count) else {
      throw QuestionError("\"last\" takes a whole number from 1 up", position: first.position)
    }
    return (count, unit, position)
  }

  private static func condition(_ reader: inout Reader) throws(QuestionError) -> Condition {
    let field = try reader.name("the field a condition is about")
    guard let sign = reader.next() else {
      throw QuestionError(
        "the condition on \(field.text) is not finished", hint: "write, for example, \(field.text) = value",
        position: reader.end)
    }
    func one(_ comparison: Comparison, _ reader: inout Reader) throws(QuestionError) -> Condition {
      Condition(field: field, comparison: comparison, values: [try reader.value()])
    }
    switch (sign.kind, sign.text.lowercased()) {
    case (.comparison, "="): return try one(.equals, &reader)
    case (.comparison, "!="): return try one(.notEquals, &reader)
    case (.comparison, ">="): return try one(.atLeast, &reader)
    case (.comparison, "<="): return try one(.atMost, &reader)
    case (.comparison, ">"): return try one(.above, &reader)
    case (.comparison, "<"): return try one(.below, &reader)
    case (.word, "is"):
      return reader.skip("not") ? try one(.notEquals, &reader) : try one(.equals, &reader)
    case (.word, "in"): return Condition(field: field, comparison: .oneOf, values: try reader.values())
    case (.word, "not"):
      try reader.expect("in", after: "not", example: "\(field.text) not in a, b")
      return Condition(field: field, comparison: .noneOf, values: try reader.values())
    case (.word, "between"):
      let low = try reader.value()
      try reader.expect("and", after: "between", example: "\(field.text) between 1 and 5")
      return Condition(field: field, comparison: .between, values: [low, try reader.value()])
    default:
      throw QuestionError(
        "\"\(sign.text)\" compares nothing", hint: "use =, !=, in, not in, >=, <= or between",
        position: sign.position)
    }
  }
}

extension QuestionSyntax {
  /// Walks the tokens.
  struct Reader {
    let tokens: [QuestionToken]
    let end: Int
    private var index = 0

    init(tokens: [QuestionToken], end: Int) {
      self.tokens = tokens
      self.end = end
    }

    var peek: QuestionToken? { index < tokens.count ? tokens[index] : nil }

    mutating func advance() { index += 1 }

    mutating func next() -> QuestionToken? {
      defer { index += 1 }
      return peek
    }

    mutating func skip(_ word: String) -> Bool {
      guard peek?.is(word) == true else { return false }
      index += 1
      return true
    }

    mutating func skipSeparator() -> Bool {
      guard let token = peek, token.kind == .comma || token.is("and") else { return false }
      index += 1
      return true
    }

    mutating func name(_ expected: String) throws(QuestionError) -> QuestionToken {
      guard let token = peek else {
        throw QuestionError("the question ends where \(expected) should follow", position: end)
      }
      guard token.kind == .word else {
        throw QuestionError("\(expected) should stand here", position: token.position)
      }
      index += 1
      return token
    }

    mutating func value() throws(QuestionError) -> QuestionToken {
      guard let token = peek, token.kind == .word || token.kind == .quoted else {
        throw QuestionError(
          "a value should follow", hint: "quote values with spaces", position: peek?.position ?? end)
      }
      index += 1
      return token
    }

    mutating func values() throws(QuestionError) -> [QuestionToken] {
      var values = [try value()]
      while let token = peek, token.kind == .comma || token.is("or") {
        index += 1
        values.append(try value())
      }
      return values
    }

    mutating func expect(_ word: String, after before: String, example: String) throws(QuestionError) {
      guard skip(word) else {
        throw QuestionError(
          "\"\(word)\" should follow \"\(before)\"", hint: "write, for example, \(example)",
          position: peek?.position ?? end)
      }
    }
  }
}

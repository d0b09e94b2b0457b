import AvowWire

/// The subjects about what users do over time.
extension QuestionSyntax {
  /// Reads the head of such a question; `nil` when `first` begins none.
  static func special(_ first: QuestionToken, _ reader: inout Reader) throws(QuestionError) -> Head? {
    switch first.text.lowercased() {
    case "retention": return .retention
    case "stickiness": return .stickiness
    case "recent":
      _ = reader.skip("events")
      return .recent
    case "new":
      // "and" alone could not follow an event's name.
      guard reader.skip("and") else { return nil }
      try reader.expect("returning", after: "new and", example: "new and returning users by week")
      _ = reader.skip("users")
      return .newAndReturning
    case "rolling":
      var days = 28
      if let token = reader.peek, let number = Int(token.text) {
        guard (1...366).contains(number) else {
          throw QuestionError("\"rolling\" looks at 1 to 366 days", position: token.position)
        }
        days = number
        reader.advance()
        if !reader.skip("days") { _ = reader.skip("day") }
      }
      try reader.expect("users", after: "rolling \(days)", example: "rolling 28 users by day")
      return .rolling(days: days)
    case "adoption":
      return .adoption(reader.skip("of") ? try reader.name("the version to look at") : nil)
    case "funnel":
      var steps = [try reader.name("the event of the first step")]
      while let token = reader.peek, (token.kind == .comparison && token.text == ">") || token.is("then") {
        reader.advance()
        steps.append(try reader.name("the event of the next step"))
      }
      guard (2...6).contains(steps.count) else {
        throw QuestionError(
          "a funnel has 2 to 6 steps", hint: "write, for example, funnel first > second within 7 days",
          position: first.position)
      }
      return .funnel(steps)
    default: return nil
    }
  }

  private static let units: [(name: String, seconds: Int)] = [
    ("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1),
  ]

  /// Reads `7 days`, `1 hour`, `90 seconds`.
  static func duration(_ reader: inout Reader) throws(QuestionError) -> Duration {
    let first = try reader.name("a number of days, hours, minutes or seconds")
    var word = first
    var count = 1
    if let number = Int(first.text) {
      count = number
      word = try reader.name("days, hours, minutes or seconds")
    }
    var name = word.text.lowercased()
    if name.hasSuffix("s") { name.removeLast() }
    if name == "millisecond", (1...31_622_400_000).contains(count) { return .milliseconds(count) }
    guard let unit = units.first(where: { $0.name == name }) else {
      throw QuestionError(
        "\"within\" takes a number of days, hours, minutes or seconds",
        hint: "write, for example, within 7 days",
        position: word.position)
    }
    guard count >= 1, count <= 31_622_400 / unit.seconds else {
      throw QuestionError("\"within\" takes a time up to a year", position: first.position)
    }
    return .seconds(count * unit.seconds)
  }

  /// `within`, in the greatest unit that says it exactly.
  static func text(of duration: Duration) -> String {
    let milliseconds = duration.milliseconds
    for unit in units.dropFirst() where milliseconds % Int64(unit.seconds * 1000) == 0 {
      let count = milliseconds / Int64(unit.seconds * 1000)
      return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
    return "\(milliseconds) milliseconds"
  }
}

extension Question {
  /// Makes the question of a head that is about users over time; `nil` for any other.
  static func special(
    _ syntax: QuestionSyntax, names: inout QuestionNames
  ) throws(QuestionError) -> (subject: Subject, period: Period)? {
    switch syntax.head {
    case .rolling(let days): return (.rolling(days: days), .day)
    case .retention: return (.retention, .week)
    case .stickiness: return (.stickiness, .week)
    case .newAndReturning: return (.newAndReturning, .week)
    case .recent: return (.recent, .total)
    case .funnel(let tokens):
      var steps: [String] = []
      for token in tokens { steps.append(try names.event(token)) }
      return (.funnel(steps, within: syntax.within ?? .seconds(604_800)), .total)
    case .adoption(let token):
      if let token {
        if !names.knows(token.text), let event = names.declaredEvent(token.text), names.event == nil {
          names.event = event
        } else {
          return (.adoption(of: try names.version(token)), .week)
        }
      }
      guard let field = names.catalog.context.first(where: { $0.source == .appVersion }) else {
        throw QuestionError(
          "\(names.catalog.app) declares no app_version", hint: "name a version: adoption of FIELD")
      }
      return (.adoption(of: FieldPath(field.name)), .week)
    case .events, .users, .items, .distribution, .name: return nil
    }
  }
}

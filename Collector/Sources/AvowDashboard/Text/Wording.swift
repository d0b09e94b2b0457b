import AvowStore

/// How an answer's numbers are called.
enum Wording {
  /// `installation`, `starts`, ...: what is counted.
  static func noun(_ unit: Answer.Unit, _ count: Double = 2) -> String {
    let plural =
      switch unit {
      case .events: "events"
      case .items: "items"
      case .installations: "installations"
      case .starts: "starts"
      case .values: "values"
      }
    return count == 1 ? String(plural.dropLast()) : plural
  }

  /// `installations`, `starts (a ceiling)`: what is counted and how it relates to the truth.
  static func unit(_ unit: Answer.Unit, _ bound: Answer.Bound) -> String {
    switch bound {
    case .exact: noun(unit)
    case .floor: "\(noun(unit)) (a floor)"
    case .ceiling: "\(noun(unit)) (a ceiling)"
    case .estimate: "\(noun(unit)) (an estimate)"
    }
  }

  /// A sentence that tells a reader what one unit is.
  static func explanation(_ unit: Answer.Unit, _ bound: Answer.Bound) -> String? {
    let what: String? =
      switch unit {
      case .installations:
        "An installation is one random identifier kept on a machine; nobody is identified by it."
      case .starts:
        "A start is one run of the program: the identifier is new each time"
          + (bound == .ceiling ? ", so there are at most so many users." : ".")
      case .items: "Items are the rows of a list inside an event; one event may hold several."
      case .events, .values: nil
      }
    let limit: String? =
      switch bound {
      case .exact: nil
      case .floor: "The true number is at least this."
      case .ceiling: unit == .starts ? nil : "The true number is at most this."
      case .estimate:
        "The true number may be greater or smaller: who got a new identifier meanwhile is taken for another, "
          + "and what came without one is left out."
      }
    let sentences = [what, limit].compactMap { $0 }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  /// `12,345 events`.
  static func count(_ value: Double, _ unit: Answer.Unit) -> String {
    "\(Decimal.count(value)) \(noun(unit, value))"
  }

  /// The value of a group as shown: an absent field has a name of its own.
  static func key(_ key: [String?], isOther: Bool = false) -> String {
    if isOther { return "all others" }
    if key.isEmpty { return "all" }
    return key.map { $0 ?? "not given" }.joined(separator: " · ")
  }

  /// `list_reports` as a title: `List reports`.
  static func title(_ name: String) -> String {
    let words = name.split(whereSeparator: { $0 == "_" || $0 == "." }).joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

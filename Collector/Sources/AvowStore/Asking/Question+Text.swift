import AvowWire

extension Question {
  /// The question in the words of `avow ask`; reading them gives the same question again.
  public var text: String {
    var words = head
    if period != .total || isPeriodSaid { words += ["by", period.rawValue] }
    if !filters.isEmpty { words += ["where", filters.map(\.text).joined(separator: " and ")] }
    words += ["since", CivilDate(dayNumber: interval.first).description]
    words += ["until", CivilDate(dayNumber: interval.last).description]
    if top != 10 { words += ["top", String(top)] }
    if comparesWithBefore { words += ["compared"] }
    return words.joined(separator: " ")
  }

  /// What is counted and how it is kept apart: the words that stay the same from week to week.
  var head: [String] {
    var words: [String] = []
    switch subject {
    case .events(let byEvent):
      words = ["events"] + ofEvent
      if byEvent { words += ["by event"] }
    case .activeUsers: words = ["users"] + ofEvent
    case .breakdown(let fields, let counting):
      words = [counting.rawValue] + ofEvent + ["by", fields.map(\.description).joined(separator: ", ")]
    case .distribution(let number, let fields):
      words = ["distribution of", number.description] + ofEvent
      if !fields.isEmpty { words += ["by", fields.map(\.description).joined(separator: ", ")] }
    case .rolling(let days): words = ["rolling", String(days), "users"] + ofEvent
    case .retention: words = ["retention"] + ofEvent
    case .stickiness: words = ["stickiness"] + ofEvent
    case .newAndReturning: words = ["new and returning users"] + ofEvent
    case .adoption(let field): words = ["adoption of", field.description] + ofEvent
    case .recent: words = ["recent"] + ofEvent
    case .funnel(let steps, let within):
      words = ["funnel", steps.joined(separator: " > "), "within", QuestionSyntax.text(of: within)]
    }
    return words
  }

  /// Whether nothing said means another period than the whole interval.
  private var isPeriodSaid: Bool {
    switch subject {
    case .rolling, .retention, .stickiness, .newAndReturning, .adoption: true
    case .events, .activeUsers, .breakdown, .distribution, .funnel, .recent: false
    }
  }

  private var ofEvent: [String] { event.map { ["of", $0] } ?? [] }
}

extension Filter {
  /// The condition in the words of `avow ask`.
  public var text: String {
    switch condition {
    case .equals(let value): "\(field) = \(Self.quoted(value))"
    case .notEquals(let value): "\(field) != \(Self.quoted(value))"
    case .version(let comparison, let version):
      "\(field) \(comparison.rawValue) \(Self.quoted(version))"
    case .oneOf(let values): "\(field) in \(values.map(Self.quoted).joined(separator: ", "))"
    case .range(let min?, let max?): "\(field) between \(Self.number(min)) and \(Self.number(max))"
    case .range(let min?, nil): "\(field) >= \(Self.number(min))"
    case .range(nil, let max?): "\(field) <= \(Self.number(max))"
    // No bound at all: every number, which the language says with the least one.
    case .range(nil, nil): "\(field) >= \(-Double.greatestFiniteMagnitude)"
    }
  }

  private static func quoted(_ value: String) -> String {
    let plain =
      !value.isEmpty
      && value.utf8.allSatisfy {
        switch $0 {
        case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "+"):
          true
        default: false
        }
      }
    guard !plain else { return value }
    return "\"\(value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }
}

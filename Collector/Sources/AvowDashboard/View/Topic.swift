import AvowStore
import AvowWire

/// What a question in a maintainer's own words is about, so that a page can print it with the chart that
/// answers it.
enum Topic: Sendable, Hashable {
  case activity, features, environment
  /// A property of an event, or a column of its records.
  case field(event: String, path: FieldPath)

  /// The topics of a question, the best first; empty when no chart answers it.
  static func topics(of question: String, catalog: Catalog) -> [Topic] {
    let words = Set(
      question.lowercased().split { !$0.isLetter && !$0.isNumber }.map { stem(String($0)) })
    var fields = fields(named: words, catalog: catalog)
    if fields.isEmpty, words.isSuperset(of: ["how", "long"]) { fields = durations(catalog) }
    let scores = [
      (
        Topic.activity,
        score(
          words,
          [
            "many": 2, "people": 2, "user": 2, "active": 1, "actively": 1, "install": 2, "installation": 2,
            "team": 1,
          ])
      ),
      (
        .features,
        score(
          words,
          [
            "feature": 3, "event": 2, "action": 2, "function": 2, "which": 1, "most": 1, "used": 1,
            "often": 1,
          ])
      ),
      (
        .environment,
        score(
          words,
          [
            "environment": 4, "platform": 3, "system": 2, "hardware": 2, "version": 2, "python": 2,
            "machine": 2, "os": 2, "where": 1, "dependency": 3, "dependencie": 3,
          ])
      ),
    ]
    let best = scores.max { $0.1 < $1.1 }
    if !fields.isEmpty, best?.1 ?? 0 < 3 { return fields }
    guard let best, best.1 > 1 else { return fields }
    // `max` gives the last of equals; the order of the list is the order of preference.
    return [scores.first { $0.1 == best.1 }?.0 ?? best.0]
  }

  private static func score(_ words: Set<String>, _ weights: [String: Int]) -> Int {
    weights.reduce(0) { words.contains($1.key) ? $0 + $1.value : $0 }
  }

  /// What "how long" asks for: numbers in units of time, at most three.
  private static func durations(_ catalog: Catalog) -> [Topic] {
    let found = catalog.events.flatMap { event in
      event.properties.filter { $0.type.isNumeric && ["s", "ms", "us", "ns"].contains($0.unit) }
        .map { Topic.field(event: event.name, path: FieldPath($0.name)) }
    }
    return Array(found.prefix(3))
  }

  /// Properties whose whole name is among the words of the question, at most three.
  private static func fields(named words: Set<String>, catalog: Catalog) -> [Topic] {
    var found: [Topic] = []
    for event in catalog.events {
      for property in event.properties {
        if case .records(let columns, _) = property.type {
          for column in columns where isNamed(column.name, words) {
            found.append(.field(event: event.name, path: FieldPath("\(property.name).\(column.name)")))
          }
        } else if isNamed(property.name, words) {
          found.append(.field(event: event.name, path: FieldPath(property.name)))
        }
      }
    }
    return Array(found.prefix(3))
  }

  private static func isNamed(_ name: String, _ words: Set<String>) -> Bool {
    let parts = name.split(separator: "_").map { stem(String($0)) }
    return name.count >= 4 && parts.allSatisfy(words.contains)
  }

  /// A word without the plural's s.
  private static func stem(_ word: String) -> String {
    word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
  }
}

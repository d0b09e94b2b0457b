import AvowStore
import AvowWire

/// Questions about a catalog, the same for the same seed; some of them unanswerable.
struct QuestionGenerator {
  private var random: SplitMix64
  private let catalog: Catalog
  private let today: Int
  private let paths: [FieldPath]

  init(seed: UInt64, catalog: Catalog, today: Int) {
    random = SplitMix64(seed: seed &* 31 &+ 7)
    self.catalog = catalog
    self.today = today
    var paths: [FieldPath] = []
    for field in catalog.context + catalog.events.flatMap(\.properties) {
      if case .records(let columns, _) = field.type {
        paths += columns.map { FieldPath("\(field.name).\($0.name)") }
      } else {
        paths.append(FieldPath(field.name))
      }
    }
    self.paths = Array(Set(paths)).sorted { $0.description < $1.description }
  }

  mutating func next() -> Question {
    let last =
      today
      - (random.chance(0.6) ? Int.random(in: 0...1, using: &random) : .random(in: 2...40, using: &random))
    let longest = [9, 9, 40, 70].randomElement(using: &random) ?? 9
    let first = last - Int.random(in: 0...longest, using: &random)
    let subject = self.subject()
    let isPlain = random.chance(0.4)
    var event = random.chance(0.4) ? catalog.events.randomElement(using: &random)?.name : nil
    if case .funnel = subject, random.chance(0.95) { event = nil }
    return Question(
      app: catalog.app, subject, event: event,
      interval: DayInterval(first: first, last: last),
      period: Question.Period.allCases.randomElement(using: &random) ?? .day,
      filters: isPlain ? [] : (0..<Int.random(in: 1...2, using: &random)).map { _ in filter() },
      top: [0, 1, 3, 100].randomElement(using: &random) ?? 3, comparesWithBefore: random.chance(0.2))
  }

  private mutating func subject() -> Question.Subject {
    switch Int.random(in: 0..<16, using: &random) {
    case 8: return .rolling(days: [1, 3, 7, 28, 0].randomElement(using: &random) ?? 7)
    case 9: return .retention
    case 10, 11:
      let names = (0..<Int.random(in: 2...6, using: &random)).compactMap { _ in
        catalog.events.randomElement(using: &random)?.name
      }
      let hours = [1, 24, 100, 168, 700].randomElement(using: &random) ?? 24
      return .funnel(names, within: .seconds(hours * 3600))
    case 12: return .adoption(of: FieldPath(random.chance(0.7) ? "app_version" : "runtime"))
    case 13: return .stickiness
    case 14: return .newAndReturning
    case 15: return .recent
    case 0: return .events(byEvent: random.chance(0.5))
    case 1: return .activeUsers
    case 2, 3:
      let numbers = [
        "seconds", "batch", "load", "uptime", "sizes", "steps.latency", "steps.size", "reports_count",
      ]
      let by = (0..<Int.random(in: 0...2, using: &random)).map { _ in path() }
      return .distribution(of: FieldPath(numbers.randomElement(using: &random) ?? ""), by: by)
    default:
      let by = (0..<(random.chance(0.5) ? 1 : 2)).map { _ in path() }
      return .breakdown(by: by, counting: Question.Counting.allCases.randomElement(using: &random) ?? .events)
    }
  }

  private mutating func path() -> FieldPath {
    let steps = paths.filter { $0.components.count == 2 }
    return (random.chance(0.3) ? steps : paths).randomElement(using: &random) ?? FieldPath("")
  }

  private mutating func filter() -> Filter {
    let path = self.path()
    switch Int.random(in: 0..<6, using: &random) {
    case 5:
      let comparison = Filter.VersionComparison.allCases.randomElement(using: &random) ?? .above
      let limit = ["1.2", "1.2.10", "2.0", "2.0rc1", "10"].randomElement(using: &random) ?? "1"
      return Filter(FieldPath(random.chance(0.6) ? "app_version" : "runtime"), .version(comparison, limit))
    case 0: return Filter(path, .equals(text(of: path)))
    case 1: return Filter(path, .notEquals(text(of: path)))
    case 2: return Filter(path, .oneOf((0..<3).map { _ in text(of: path) }))
    default:
      let numeric = ["cores", "uptime", "load", "batch", "steps.latency", "steps.size", "sizes", "seconds"]
      let low = Double(Int.random(in: -5...20, using: &random))
      return Filter(
        FieldPath(numeric.randomElement(using: &random) ?? ""),
        .range(
          min: random.chance(0.8) ? low : nil,
          max: random.chance(0.5) ? low + Double(Int.random(in: 0...2000, using: &random)) : nil))
    }
  }

  /// Mostly a text that some event has, seldom one that none can have.
  private mutating func text(of path: FieldPath) -> String {
    if random.chance(0.08) { return ["absent", "1e999", "nan", "01x"].randomElement(using: &random) ?? "" }
    for field in catalog.events.flatMap(\.properties) + catalog.context where field.name == path.components[0]
    {
      var type = field.type
      if case .records(let columns, _) = type {
        type = columns.first { $0.name == path.components.last }?.type ?? .boolean
      }
      if case .list(let element, _) = type { type = element }
      let value = SampleTraffic.value(Field("x", type), &random)
      return value.stringValue ?? value.text
    }
    return ""
  }

  // MARK: Kinds

  static let subjectKinds = [
    "events", "active users", "breakdown of events", "breakdown of users", "breakdown of items",
    "distribution", "distribution by one", "distribution by two", "rolling", "retention", "funnel",
    "adoption", "stickiness", "new and returning", "recent",
  ]
  static let filterKinds = ["equals", "not equals", "one of", "range", "version"]

  static func kind(of subject: Question.Subject) -> String {
    switch subject {
    case .events: "events"
    case .activeUsers: "active users"
    case .breakdown(_, let counting): "breakdown of \(counting.rawValue)"
    case .distribution(_, let by): "distribution" + ["", " by one", " by two"][by.count]
    case .rolling: "rolling"
    case .retention: "retention"
    case .funnel: "funnel"
    case .adoption: "adoption"
    case .stickiness: "stickiness"
    case .newAndReturning: "new and returning"
    case .recent: "recent"
    }
  }

  static func kind(of filter: Filter) -> String {
    switch filter.condition {
    case .equals: "equals"
    case .notEquals: "not equals"
    case .oneOf: "one of"
    case .range: "range"
    case .version: "version"
    }
  }

  /// Questions that ask a little less than `question`.
  static func simpler(_ question: Question) -> [Question] {
    var simpler: [Question] = []
    func add(_ change: (inout Question) -> Void) {
      var other = question
      change(&other)
      if other != question { simpler.append(other) }
    }
    add { $0.comparesWithBefore = false }
    for index in question.filters.indices { add { $0.filters.remove(at: index) } }
    if question.interval.count > 1 {
      add { $0.interval.first += 1 }
      add { $0.interval.last -= 1 }
    }
    add { $0.period = .total }
    add { $0.top = 100 }
    switch question.subject {
    case .breakdown(let by, let counting) where by.count > 1:
      for field in by { add { $0.subject = .breakdown(by: [field], counting: counting) } }
    case .distribution(let number, let by) where !by.isEmpty:
      for index in by.indices {
        var fewer = by
        fewer.remove(at: index)
        add { $0.subject = .distribution(of: number, by: fewer) }
      }
    case .funnel(let steps, let within) where steps.count > 2:
      for index in steps.indices {
        var fewer = steps
        fewer.remove(at: index)
        add { $0.subject = .funnel(fewer, within: within) }
      }
    default: break
    }
    return simpler
  }
}

public import AvowWire

/// A question held against a catalog: every name found, every rule about users applied.
///
/// All stores begin here, so that they refuse the same questions with the same words.
///
/// A question speaks of those events that declare every field it names; a context field is declared by
/// all of them. When an event and the context share a name, the event's property is meant.
public struct ResolvedQuestion: Sendable {
  /// One event the question reads, with the fields it names there.
  public struct Source: Sendable {
    /// The index of the event in the catalog.
    public var event: Int
    /// The fields grouped by.
    public var keys: [Column]
    /// The number whose distribution is asked.
    public var number: Column?
    public var filters: [Condition]
  }

  /// A filter with its field found.
  public struct Condition: Sendable {
    public var column: Column
    public var test: Filter.Condition
  }

  public let question: Question
  public let catalog: Catalog
  public let axis: PeriodAxis
  public let unit: Answer.Unit
  /// What is known before looking at the data; `bound(leavingOut:)` says what the data make of it.
  public let bound: Answer.Bound
  public let sources: [Source]
  public let countsUsers: Bool
  /// The days whose events matter: those of the interval, and what a subject looks back or ahead.
  public let reach: DayInterval
  /// For a funnel: the index in `sources` of each step's event.
  public let steps: [Int]

  /// The groups to name, in this order, whatever their size; `nil`: the greatest ones.
  public let named: [[String?]]?

  /// Holds a question against the catalog of its app.
  ///
  /// - Parameter named: For what was so before: the groups that the asked days' answer names, so that the same
  ///   stand side by side.
  /// - Throws: `StoreError.unanswerable` with the reason.
  public init(
    _ question: Question, catalog: Catalog, naming named: [[String?]]? = nil
  ) throws(StoreError) {
    self.named = named
    guard question.interval.count <= Self.longestInterval else {
      throw .unanswerable("an interval may span at most \(Self.longestInterval) days")
    }
    self.question = question
    self.catalog = catalog

    var shape = Shape()
    try shape.take(question)
    axis = PeriodAxis(question.interval, period: shape.period)
    reach = shape.reach
    countsUsers = shape.counting == .users
    (unit, bound) =
      switch (shape.counting, shape.number) {
      case (.users, _): try Self.users(of: catalog, question: question, shape)
      case (.items, _): (.items, .exact)
      case (.events, nil): (.events, .exact)
      case (.events, _): (.values, .exact)
      }
    let sources = try Self.sources(catalog, shape, filters: question.filters)
    self.sources = sources
    steps = shape.steps.compactMap { step in
      sources.firstIndex { catalog.events[$0.event].name == step }
    }
    guard steps.count == shape.steps.count else {
      throw .unanswerable("the steps of the funnel do not all declare the fields this question names")
    }
    for source in sources {
      try Self.checkLists(source, counting: shape.counting)
      if case .adoption(let path) = question.subject, source.keys[0].type.keyword != "version" {
        throw .unanswerable("\"\(path)\" is no version")
      }
    }
  }

  /// How an answer's numbers relate to the truth when so many events had no lasting user to count.
  ///
  /// There may be more users than were counted: `exact` is a `floor` then, and a `ceiling` is none.
  public func bound(leavingOut events: Int) -> Answer.Bound {
    guard countsUsers, events > 0 else { return bound }
    return switch bound {
    case .exact, .floor: .floor
    case .ceiling, .estimate: .estimate
    }
  }

  /// Whether today's events still change the answer.
  public func isRunning(today: Int) -> Bool {
    if case .funnel = question.subject { return today <= reach.last }
    return today <= question.interval.last
  }

  /// A century.
  public static let longestInterval = 36_525

  // MARK: Fields

  private static func sources(
    _ catalog: Catalog, _ shape: Shape, filters: [Filter]
  ) throws(StoreError) -> [Source] {
    let (keys, number) = (shape.keys, shape.number)
    var candidates = Array(catalog.events.indices)
    for step in shape.steps where !catalog.events.contains(where: { $0.name == step }) {
      throw .unanswerable("\(catalog.app) declares no event \"\(step)\"")
    }
    if !shape.steps.isEmpty {
      candidates = candidates.filter { shape.steps.contains(catalog.events[$0].name) }
    }
    if let name = shape.event {
      candidates = candidates.filter { catalog.events[$0].name == name }
      guard !candidates.isEmpty else {
        throw .unanswerable("\(catalog.app) declares no event \"\(name)\"")
      }
    }
    for path in keys + (number.map { [$0] } ?? []) + filters.map(\.field) {
      var reason = "\(catalog.app) declares no field \"\(path)\""
      let found = candidates.contains { event in
        switch Column.find(path, event: event, in: catalog) {
        case .success: return true
        case .failure(let problem):
          if let text = problem.reason { reason = text }
          return false
        }
      }
      if !found { throw .unanswerable(reason) }
    }
    var sources: [Source] = []
    for event in candidates {
      func column(_ path: FieldPath) -> Column? { try? Column.find(path, event: event, in: catalog).get() }
      let found = keys.compactMap(column)
      let conditions = filters.compactMap { filter in
        column(filter.field).map { Condition(column: $0, test: filter.condition) }
      }
      let measured = number.flatMap(column)
      guard found.count == keys.count, conditions.count == filters.count,
        (measured == nil) == (number == nil)
      else { continue }
      if let measured, let number, !measured.isNumeric {
        throw .unanswerable("\"\(number)\" is no number")
      }
      for condition in conditions {
        if case .range = condition.test, !condition.column.isNumeric {
          throw .unanswerable("\"\(condition.column.name)\" is no number, so it has no range")
        }
        if case .version(_, let limit) = condition.test {
          guard condition.column.type.keyword == "version" else {
            throw .unanswerable("\"\(condition.column.name)\" is no version, so none is above or below it")
          }
          guard VersionOrder(limit) != nil else {
            throw .unanswerable("\"\(limit)\" is no version")
          }
        }
      }
      sources.append(Source(event: event, keys: found, number: measured, filters: conditions))
    }
    guard !sources.isEmpty else {
      throw .unanswerable("no event of \(catalog.app) declares all the fields this question names")
    }
    return sources
  }

  private static func checkLists(_ source: Source, counting: Question.Counting) throws(StoreError) {
    let lists = Set((source.keys + (source.number.map { [$0] } ?? [])).compactMap(\.list))
    if lists.count > 1, counting == .items || source.number != nil {
      throw .unanswerable("the items of two lists cannot be paired")
    }
    if lists.isEmpty, counting == .items {
      throw .unanswerable("counting items needs a field inside a list")
    }
  }
}

extension Catalog.Identity.Rotation {
  /// The longest time, in days, that a pseudonym lives; `nil`: for ever.
  public var days: Int? {
    switch self {
    case .never: nil
    case .year: 366
    case .month: 31
    case .week: 7
    case .day: 1
    }
  }

  /// Returns a number that is equal for the (UTC) days a pseudonym lives through.
  func period(of day: Int) -> Int {
    let whole = DayInterval(first: day, last: day)
    return switch self {
    case .never: 0
    case .year: CivilDate(dayNumber: day).year
    case .month: Question.Period.month.start(of: day, in: whole)
    case .week: Question.Period.week.start(of: day, in: whole)
    case .day: day
    }
  }
}

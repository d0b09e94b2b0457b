import AvowStore
import AvowWire

/// Answers a question by looking at every event.
struct ReferenceAnswer {
  private typealias Value = MemoryEventStore.Value

  /// What one event contributes: the groups it belongs to, and the numbers it gives to each.
  struct Contribution {
    var event: MemoryEventStore.Kept
    var day: Int
    /// -1: outside of the interval.
    var period: Int
    /// One for each item that the question reaches, or the only one.
    var rows: [(key: [String?], number: Double?)]
  }

  let question: Question
  let resolved: ResolvedQuestion
  let calendar: ReferenceCalendar
  let now: Timestamp

  init(
    _ question: Question, catalog: Catalog, now: Timestamp, naming named: [[String?]]? = nil
  ) throws(StoreError) {
    self.question = question
    self.now = now
    resolved = try ResolvedQuestion(question, catalog: catalog, naming: named)
    calendar = ReferenceCalendar(zone: catalog.reportingZone)
  }

  /// For the filters of an export.
  init(filtering request: ExportRequest, _ catalog: Catalog, now: Timestamp) throws(StoreError) {
    try self.init(
      Question(
        app: request.app, .events(byEvent: true), event: request.event,
        interval: DayInterval(first: 0, last: 0), filters: request.filters), catalog: catalog, now: now)
  }

  /// Whether the question speaks of an event and its filters let it pass.
  func passes(_ event: MemoryEventStore.Kept) -> Bool {
    resolved.sources.contains {
      resolved.catalog.events[$0.event].name == event.stored.event && rows(of: event, $0) != nil
    }
  }

  func answer(_ events: [MemoryEventStore.Kept]) -> Answer {
    var period = question.period
    switch question.subject {
    case .distribution, .funnel, .recent: period = .total
    default: break
    }
    let interval = question.interval
    var periods: [Int] = []
    var periodOfDay: [Int: Int] = [:]
    for day in interval.first...interval.last {
      let start = calendar.start(of: day, period, in: interval)
      if !periods.contains(start) { periods.append(start) }
      periodOfDay[day] = periods.count - 1
    }
    // Everything that matches, of all days.
    let all = events.compactMap { event -> Contribution? in
      let day = calendar.day(of: event.stored.time)
      guard
        let source = resolved.sources.first(where: {
          resolved.catalog.events[$0.event].name == event.stored.event
        }),
        let rows = rows(of: event, source)
      else { return nil }
      return Contribution(event: event, day: day, period: periodOfDay[day] ?? -1, rows: rows)
    }
    let contributions = all.filter { $0.period >= 0 }
    var answer = Answer(
      question: question, unit: resolved.unit, bound: resolved.bound, periods: periods,
      lastPeriodIsRunning: resolved.isRunning(today: calendar.day(of: now)), reports: 0)
    switch question.subject {
    case .events(let byEvent):
      let grouped = contributions.map { one -> Contribution in
        var one = one
        one.rows = [(byEvent ? [one.event.stored.event] : [], nil)]
        return one
      }
      fill(&answer, grouped, counting: .events, isSingle: !byEvent)
    case .activeUsers:
      fill(&answer, contributions, counting: .users, isSingle: true)
    case .breakdown(_, let counting):
      fill(&answer, contributions, counting: counting, isSingle: false)
    case .distribution(_, let by):
      fillDistributions(&answer, contributions, isSingle: by.isEmpty)
    case .rolling(let days): fillRolling(&answer, all, days: days)
    case .retention: fillRetention(&answer, all)
    case .newAndReturning: fillNewAndReturning(&answer, all)
    case .stickiness: fillStickiness(&answer, all)
    case .funnel(let steps, let within): fillFunnel(&answer, all, steps, within)
    case .adoption:
      fill(&answer, contributions, counting: .users, isSingle: false)
      let (named, rest) = (answer.series.filter { !$0.isOther }, answer.series.filter(\.isOther))
      answer.series = named.sorted { Self.isNewer($0.key[0], $1.key[0]) } + rest
    case .recent: fillRecent(&answer, contributions)
    }
    return answer
  }

  // MARK: Counting

  func fill(
    _ answer: inout Answer, _ all: [Contribution], counting: Question.Counting, isSingle: Bool
  ) {
    var used = all.filter { !$0.rows.isEmpty }
    if counting == .users {
      let lasting = all.filter { $0.event.stored.user != nil && !$0.event.isEphemeral }
      answer.bound = resolved.bound(leavingOut: all.count - lasting.count)
      used = lasting
    }
    answer.reports = used.count
    /// The number for some groups, from what contributes to them, in one period or in all.
    func count(_ these: [Contribution], _ groups: Set<[String?]>, in period: Int? = nil) -> Double {
      let here = these.filter { period == nil || $0.period == period }
      switch counting {
      case .events:
        // An event that belongs to two groups counts in both.
        return Double(here.reduce(0) { $0 + Set($1.rows.map(\.key)).intersection(groups).count })
      case .items: return Double(here.reduce(0) { $0 + $1.rows.count { groups.contains($0.key) } })
      case .users: return Double(Set(here.map(\.event.stored.user)).count)
      }
    }
    var members: [[String?]: [Contribution]] = isSingle ? [[]: []] : [:]
    for one in used {
      for key in Set(one.rows.map(\.key)) { members[key, default: []].append(one) }
    }
    let ranked = members.map { key, these in (key: key, these: these, total: count(these, [key])) }
      .sorted { $0.total != $1.total ? $0.total > $1.total : Self.precedes($0.key, $1.key) }
    var named = isSingle ? ranked : Array(ranked.prefix(question.top))
    if let groups = resolved.named {
      named = groups.map { key in ranked.first { $0.key == key } ?? (key: key, these: [], total: 0) }
    }
    answer.series = named.map { key, these, total in
      Answer.Series(
        key: key, values: answer.periods.indices.map { count(these, [key], in: $0) }, total: total)
    }
    let others = Set(ranked.map(\.key)).subtracting(named.map(\.key))
    if !others.isEmpty {
      let these = used.filter { !others.isDisjoint(with: $0.rows.map(\.key)) }
      answer.series.append(
        Answer.Series(
          key: [], isOther: true, values: answer.periods.indices.map { count(these, others, in: $0) },
          total: count(these, others)))
    }
  }

  private func fillDistributions(_ answer: inout Answer, _ all: [Contribution], isSingle: Bool) {
    var values: [[String?]: [Double]] = [:]
    for contribution in all {
      let measured = contribution.rows.filter { $0.number != nil }
      if !measured.isEmpty { answer.reports += 1 }
      for row in measured { values[row.key, default: []].append(row.number ?? 0) }
    }
    let ranked = values.sorted {
      $0.value.count != $1.value.count
        ? $0.value.count > $1.value.count : Self.precedes($0.key, $1.key)
    }
    func describe(_ key: [String?], _ values: [Double]) -> Answer.Distribution {
      Answer.Distribution(
        key: key, sorted: values.sorted(), isInteger: values.allSatisfy { $0 == $0.rounded() })
    }
    var named = ranked.prefix(isSingle ? 1 : question.top).map(\.key)
    if let groups = resolved.named { named = groups.filter { values[$0] != nil } }
    answer.distributions = named.map { describe($0, values[$0] ?? []) }
    let others = ranked.filter { !named.contains($0.key) }.flatMap(\.value)
    if !others.isEmpty {
      var rest = describe([], others)
      rest.isOther = true
      answer.distributions.append(rest)
    }
  }

  private static func precedes(_ left: [String?], _ right: [String?]) -> Bool {
    for (a, b) in zip(left, right) where a != b {
      guard let a else { return false }
      guard let b else { return true }
      return Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
    }
    return false
  }

  // MARK: One event

  /// The rows of an event that pass the filters; `nil`: the event does not.
  func rows(
    of event: MemoryEventStore.Kept, _ source: ResolvedQuestion.Source
  ) -> [(key: [String?], number: Double?)]? {
    let columns = source.keys + (source.number.map { [$0] } ?? [])
    var lists: [ResolvedQuestion.Column.List] = []
    for list in columns.compactMap(\.list) where !lists.contains(list) { lists.append(list) }
    var recordFilters: [ResolvedQuestion.Column.List: [ResolvedQuestion.Condition]] = [:]
    for filter in source.filters {
      let column = filter.column
      if let list = column.list, list.isRecords {
        recordFilters[list, default: []].append(filter)
      } else if column.list != nil {
        let elements = items(of: column, event).map { value(column, in: $0, event) }
        if case .notEquals(let text) = filter.test {
          if elements.contains(where: { holds(.equals(text), $0) }) { return nil }
        } else if !elements.contains(where: { holds(filter.test, $0) }) {
          return nil
        }
      } else if !holds(filter.test, value(column, in: nil, event)) {
        return nil
      }
    }
    for (_, filters) in recordFilters {
      let passing = items(of: filters[0].column, event).filter { passes($0, filters, event) }
      if passing.isEmpty { return nil }
    }
    // All combinations of items of the lists reached; one list as a rule.
    var combinations: [[Value?]] = [[]]
    for list in lists {
      let column = columns.first { $0.list == list }
      var found = column.map { items(of: $0, event) } ?? []
      if let filters = recordFilters[list] { found = found.filter { passes($0, filters, event) } }
      let choices: [Value?] = found.isEmpty ? [nil] : found.map { $0 }
      combinations = combinations.flatMap { before in choices.map { before + [$0] } }
    }
    var counting = Question.Counting.events
    if case .breakdown(_, let what) = question.subject { counting = what }
    var rows: [(key: [String?], number: Double?)] = []
    for combination in combinations {
      func read(_ column: ResolvedQuestion.Column) -> JSONValue? {
        guard let list = column.list, let index = lists.firstIndex(of: list) else {
          return value(column, in: nil, event)
        }
        guard let item = combination[index] else { return nil }
        return value(column, in: item, event)
      }
      if counting == .items, combination.contains(nil) { continue }
      let row = (
        key: source.keys.map { read($0).map(Self.name) }, number: source.number.flatMap(read)?.numberValue
      )
      // A number of the event itself counts once under each different element.
      if let number = source.number, number.list == nil, rows.contains(where: { $0.key == row.key }) {
        continue
      }
      rows.append(row)
    }
    return rows
  }

  private func passes(
    _ item: Value, _ filters: [ResolvedQuestion.Condition], _ event: MemoryEventStore.Kept
  ) -> Bool {
    filters.allSatisfy { holds($0.test, value($0.column, in: item, event)) }
  }

  private func field(_ column: ResolvedQuestion.Column, _ event: MemoryEventStore.Kept) -> Value? {
    let name = FieldPath(column.name).components[0]
    return column.place == .context ? event.context[name] : event.properties[name]
  }

  private func items(of column: ResolvedQuestion.Column, _ event: MemoryEventStore.Kept) -> [Value] {
    switch field(column, event) {
    case .list(let elements): column.list?.isRecords == false ? elements : []
    case .records(let rows): column.list?.isRecords == true ? rows.map { .records([$0]) } : []
    default: []
    }
  }

  /// The value of a column in an item, or of the event itself; only of the type declared today.
  private func value(
    _ column: ResolvedQuestion.Column, in item: Value?, _ event: MemoryEventStore.Kept
  ) -> JSONValue? {
    var found: Value?
    switch item {
    case .records(let rows): found = rows.first?[FieldPath(column.name).components.last ?? ""]
    case .some(let element): found = element
    case nil: found = field(column, event)
    }
    guard case .single(let type, let json)? = found, type == column.type.keyword else { return nil }
    return json
  }

  private func holds(_ test: Filter.Condition, _ value: JSONValue?) -> Bool {
    switch test {
    case .equals(let text): value.map { Self.equal($0, text) } ?? false
    case .notEquals(let text): !holds(.equals(text), value)
    case .oneOf(let texts): texts.contains { holds(.equals($0), value) }
    case .range(let low, let high):
      if let number = value?.numberValue {
        number >= low ?? -.infinity && number <= high ?? .infinity
      } else {
        false
      }
    case .version(let comparison, let limit):
      value?.stringValue.map { VersionOrder.holds(comparison, $0, limit) } ?? false
    }
  }

  private static func equal(_ value: JSONValue, _ text: String) -> Bool {
    switch value {
    case .boolean(let flag): text == (flag ? "true" : "false")
    case .integer, .number: Double(text) == value.numberValue
    default: value.stringValue == text
    }
  }

  private static func name(_ value: JSONValue) -> String { value.stringValue ?? value.text }
}

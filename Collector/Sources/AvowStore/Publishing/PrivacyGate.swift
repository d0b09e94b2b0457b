public import AvowWire

/// Turns answers into what anybody may read.
///
/// - Only whole weeks, and only once they have settled, two days after their end: clients that were offline
///   come late, and what is published is never changed. So nobody learns anything by comparing what a page
///   said before and after one user's data came, or went.
/// - A group that fewer than the threshold stand behind is added to `other`. While fewer than the
///   threshold stand behind `other`, it takes the next smallest group too. When that leaves nothing to
///   name and too few in all, the week says only that there were too few.
/// - Numbers of *users* are rounded down to whole thresholds. Users may be in several groups and in several
///   published answers, so exact numbers could be subtracted: all users minus those of one event would
///   tell how many never sent it. Of multiples of ten every sum and difference is a multiple of ten.
/// - Numbers of *events* and *items* add up, so they are exact. Each week they are held against all others
///   already published for it; where a difference would rest on too few, the later question is withheld.
///   So it is when events came or went since the week's first numbers, for the difference would be those.
public struct PrivacyGate: Sendable {
  let catalog: Catalog
  let ask: @Sendable (Question) async throws -> Answer
  /// Every group there is.
  static let all = 1 << 30

  /// - Parameter ask: Answers a question.
  public init(catalog: Catalog, ask: @escaping @Sendable (Question) async throws -> Answer) {
    self.catalog = catalog
    self.ask = ask
  }

  /// How many days after a week's end it is published.
  public static let settlingDays = 2

  /// The Mondays of the newest `count` weeks that have settled, ascending.
  public static func weeks(_ count: Int, today: Int) -> [Int] {
    let last = Question.Period.week.start(of: today - settlingDays) - 7
    return (0..<count).reversed().map { last - 7 * $0 }
  }

  /// What may be published of a question for a week.
  ///
  /// - Parameters:
  ///   - published: What already is for the same week, with the question of each.
  ///   - hasChanged: Whether the week's `state` is another than when those were published.
  public func publication(
    of question: PublicQuestion, week: Int, beside published: [(PublicQuestion, Publication)],
    hasChanged: Bool = false
  ) async throws -> Publication {
    let threshold = PrivacyThreshold(catalog, week: week)
    var publication =
      question.countsUsers
      ? try await users(question, week, threshold) : try await counts(question, week, threshold)
    guard publication.status == .published, !question.countsUsers else { return publication }
    let others = published.filter { !$0.0.countsUsers && $0.1.status == .published }
    var isWithheld = hasChanged || others.contains { question.conflict(with: $0.0) != nil }
    if !isWithheld { isWithheld = try await leaks(others + [(question, publication)], week, threshold) }
    if isWithheld {
      publication.status = .withheld
      publication.groups = []
    }
    return publication
  }

  /// What is stored of a week, in so few words that any coming or going of events shows. Not for publishing.
  public func state(week: Int) async throws -> String {
    let days = DayInterval(first: week, last: week + 6)
    let events = try await ask(
      Question(
        app: catalog.app, .events(byEvent: true), interval: days, period: .total, top: Self.all))
    var words = events.series.map { "\($0.key.first.flatMap { $0 } ?? "") \(Int($0.total))" }.sorted()
    if catalog.identity.user != .none, PrivacyThreshold(catalog, week: week).unit != .reports {
      let users = try await ask(Question(app: catalog.app, .activeUsers, interval: days, period: .total))
      words.append("\(Int(users.series.first?.total ?? 0)) of \(users.reports)")
    }
    return words.joined(separator: ", ")
  }

  // MARK: Users

  private func users(
    _ question: PublicQuestion, _ week: Int, _ threshold: PrivacyThreshold
  ) async throws -> Publication {
    let full = try await ask(question.asked(of: week, top: Self.all))
    var publication = Publication(
      question: question.phrase, week: week, status: .published, unit: full.unit, bound: full.bound,
      threshold: threshold, groups: [])
    let k = Double(threshold.count)
    var named: [Answer.Series]
    var other: Double
    if question.fields.isEmpty {
      // A user is in one of these groups at most, so the rest is a sum.
      named = full.series.filter { $0.total >= k }
      other = full.series.filter { $0.total < k }.reduce(0) { $0 + $1.total }
      if other > 0, other < k, let least = named.min(by: { $0.total < $1.total }) {
        named.removeAll { $0.key == least.key }
        other += least.total
      }
    } else {
      // Groups are ranked by their users: those named are the first so many.
      var count = min(question.question.top, full.series.count { $0.total >= k })
      var answer = try await ask(question.asked(of: week, top: count))
      other = answer.series.first(where: \.isOther)?.total ?? 0
      if other > 0, other < k, count > 0 {
        count -= 1
        answer = try await ask(question.asked(of: week, top: count))
        other = answer.series.first(where: \.isOther)?.total ?? 0
      }
      named = answer.series.filter { !$0.isOther }
    }
    func rounded(_ value: Double) -> Int { Int(value) / threshold.count * threshold.count }
    publication.groups = named.map { Publication.Group(key: $0.key, value: rounded($0.total)) }
    if other >= k {
      publication.groups.append(Publication.Group(key: [], isOther: true, value: rounded(other)))
    }
    if publication.groups.isEmpty { publication.status = .tooFew }
    return publication
  }

  // MARK: Events and items

  private func counts(
    _ question: PublicQuestion, _ week: Int, _ threshold: PrivacyThreshold
  ) async throws -> Publication {
    let full = try await ask(question.asked(of: week, top: Self.all))
    let weights = try await weights(question, week, threshold)
    let k = threshold.count
    let groups = full.series.filter { $0.total > 0 }
    func weight(_ series: Answer.Series) -> Int { weights.of[series.key] ?? 0 }
    // In the order of the answer, the greatest first.
    var named = Array(groups.filter { weight($0) >= k }.prefix(question.question.top))
    var rest = groups.filter { group in !named.contains { $0.key == group.key } }
    // As many as are surely behind the rest: those of its greatest group, or all of the small ones.
    let behind = max(rest.map(weight).max() ?? 0, weights.small)
    if !rest.isEmpty, behind < k, let least = named.min(by: { weight($0) < weight($1) }) {
      named.removeAll { $0.key == least.key }
      rest.append(least)
    }
    var publication = Publication(
      question: question.phrase, week: week, status: .published, unit: full.unit, bound: full.bound,
      threshold: threshold,
      groups: named.map { Publication.Group(key: $0.key, value: Int($0.total)) })
    if !rest.isEmpty, max(rest.map(weight).max() ?? 0, weights.small) >= k {
      publication.groups.append(
        Publication.Group(key: [], isOther: true, value: Int(rest.reduce(0) { $0 + $1.total })))
    }
    if publication.groups.isEmpty { publication.status = .tooFew }
    return publication
  }

  /// How many users, starts or reports are behind each group, and behind all groups below the threshold
  /// together (0 where that is not known).
  private func weights(
    _ question: PublicQuestion, _ week: Int, _ threshold: PrivacyThreshold
  ) async throws -> (of: [[String?]: Int], small: Int) {
    let isReports = threshold.unit == .reports
    switch question.question.subject {
    case .events(byEvent: true):
      let events = try await eventWeights(Array(question.scope), week, threshold)
      let small = events.values.filter { $0 < threshold.count }
      return (
        Dictionary(uniqueKeysWithValues: events.map { ([$0.key], $0.value) }),
        isReports ? small.reduce(0, +) : 0
      )
    case .breakdown(let fields, let counting):
      let subject = Question.Subject.breakdown(by: fields, counting: isReports ? .events : .users)
      let all = try await ask(question.asked(of: week, subject, top: Self.all))
      let of = Dictionary(uniqueKeysWithValues: all.series.map { ($0.key, Int($0.total)) })
      // An event with several items is in several groups; an event without any in one that items have not.
      guard counting == .events else { return (of, 0) }
      let large = of.values.count { $0 >= threshold.count }
      let folded = try await ask(question.asked(of: week, subject, top: large))
      return (of, Int(folded.series.first(where: \.isOther)?.total ?? 0))
    default:
      let subject = isReports ? Question.Subject.events(byEvent: false) : .activeUsers
      let answer = try await ask(question.asked(of: week, subject))
      return ([[]: Int(answer.series.first?.total ?? 0)], 0)
    }
  }

  private func eventWeights(
    _ events: [String], _ week: Int, _ threshold: PrivacyThreshold
  ) async throws -> [String: Int] {
    var weights: [String: Int] = [:]
    for event in events {
      let answer = try await ask(
        Question(
          app: catalog.app, threshold.unit == .reports ? .events(byEvent: false) : .activeUsers, event: event,
          interval: DayInterval(first: week, last: week + 6), period: .total))
      weights[event] = Int(answer.series.first?.total ?? 0)
    }
    return weights
  }

  // MARK: Differences

  /// Whether the numbers of sets of events, subtracted from each other, leave events of too few.
  private func leaks(
    _ published: [(PublicQuestion, Publication)], _ week: Int, _ threshold: PrivacyThreshold
  ) async throws -> Bool {
    var sets: Set<Set<String>> = []
    for (question, publication) in published where publication.unit == .events {
      sets.insert(question.scope)
      guard question.isByEvent else { continue }
      let named = Set(publication.groups.filter { !$0.isOther }.compactMap { $0.key.first ?? nil })
      for event in named { sets.insert([event]) }
      // Declared events without any are in no group; they add nothing to a difference either.
      if publication.groups.contains(where: \.isOther) { sets.insert(question.scope.subtracting(named)) }
    }
    guard sets.count > 1 else { return false }
    let weights = try await eventWeights(
      Array(sets.reduce(into: Set()) { $0.formUnion($1) }), week, threshold)
    let counts = try await eventWeights(
      Array(weights.keys), week, PrivacyThreshold(count: 0, unit: .reports))
    for set in sets {
      let inside = sets.filter { $0.isStrictSubset(of: set) }.reduce(into: Set<String>()) { $0.formUnion($1) }
      let rest = set.subtracting(inside).filter { counts[$0, default: 0] > 0 }
      guard !inside.isEmpty, !rest.isEmpty else { continue }
      let behind = rest.map { weights[$0, default: 0] }
      let sum = threshold.unit == .reports ? behind.reduce(0, +) : behind.max() ?? 0
      if sum < threshold.count { return true }
    }
    return false
  }
}

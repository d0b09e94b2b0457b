public import AvowWire

/// A question of a catalog's `public:` list: what anybody may read, a week at a time.
///
/// It counts events, items or users of whole ISO weeks, in total or by one or two fields, without filters.
/// Everything else is refused with the reason, for it would show single events (`recent`), single users'
/// values (`distribution`) or numbers that can be subtracted from one another (`rolling`, `retention`,
/// funnels, intervals of one's own).
public struct PublicQuestion: Sendable, Hashable {
  /// The question without interval and period, the same however it was written.
  public let phrase: String
  /// The question about some week.
  let question: Question
  /// The events it speaks of.
  let scope: Set<String>

  /// Reads a question of the list.
  ///
  /// - Throws: `QuestionError` that says why it cannot be published, or why it is no question.
  public init(_ text: String, catalog: Catalog) throws(QuestionError) {
    let syntax = try QuestionSyntax(parsing: text)
    guard syntax.last == nil, syntax.since == nil, syntax.until == nil, !syntax.isCompared else {
      throw QuestionError(
        "a public question is answered for each finished week",
        hint: "leave out last, since, until and compared")
    }
    let day = 20_000
    var question = try Question(parsing: text, app: catalog.app, catalog: catalog, today: day)
    guard question.filters.isEmpty else {
      throw QuestionError("a public question has no filter", hint: "leave out where")
    }
    let periods = syntax.groups.map { $0.text.lowercased() }
    if let other = ["day", "month"].first(where: periods.contains) {
      throw QuestionError(
        "a public question is answered by week, not by \(other)", hint: "leave out by \(other)")
    }
    switch question.subject {
    case .events, .activeUsers, .adoption, .stickiness, .newAndReturning: break
    case .breakdown(let fields, let counting):
      for path in fields where counting == .events && Self.isMany(path, question.event, catalog) {
        throw QuestionError(
          "an event may hold several of \(path), so its events can be subtracted from all",
          hint: "publish items or users by \(path)")
      }
    case .distribution:
      throw QuestionError(
        "a distribution shows single users' values", hint: "publish a count by a field with few values")
    case .rolling, .retention, .funnel:
      throw QuestionError(
        "numbers of overlapping weeks can be subtracted from each other",
        hint: "publish users, new and returning users, or adoption")
    case .recent: throw QuestionError("single events are not published", hint: "publish events by event")
    }
    let monday = Question.Period.week.start(of: day)
    question.interval = DayInterval(first: monday, last: monday + 6)
    question.period = .total
    do throws(StoreError) {
      let resolved = try ResolvedQuestion(question, catalog: catalog)
      scope = Set(resolved.sources.map { catalog.events[$0.event].name })
    } catch {
      throw QuestionError(error.message)
    }
    self.question = question
    phrase = (question.head + (question.top == 10 ? [] : ["top", String(question.top)]))
      .joined(separator: " ")
  }

  private static func isMany(_ path: FieldPath, _ event: String?, _ catalog: Catalog) -> Bool {
    QuestionNames(catalog: catalog, event: event).isMany(path)
  }

  /// Whether different users are counted, who may be in several groups; else events or items, which add up.
  var countsUsers: Bool {
    switch question.subject {
    case .activeUsers, .adoption, .stickiness, .newAndReturning, .breakdown(_, .users): true
    default: false
    }
  }

  var fields: [FieldPath] {
    switch question.subject {
    case .breakdown(let fields, _): fields
    case .adoption(let field): [field]
    default: []
    }
  }

  var isByEvent: Bool { question.subject == .events(byEvent: true) }

  /// Why this may not stand beside `other`; `nil` when it may.
  ///
  /// Two breakdowns of the same events that share a field have sums in common: what one of them folds away
  /// could be had by subtracting the other.
  public func conflict(with other: PublicQuestion) -> String? {
    guard phrase != other.phrase, !countsUsers, !other.countsUsers, !scope.isDisjoint(with: other.scope),
      let shared = fields.first(where: other.fields.contains)
    else { return nil }
    return
      "\"\(phrase)\" and \"\(other.phrase)\" both go by \(shared): one could be subtracted from the other"
  }

  /// The question about the week that begins on `monday`.
  func asked(of monday: Int, _ subject: Question.Subject? = nil, top: Int? = nil) -> Question {
    var asked = question
    asked.interval = DayInterval(first: monday, last: monday + 6)
    asked.subject = subject ?? question.subject
    asked.top = top ?? question.top
    return asked
  }
}

public import AvowWire

extension Question {
  /// Reads a question as people write it, in the words of `avow ask`, a catalog's `public:` and the API.
  ///
  /// ```text
  /// question     = subject { clause }
  /// subject      = "events" | "users" | "items" | EVENT | "distribution of" NUMBER | NUMBER
  ///              | "rolling" N "users" | "new and returning users" | "retention" | "stickiness"
  ///              | "funnel" EVENT ">" EVENT { ">" EVENT } | "adoption" ["of" VERSION] | "recent"
  /// clause       = "of" EVENT
  ///              | "by" group { ("," | "and") group }        group = FIELD | event | day | week | month
  ///              | "where" condition { "and" condition }
  ///              | "last" [N] ("days" | "weeks" | "months" | "years")
  ///              | "since" DATE | "until" DATE                DATE = YYYY-MM-DD | today | yesterday
  ///              | "top" N
  ///              | "within" N ("days" | "hours" | "minutes" | "seconds")     funnels only
  ///              | "compared" ["with before"]
  /// condition    = FIELD ("=" | "!=" | ">=" | "<=" | ">" | "<") VALUE
  ///              | FIELD ["not"] "in" VALUE { "," VALUE }
  ///              | FIELD "between" VALUE "and" VALUE
  /// ```
  ///
  /// - `events by day` counts over time; without `by day`, `week` or `month` the whole interval is one
  /// number.
  ///   `events by event` keeps the events apart.
  /// - `users` are what the catalog's `identity` makes them: installations or starts.
  /// - `list_reports by os_name` counts one event's values; `users of run_model by app_version` counts who
  /// sent them.
  /// - A column of records is `optimizations.technique`; after the event's name alone it counts records
  /// (`items`),
  ///   after `events of` it counts events. A column's bare name does when only one list has it.
  /// - `latency of optimization by technique` is short for `distribution of optimizations.latency of ...`.
  /// - An event need not be named: a question speaks of those events that declare every field it names.
  /// - `retention by week`, `stickiness by month`, `new and returning users by week` and `adoption by week`
  ///   go by week when nothing is said, `rolling 28 users` by day; `by total` takes the interval as one.
  /// - `funnel start > train > deploy within 7 days` names events; nothing said: within 7 days.
  /// - Versions compare as versions: `where app_version >= 1.10`.
  /// - `compared` also asks what was so in as many days before.
  /// - Values with spaces are quoted. Names, values of closed sets and words may be in any letter case.
  /// - Weeks are ISO weeks. `last 12 weeks` begins on a Monday and `last 3 months` on a first, both ending
  /// today.
  ///   Nothing said: 28 days by day or in total, 12 weeks by week, 12 months by month.
  ///
  /// - Parameters:
  ///   - today: The day that `last`, `today` and an open end count from, in days since 1970-01-01.
  /// - Throws: `QuestionError`, one line with what was wrong and how to mend it.
  public init(parsing text: String, app: String, catalog: Catalog, today: Int) throws(QuestionError) {
    let syntax = try QuestionSyntax(parsing: text)
    var names = QuestionNames(catalog: catalog, event: nil)
    if let event = syntax.event { names.event = try names.event(event) }

    var subjectCounts = Counting.events
    var number: FieldPath?
    var isBareEvent = false
    switch syntax.head {
    case .events, .rolling, .retention, .stickiness, .newAndReturning, .recent, .funnel, .adoption: break
    case .users: subjectCounts = .users
    case .items: subjectCounts = .items
    case .distribution(let token): number = try names.number(token)
    case .name(let token):
      if let event = names.declaredEvent(token.text) {
        guard syntax.event == nil else {
          throw QuestionError(
            "two events are named", hint: "ask about one", position: syntax.event?.position)
        }
        names.event = event
        isBareEvent = true
      } else if names.knows(token.text) {
        number = try names.number(token)
      } else {
        throw names.unknownSubject(token)
      }
    }

    if let within = syntax.within {
      guard case .funnel = syntax.head else {
        throw QuestionError(
          "\"within \(QuestionSyntax.text(of: within))\" goes with a funnel alone", hint: "leave it out")
      }
    }
    let special = try Self.special(syntax, names: &names)
    var period: Period?
    var isByEvent = false
    var fields: [FieldPath] = []
    for group in syntax.groups {
      switch group.text.lowercased() {
      case "day", "week", "month":
        guard period == nil else {
          throw QuestionError("two periods are named", hint: "ask by one", position: group.position)
        }
        period = Period(rawValue: group.text.lowercased())
      case "total" where special != nil && !names.knows(group.text): period = .total
      case "event": isByEvent = true
      case "name" where !names.knows(group.text): isByEvent = true
      default: fields.append(try names.group(group))
      }
    }
    var filters: [Filter] = []
    for condition in syntax.conditions { filters += try names.filters(condition) }

    let subject: Subject
    if let special {
      guard !isByEvent, fields.isEmpty else {
        throw QuestionError(
          "this question is not kept apart by fields", hint: "name a period after by, such as week",
          position: syntax.groups.last?.position)
      }
      subject = special.subject
      switch subject {
      case .funnel, .recent:
        guard period == nil else {
          throw QuestionError(
            "this question takes the whole interval as one", hint: "leave out by",
            position: syntax.groups.last?.position)
        }
        period = .total
      default: period = period ?? special.period
      }
    } else if let number {
      guard !isByEvent, fields.count <= 2 else {
        throw QuestionError(
          "a distribution is kept apart by two fields at most", hint: "name one or two after by",
          position: syntax.groups.last?.position)
      }
      guard period == nil else {
        throw QuestionError(
          "a distribution takes the whole interval as one",
          hint:
            "leave out by \(period?.rawValue ?? ""), or ask about one \(period?.rawValue ?? "") with since and until",
          position: syntax.groups.last?.position)
      }
      subject = .distribution(of: number, by: fields)
    } else if isByEvent {
      guard fields.isEmpty, subjectCounts == .events, names.event == nil else {
        throw QuestionError(
          "\"by event\" goes with events alone",
          hint: "ask \"events by event\", or name one event: \"users of EVENT\"",
          position: syntax.groups.first?.position)
      }
      subject = .events(byEvent: true)
    } else if fields.isEmpty {
      switch subjectCounts {
      case .events: subject = .events(byEvent: false)
      case .users: subject = .activeUsers
      case .items:
        throw QuestionError(
          "items are counted by a column of records or a list",
          hint: "add, for example, by \(names.itemsExample ?? "LIST.COLUMN")")
      }
    } else {
      guard fields.count <= 2 else {
        throw QuestionError(
          "at most two fields may follow by", hint: "leave one out", position: syntax.groups.last?.position)
      }
      let hasItems = fields.contains { names.isMany($0) }
      if subjectCounts == .items, !hasItems {
        throw QuestionError(
          "items are counted by a column of records or a list",
          hint: "add, for example, by \(names.itemsExample ?? "LIST.COLUMN")",
          position: syntax.groups.first?.position)
      }
      let countsRows = isBareEvent && fields.contains { $0.components.count > 1 }
      subject = .breakdown(by: fields, counting: countsRows ? .items : subjectCounts)
    }

    self.init(
      app: app, subject, event: names.event,
      interval: try syntax.interval(today: today, period: period),
      period: period ?? .total, filters: filters, top: syntax.top ?? 10,
      comparesWithBefore: syntax.isCompared)
  }
}

extension QuestionSyntax {
  /// The longest interval that may be asked about, in days: ten years and a little.
  static let longest = 3_700

  func interval(today: Int, period: Question.Period?) throws(QuestionError) -> DayInterval {
    if let last, let since {
      throw QuestionError(
        "\"last\" and \"since\" both say where to begin", hint: "leave one out",
        position: Swift.max(last.position, since.position))
    }
    let end = try until.map { token throws(QuestionError) in try Self.day(token, today: today) } ?? today
    let first: Int
    if let since {
      first = try Self.day(since, today: today)
    } else if let last {
      first = Self.first(last.count, last.unit, through: end)
    } else {
      switch period {
      case .week: first = Self.first(12, "week", through: end)
      case .month: first = Self.first(12, "month", through: end)
      default: first = Self.first(28, "day", through: end)
      }
    }
    guard first <= end || until != nil else {
      throw QuestionError(
        "the interval begins on \(CivilDate(dayNumber: first)), after today", hint: "begin earlier",
        position: since?.position)
    }
    guard first <= end else {
      throw QuestionError(
        "the interval begins on \(CivilDate(dayNumber: first)), after its end \(CivilDate(dayNumber: end))",
        hint: "swap since and until", position: since?.position ?? until?.position)
    }
    guard end - first < Self.longest else {
      throw QuestionError(
        "the interval is longer than ten years", hint: "begin later",
        position: since?.position ?? last?.position)
    }
    return DayInterval(first: first, last: end)
  }

  /// The first day of the last `count` units, the running one included.
  static func first(_ count: Int, _ unit: String, through day: Int) -> Int {
    let date = CivilDate(dayNumber: day)
    switch unit {
    case "week": return Question.Period.week.start(of: day) - 7 * (count - 1)
    case "month":
      let months = date.year * 12 + date.month - 1 - (count - 1)
      return CivilDate(year: months / 12, month: months % 12 + 1, day: 1).dayNumber
    case "year": return CivilDate(year: date.year - count + 1, month: 1, day: 1).dayNumber
    default: return day - count + 1
    }
  }

  private static func day(_ token: QuestionToken, today: Int) throws(QuestionError) -> Int {
    switch token.text.lowercased() {
    case "today": return today
    case "yesterday": return today - 1
    default:
      guard let date = CivilDate(token.text) else {
        throw QuestionError(
          "\"\(token.text)\" is no date", hint: "write it as 2026-01-31, today or yesterday",
          position: token.position)
      }
      return date.dayNumber
    }
  }
}

extension Question.Period {
  /// The first day of the period that holds `day`: its ISO week's Monday, its month's first, the day itself.
  public func start(of day: Int) -> Int { start(of: day, in: DayInterval(first: day, last: day)) }
}

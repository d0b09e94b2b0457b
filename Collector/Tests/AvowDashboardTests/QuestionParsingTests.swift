import AvowStore
import AvowWire
import Testing

struct QuestionParsingTests {
  private static let today = Sample.today

  private static func parse(_ text: String, _ catalog: Catalog = Sample.monitor) throws(QuestionError)
    -> Question
  {
    try Question(parsing: text, app: catalog.app, catalog: catalog, today: today)
  }

  private static func day(_ text: String) -> Int { CivilDate(text)?.dayNumber ?? 0 }

  private static func monitor(
    _ subject: Question.Subject, event: String? = nil, from: Int = today - 27, to: Int = today,
    _ period: Question.Period = .total, filters: [Filter] = [], top: Int = 10, compared: Bool = false
  ) -> Question {
    Question(
      app: "monitor", subject, event: event, interval: DayInterval(first: from, last: to), period: period,
      filters: filters, top: top, comparesWithBefore: compared)
  }

  private static let os = FieldPath("os_name")
  private static let version = FieldPath("app_version")

  static let questions: [(String, Question)] = [
    ("events", monitor(.events(byEvent: false))),
    ("events by day", monitor(.events(byEvent: false), .day)),
    ("EVENTS BY DAY", monitor(.events(byEvent: false), .day)),
    ("events by event", monitor(.events(byEvent: true))),
    ("events by name, week last 2 weeks", monitor(.events(byEvent: true), from: day("2026-11-09"), .week)),
    ("list_reports by day", monitor(.events(byEvent: false), event: "list_reports", .day)),
    ("list_reports", monitor(.events(byEvent: false), event: "list_reports")),
    ("events of list_reports", monitor(.events(byEvent: false), event: "list_reports")),
    ("users by week last 90 days", monitor(.activeUsers, from: today - 89, .week)),
    // 2026-11-16 is the Monday of today's week; twelve weeks with it begin on 2026-08-31.
    ("users by week", monitor(.activeUsers, from: day("2026-08-31"), .week)),
    ("users by month", monitor(.activeUsers, from: day("2025-12-01"), .month)),
    ("users by month last 3 months", monitor(.activeUsers, from: day("2026-09-01"), .month)),
    ("users last year", monitor(.activeUsers, from: day("2026-01-01"))),
    ("users of startup by day", monitor(.activeUsers, event: "startup", .day)),
    ("list_reports by os_name", monitor(.breakdown(by: [os], counting: .events), event: "list_reports")),
    (
      "users of startup by app_version",
      monitor(.breakdown(by: [version], counting: .users), event: "startup")
    ),
    ("users by os_name and app_version", monitor(.breakdown(by: [os, version], counting: .users))),
    (
      "users by os_name by week since 2026-10-01",
      monitor(.breakdown(by: [os], counting: .users), from: day("2026-10-01"), .week)
    ),
    (
      "add_snapshot by metrics",
      monitor(.breakdown(by: [FieldPath("metrics")], counting: .events), event: "add_snapshot")
    ),
    ("events by snapshot_type", monitor(.breakdown(by: [FieldPath("snapshot_type")], counting: .events))),
    (
      "events by os_name where snapshot_type is REPORT",
      monitor(
        .breakdown(by: [os], counting: .events),
        filters: [Filter(FieldPath("snapshot_type"), .equals("report"))])
    ),
    (
      "events by metrics",
      monitor(.breakdown(by: [FieldPath("metrics")], counting: .events), event: "add_snapshot")
    ),
    (
      "items of add_snapshot by metrics",
      monitor(.breakdown(by: [FieldPath("metrics")], counting: .items), event: "add_snapshot")
    ),
    (
      "distribution of reports_count",
      monitor(.distribution(of: FieldPath("reports_count"), by: []), event: "list_reports")
    ),
    (
      "reports_count by os_name",
      monitor(.distribution(of: FieldPath("reports_count"), by: [os]), event: "list_reports")
    ),
    ("memory of startup", monitor(.distribution(of: FieldPath("memory"), by: []), event: "startup")),
    (
      "events by day where os_name = Linux and app_version in 0.4.1, 0.4.2",
      monitor(
        .events(byEvent: false), .day,
        filters: [Filter(os, .equals("linux")), Filter(version, .oneOf(["0.4.1", "0.4.2"]))])
    ),
    (
      "events where os_name not in (linux, macos)",
      monitor(
        .events(byEvent: false), filters: [Filter(os, .notEquals("linux")), Filter(os, .notEquals("macos"))])
    ),
    (
      "list_reports where reports_count > 5 and filtered is not yes",
      monitor(
        .events(byEvent: false), event: "list_reports",
        filters: [
          Filter(FieldPath("reports_count"), .range(min: 6, max: nil)),
          Filter(FieldPath("filtered"), .notEquals("true")),
        ])
    ),
    (
      "events where reports_count between 1 and 5",
      monitor(
        .events(byEvent: false), event: "list_reports",
        filters: [Filter(FieldPath("reports_count"), .range(min: 1, max: 5))])
    ),
    (
      "users since 2026-01-01 until 2026-03-31 by month",
      monitor(.activeUsers, from: day("2026-01-01"), to: day("2026-03-31"), .month)
    ),
    ("users last 7 days until yesterday", monitor(.activeUsers, from: today - 7, to: today - 1)),
    (
      "events by day where app_version >= 0.4",
      monitor(.events(byEvent: false), .day, filters: [Filter(version, .version(.atLeast, "0.4"))])
    ),
    (
      "events where app_version between 0.4 and 1.0rc1",
      monitor(
        .events(byEvent: false),
        filters: [Filter(version, .version(.atLeast, "0.4")), Filter(version, .version(.atMost, "1.0rc1"))])
    ),
    ("users last 28 days compared", monitor(.activeUsers, compared: true)),
    ("users compared with before", monitor(.activeUsers, compared: true)),
    ("rolling 28 users by day", monitor(.rolling(days: 28), .day)),
    ("rolling 7 days users of startup", monitor(.rolling(days: 7), event: "startup", .day)),
    ("retention by week", monitor(.retention, from: day("2026-08-31"), .week)),
    ("retention of startup by month", monitor(.retention, event: "startup", from: day("2025-12-01"), .month)),
    ("stickiness", monitor(.stickiness, from: day("2026-08-31"), .week)),
    ("stickiness by total last 28 days", monitor(.stickiness)),
    (
      "new and returning users by week last 2 weeks",
      monitor(.newAndReturning, from: day("2026-11-09"), .week)
    ),
    ("adoption", monitor(.adoption(of: version), from: day("2026-08-31"), .week)),
    (
      "adoption of app_version of startup by day",
      monitor(.adoption(of: version), event: "startup", .day)
    ),
    ("recent", monitor(.recent)),
    ("recent events of startup top 50", monitor(.recent, event: "startup", top: 50)),
    (
      "funnel startup > list_reports > add_snapshot within 12 hours",
      monitor(.funnel(["startup", "list_reports", "add_snapshot"], within: .seconds(43_200)))
    ),
    (
      "funnel startup then list_reports where os_name = linux",
      monitor(
        .funnel(["startup", "list_reports"], within: .seconds(604_800)),
        filters: [Filter(os, .equals("linux"))])
    ),
    ("events by app_version top 20", monitor(.breakdown(by: [version], counting: .events), top: 20)),
  ]

  @Test(arguments: questions)
  func `a question is read as people mean it`(_ text: String, _ expected: Question) throws {
    #expect(try Self.parse(text) == expected)
  }

  @Test(arguments: questions)
  func `a question's own text reads back as the same question`(_ text: String, _ expected: Question) throws {
    #expect(try Self.parse(expected.text) == expected)
  }

  @Test(arguments: [
    ("optimization by optimizations.technique", Question.Counting.items),
    ("events of optimization by optimizations.technique", .events),
    ("users of optimization by technique", .users), ("items by technique", .items),
  ])
  func `a column of records counts what the subject says`(_ text: String, _ counting: Question.Counting)
    throws
  {
    let question = try Self.parse(text, Sample.optimizer)
    #expect(question.subject == .breakdown(by: [FieldPath("optimizations.technique")], counting: counting))
    #expect(question.event == "optimization")
  }

  @Test(arguments: [
    "distribution of optimizations.latency by optimizations.technique",
    "latency of optimization by technique",
    "distribution of optimization.optimizations.latency by technique", "latency by optimizations.technique",
  ])
  func `a number of records is kept apart by the word beside it`(_ text: String) throws {
    let question = try Self.parse(text, Sample.optimizer)
    #expect(
      question.subject
        == .distribution(of: FieldPath("optimizations.latency"), by: [FieldPath("optimizations.technique")]))
    #expect(question.event == "optimization")
  }

  static let faults: [(String, message: String, hint: String, position: Int?)] = [
    ("", "the question is empty", "users by day", nil),
    ("user by day", "\"user\" is neither an event", "did you mean users?", 0),
    ("list_report by day", "\"list_report\" is neither", "did you mean list_reports?", 0),
    ("users of list_projekts", "no event \"list_projekts\"", "did you mean list_projects?", 9),
    ("events by os_nam", "no field \"os_nam\"", "did you mean os_name?", 10),
    ("events of startup by reports_count", "startup has no field", "the fields are app_version", 21),
    ("events where os_name = linus", "never has the value \"linus\"", "did you mean linux?", 23),
    ("events where reports_count = many", "whole number", "", 29),
    ("events where app_version >= new", "is no version", "", 28),
    ("funnel startup within 7 days", "2 to 6 steps", "funnel first > second", 0),
    ("funnel startup > nothing", "no event \"nothing\"", "the events are", 17),
    ("funnel startup > list_reports within 7 moons", "takes a number of days", "within 7 days", 39),
    ("events within 7 days", "goes with a funnel alone", "leave it out", nil),
    ("rolling 0 users", "1 to 366 days", "", 8),
    ("rolling 28 events", "\"users\" should follow", "rolling 28 users by day", 11),
    ("retention by os_name", "not kept apart", "name a period", 13),
    ("recent by day", "the whole interval", "leave out by", 10),
    ("adoption of os_name", "not a version", "", 12),
    ("events where os_name > 3", "text, not a number", "use =", 23),
    ("events where reports_count between 5 and 1", "ends before it begins", "swap", 35),
    ("events where os_name linux", "\"linux\" compares nothing", "use =", 21),
    ("events where os_name", "not finished", "os_name = value", 20),
    ("events by day by week", "two periods", "by one", 17),
    ("events by os_name, app_version, edition", "at most two fields", "leave one out", 32),
    ("distribution of os_name", "not a number", "events by os_name", 16),
    ("distribution memory", "\"of\" should follow", "distribution of", 13),
    ("users by event", "goes with events alone", "users of EVENT", 9),
    ("items", "counted by a column", "add, for example", nil),
    ("events last 3 fortnights", "takes a number of days", "last 28 days", 14),
    ("events since 2026-02-30", "is no date", "2026-01-31", 13),
    ("events since tomorrow", "is no date", "today or yesterday", 13),
    ("events since 2026-11-30", "after today", "begin earlier", 13),
    ("events since 2026-11-20 until 2026-11-10", "after its end", "swap", 13),
    ("reports_count by os_name, week", "takes the whole interval", "leave out by week", 26),
    ("events where app_version between 2 and 1.10", "ends before it begins", "swap the two versions", 33),
    ("events where app_version > 1.x", "is no version", "such as 1.10", 27),
    ("events where app_version <= 1.*", "is no version", "such as 1.10", 28),
    ("events since 1999-01-01", "longer than ten years", "begin later", 13),
    ("events last 5 days since 2026-11-01", "both say where to begin", "leave one out", 25),
    ("events top 0", "from 1 to 1000", "", 11),
    ("events top 5 top 6", "said twice", "", 13),
    ("events wher os_name = linux", "not expected here", "did you mean where?", 7),
    ("events where os_name = \"linux", "not closed", "add another", 23),
    ("list_reports of startup", "two events", "one", 16),
    (String(repeating: "events ", count: 400), "longer than 2000", "shorter", nil),
  ]

  @Test(arguments: faults)
  func `what is wrong is said in one line, with its place and how to mend it`(
    _ text: String, _ message: String, _ hint: String, _ position: Int?
  ) throws {
    let error = #expect(throws: QuestionError.self) { try Self.parse(text) }
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    #expect(hint.isEmpty || error?.hint?.contains(hint) == true, "\(error?.description ?? "")")
    #expect(error?.position == position)
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: ["a list of records", "name a column: optimizations.compiler"])
  func `a list of records asks for its column`(_ part: String) throws {
    let error = #expect(throws: QuestionError.self) {
      try Self.parse("optimization by optimizations", Sample.optimizer)
    }
    #expect(error?.description.contains(part) == true)
  }

  @Test func `a column's bare name that two lists have asks which is meant`() throws {
    let rows = FieldType.records([Field("latency", .number())])
    let catalog = Catalog(
      app: "two", name: "Two", version: 1,
      events: [EventDeclaration("run", properties: [Field("warm", rows), Field("cold", rows)])])
    let error = #expect(throws: QuestionError.self) { try Self.parse("latency of run", catalog) }
    #expect(
      error?.description
        == "\"latency\" may mean several fields; say which, such as warm.latency, cold.latency")
    #expect(
      try Self.parse("cold.latency", catalog).subject == .distribution(of: FieldPath("cold.latency"), by: [])
    )
  }

  @Test(arguments: ["Apple M1 Pro", "it's", "say \"x\"", "ünïcode", "a, b", "and"])
  func `a value with any characters survives its text`(_ value: String) throws {
    let filters = [Filter(FieldPath("processor"), .equals(value))]
    let question = Sample.question(.events(byEvent: false), app: "optimizer", filters: filters)
    #expect(try Self.parse(question.text, Sample.optimizer) == question)
  }

  @Test func `weeks begin on Monday and months on their first`() {
    #expect(Question.Period.week.start(of: Self.day("2026-11-22")) == Self.day("2026-11-16"))
    #expect(Question.Period.week.start(of: Self.day("2026-11-16")) == Self.day("2026-11-16"))
    #expect(Question.Period.week.start(of: -1) == -3)
    #expect(Question.Period.month.start(of: Self.day("2024-02-29")) == Self.day("2024-02-01"))
  }
}

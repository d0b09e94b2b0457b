import AvowDashboard
import AvowStore
import AvowWire
import Testing

struct AnswerFormatTests {
  private let overTime = Answer(
    question: Sample.question(.activeUsers, days: 3, period: .day), unit: .installations, bound: .exact,
    periods: [Sample.today - 2, Sample.today - 1, Sample.today], lastPeriodIsRunning: true,
    series: [Answer.Series(key: [], values: [1200, 600, 3], total: 1500)], reports: 9)

  private let groups = Answer(
    question: Sample.question(.breakdown(by: [FieldPath("os_name")], counting: .events)), unit: .events,
    bound: .exact, periods: [Sample.today - 27], lastPeriodIsRunning: true,
    series: [
      Answer.Series(key: ["li\u{1B}[2Jnux"], values: [75], total: 75),
      Answer.Series(key: ["a \"b\", c"], values: [20], total: 20),
      Answer.Series(key: [nil], values: [4], total: 4),
      Answer.Series(key: [], isOther: true, values: [1], total: 1),
    ], reports: 100)

  private let spread = Answer(
    question: Sample.question(
      .distribution(of: FieldPath("optimizations.latency"), by: []), app: "optimizer", event: "optimization"),
    unit: .values, bound: .exact, periods: [], lastPeriodIsRunning: false,
    distributions: [
      Answer.Distribution(
        key: [], count: 4, min: 0.001, p50: 0.03, p90: 0.5, p95: 1, p99: 2, max: 90, mean: 1.5,
        histogram: [.init(from: 0, to: 1, count: 3), .init(from: 1, to: 2, count: 1)])
    ], reports: 4)

  @Test func `a terminal shows each period with its bar and marks the running one`() {
    #expect(
      AnswerText(overTime, width: 60).description == """
        monitor: users by day since 2026-11-19 until 2026-11-21
        19 Nov to 21 Nov 2026, in installations

        Thu 19 Nov 2026    1,200  ██████████████████████████████████
        Fri 20 Nov 2026      600  █████████████████
        Sat 21 Nov 2026 *      3  ▏

        * still running: the number will grow
        rests on 9 events
        An installation is one random identifier kept on a machine; nobody is identified by it.

        """)
  }

  @Test func `a terminal shows groups with shares, and a value cannot move the cursor`() {
    let text = AnswerText(groups).description
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    #expect(text.contains("li\u{FFFD}[2Jnux   75  75%"))
    #expect(text.contains("not given"))
    #expect(text.contains("all others"))
  }

  @Test func `several lines over time become sparklines`() async throws {
    let store = GeneratedStore(catalogs: Sample.catalogs, today: Sample.today)
    let answer = try await store.ask(Sample.question(.events(byEvent: true), period: .day))
    let lines = AnswerText(answer).description.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("startup") && $0.contains("▇") })
    #expect(lines.allSatisfy { $0.count <= 110 })
  }

  @Test func `a distribution is in its declared unit`() {
    let text = AnswerText(spread, catalog: Sample.optimizer).description
    #expect(text.contains("30 ms"))
    #expect(text.contains("500 ms"))
    #expect(text.contains("90 s"))
    #expect(!AnswerText(spread).description.contains("ms"))
  }

  @Test func `what is compared stands beside each group and in rows of its own`() {
    var answer = groups
    var before = groups
    before.series = [Answer.Series(key: [nil], values: [9], total: 9)]
    answer.before = before
    let lines = AnswerText(answer).description.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("not given") && $0.contains("before 9") })
    #expect(lines.contains { $0.hasPrefix("all others") && $0.contains("before 0") })
    var course = overTime
    var earlier = overTime
    earlier.series = [Answer.Series(key: [], values: [900, 800], total: 1300)]
    course.before = earlier
    let days = AnswerText(course).description.split(separator: "\n")
    #expect(days.contains { $0.hasPrefix("Fri 20 Nov 2026      600  before 800") })
    #expect(days.contains { $0.hasPrefix("Sat 21 Nov 2026 *      3    before –") })
    let csv = AnswerCSV(answer).description.split(separator: "\r\n")
    #expect(csv.first == "days,os_name,group,events,running,bound,reports,since,until,zone")
    #expect(csv.count == 6 && csv.last == "before,,value,9,true,exact,100,2026-10-25,2026-11-21,")
  }

  @Test func `a funnel shows the part of the first step, and days of use are named so`() {
    var answer = groups
    answer.question.subject = .funnel(["a", "b"], within: .seconds(60))
    answer.series = [
      Answer.Series(key: ["a"], values: [40], total: 40), Answer.Series(key: ["b"], values: [10], total: 10),
    ]
    #expect(AnswerText(answer).description.contains("b  10  25%"))
    answer.question.subject = .stickiness
    answer.series = [
      Answer.Series(key: ["1"], values: [3], total: 3), Answer.Series(key: ["2"], values: [1], total: 1),
    ]
    #expect(AnswerText(answer).description.contains("1 day   3  75%"))
    #expect(AnswerText(answer).description.contains("2 days  1  25%"))
  }

  @Test func `a period that the interval cuts is marked, and told from one that runs`() throws {
    var answer = overTime
    answer.question.period = .week
    answer.question.interval = DayInterval(first: Sample.today - 10, last: Sample.today)
    // Saturday 21 November: the weeks of the 9th (from the 11th) and of the 16th.
    answer.periods = [Sample.today - 12, Sample.today - 5]
    answer.series = [Answer.Series(key: [], values: [5, 7], total: 10)]
    #expect(answer.isPartial(0) && answer.isPartial(1) && answer.isRunning(1))
    let text = AnswerText(answer).description
    #expect(text.contains("week of 9 Nov 2026 ~") && text.contains("week of 16 Nov 2026 *"))
    #expect(text.contains("~ only a part of this week"))
    let json = try JSONValue(parsing: AnswerJSON(answer).bytes)
    #expect(json["partial_periods"] == ["2026-11-09", "2026-11-16"])
    let rows = AnswerCSV(answer, catalog: Sample.monitor).description
    #expect(
      rows.contains("2026-11-09,5,false,true,exact,9,2026-11-11,2026-11-21,UTC\r\n2026-11-16,7,true,true,"))
    answer.question.subject = .rolling(days: 7)
    #expect(!answer.isPartial(0))
  }

  @Test func `nothing found is said in words`() {
    var empty = overTime
    empty.series = [Answer.Series(key: [], values: [0, 0, 0], total: 0)]
    #expect(AnswerText(empty).description.contains("nothing in this interval"))
  }

  @Test func `JSON keeps every number, absent keys and what runs`() throws {
    let json = try JSONValue(parsing: AnswerJSON(groups).bytes)
    #expect(json["unit"]?.stringValue == "events")
    #expect(json["last_period_is_running"]?.boolValue == true)
    let series = json["series"]?.arrayValue ?? []
    #expect(series.map { $0["total"]?.integerValue } == [75, 20, 4, 1])
    #expect(series[2]["key"] == [nil])
    #expect(series[3]["other"] == true)
    #expect(json["question"]?.stringValue == groups.question.text)
    let distribution = try JSONValue(parsing: AnswerJSON(spread).bytes)["distributions"]?.arrayValue?.first
    #expect(distribution?["p90"]?.numberValue == 0.5)
    #expect(distribution?["histogram"]?.arrayValue?.count == 2)
  }

  @Test func `CSV quotes what needs it and tells an absent field from a text`() {
    let basis = ",exact,100,2026-10-25,2026-11-21,"
    #expect(
      AnswerCSV(groups).description
        == [
          "os_name,group,events,running,bound,reports,since,until,zone",
          "li\u{1B}[2Jnux,value,75,true\(basis)", "\"a \"\"b\"\", c\",value,20,true\(basis)",
          ",value,4,true\(basis)", ",other,1,true\(basis)", "",
        ].joined(separator: "\r\n"))
    let days = ",exact,9,2026-11-19,2026-11-21,"
    #expect(
      AnswerCSV(overTime).description
        == [
          "day,installations,running,partial,bound,reports,since,until,zone",
          "2026-11-19,1200,false,false\(days)", "2026-11-20,600,false,false\(days)",
          "2026-11-21,3,true,false\(days)", "",
        ].joined(separator: "\r\n"))
    var grouped = spread
    grouped.distributions[0].isOther = true
    #expect(
      AnswerCSV(grouped, catalog: Sample.optimizer).description.split(separator: "\r\n") == [
        "count,min,p50,p90,p95,p99,max,mean,unit,histogram,running,bound,reports,since,until,zone",
        "4,0.001,0.03,0.5,1,2,90,1.5,s,0..1=3 1..2=1,false,exact,4,2026-10-25,2026-11-21,UTC",
      ])
  }

  @Test func `a spreadsheet takes no value of a client for a formula`() {
    var answer = groups
    answer.series = ["=1+1", "+x", "@x", "-x", "-1", "\tx"].map {
      Answer.Series(key: [$0], values: [1], total: 1)
    }
    let cells = AnswerCSV(answer).description.split(separator: "\r\n").dropFirst()
      .map { $0.prefix { $0 != "," } }
    #expect(cells == ["'=1+1", "'+x", "'@x", "'-x", "-1", "'\tx"])
  }

  @Test func `every form names the zone of the days when the catalog is known`() throws {
    var catalog = Sample.monitor
    catalog.reportingZone = "Europe/Berlin"
    #expect(
      AnswerText(groups, catalog: catalog).description.contains("in events, by days in Europe/Berlin\n"))
    #expect(AnswerText(groups, catalog: Sample.monitor).description.contains("by days in UTC\n"))
    #expect(try JSONValue(parsing: AnswerJSON(groups, catalog: catalog).bytes)["zone"] == "Europe/Berlin")
    #expect(AnswerCSV(groups, catalog: catalog).description.contains(",Europe/Berlin\r\n"))
  }

  @Test func `a flat course is a flat line, however many values a column stands for`() {
    var answer = groups
    answer.question.period = .day
    answer.periods = (0..<100).map { Sample.today - 99 + $0 }
    answer.series = ["a", "b"].map {
      Answer.Series(key: [$0], values: Array(repeating: 5, count: 100), total: 500)
    }
    let line = AnswerText(answer, width: 80).description.split(separator: "\n").first { $0.hasPrefix("a ") }
    let heights = line?.filter { "▁▂▃▄▅▆▇█".contains($0) } ?? ""
    #expect(heights.count > 50 && Set(heights) == ["█"], "\(heights)")
  }

  @Test func `shares of a list's elements are of the events, as on the dashboard`() {
    var answer = groups
    answer.question.event = "add_snapshot"
    answer.question.subject = .breakdown(by: [FieldPath("metrics")], counting: .events)
    // 100 events, most with both.
    answer.series = ["a", "b"].map { Answer.Series(key: [$0], values: [80], total: 80) }
    let text = AnswerText(answer, catalog: Sample.monitor).description
    #expect(text.contains("a  80  80%"), "\(text)")
  }

  @Test func `what runs is marked without periods, and a group alone keeps its name`() {
    #expect(AnswerText(groups).description.contains("the interval is still running: its numbers will grow"))
    var answer = overTime
    answer.question.subject = .stickiness
    answer.series[0].key = ["1"]
    #expect(AnswerText(answer).description.contains("\n1 day:\n\nThu 19 Nov 2026"))
  }

  @Test func `a comparison is shown for every kind of answer`() {
    var values = spread
    var before = spread
    before.distributions[0].p50 = 0.04
    values.before = before
    let lines = AnswerText(values, catalog: Sample.optimizer).description.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("  before") && $0.contains("40 ms") }, "\(lines)")
    var cohorts = overTime
    cohorts.question.subject = .retention
    cohorts.series = [Answer.Series(key: ["2026-11-19"], values: [4, 2, 1], total: 4)]
    var earlier = cohorts
    earlier.series = [Answer.Series(key: ["2026-11-16"], values: [7, 2, 1], total: 7)]
    cohorts.before = earlier
    let text = AnswerText(cohorts).description
    #expect(
      text.contains("before, 19 Nov to 21 Nov 2026:") && text.contains("2026-11-16      7  100%"), "\(text)")
    // A group that is gone stands in the rest of the days before.
    var groups = groups
    groups.series.removeLast()
    var others = groups
    others.series = [Answer.Series(key: [], isOther: true, values: [12], total: 12)]
    groups.before = others
    let rest = AnswerText(groups).description.split(separator: "\n")
    #expect(rest.contains { $0.hasPrefix("all others") && $0.hasSuffix("before 12") }, "\(rest)")
  }
}

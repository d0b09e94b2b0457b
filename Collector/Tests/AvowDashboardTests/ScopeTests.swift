import AvowDashboard
import AvowStore
import AvowWire
import Synchronization
import Testing

/// Interval and filters of the address, seen from outside: in what is asked and where links lead.
struct ScopeTests {
  private final class Recorder: Sendable {
    private let questions = Mutex<[Question]>([])
    let store = GeneratedStore(catalogs: Sample.catalogs, today: Sample.today)

    @Sendable func ask(_ question: Question) async throws -> Answer {
      questions.withLock { $0.append(question) }
      return try await store.ask(question)
    }

    var asked: [Question] { questions.withLock { $0 } }
  }

  private func visit(_ address: String) async -> (document: Document, asked: [Question]) {
    let recorder = Recorder()
    let page = await Dashboard.sample(ask: recorder.ask).page(address)
    return (Document(page.html), recorder.asked)
  }

  @Test func `a funnel asks for the chosen steps, time and filters, and keeps them in its links`() async {
    let (document, asked) = await visit(
      "/apps/monitor/funnel?step=startup&step=index&step=nothing&within=1%20day&os_name=linux&days=90")
    #expect(asked.map(\.subject) == [.funnel(["startup", "index"], within: .seconds(86_400))])
    #expect(asked[0].filters == [Filter(FieldPath("os_name"), .equals("linux"))])
    #expect(asked[0].interval == .days(90, through: Sample.today))
    let links = document.all("a").compactMap { $0.attributes["href"] }
    #expect(
      links.contains(
        "/apps/monitor/funnel?os_name=linux&step=startup&step=index&step=nothing&within=1%20day"))
    // Other pages know nothing of steps.
    #expect(links.contains("/apps/monitor/users?days=90&os_name=linux"))
    let table = document.all("table", class: "funnel").map(\.text)
    #expect(table.count == 1 && table[0].contains("1. startup700100%2. index23333%33%"))
  }

  @Test func `a number is asked whole and apart, filtered by what its event declares`() async {
    let (document, asked) = await visit(
      "/apps/monitor/numbers?of=list_reports/reports_count&apart=os_name&apart=filtered&filtered=true")
    let number = FieldPath("reports_count")
    #expect(
      Set(asked.map(\.subject)) == [
        .distribution(of: number, by: []),
        .distribution(of: number, by: [FieldPath("os_name"), FieldPath("filtered")]),
      ])
    #expect(
      asked.allSatisfy {
        $0.event == "list_reports" && $0.filters == [Filter(FieldPath("filtered"), .equals("true"))]
      })
    #expect(document.all("table", class: "ranges").count == 1)
    // The histogram's numbers, for those who do not see it.
    #expect(document.all("table", class: "numbers").count == 1)
  }

  @Test func `users and versions are asked over whole periods, each with its numbers as a table`() async {
    let (users, asked) = await visit("/apps/monitor/users?os_name=linux&by=month&days=365")
    let retention = asked.first { $0.subject == .retention }
    #expect(retention?.period == .month)
    #expect(retention.map { CivilDate(dayNumber: $0.interval.first).day } == 1)
    #expect(asked.allSatisfy { $0.filters == [Filter(FieldPath("os_name"), .equals("linux"))] })
    #expect(users.all("table", class: "cohorts").count == 1)
    let (versions, others) = await visit("/apps/monitor/versions?of=python_version")
    #expect(
      others.contains { $0.subject == .adoption(of: FieldPath("python_version")) && $0.period == .week })
    #expect(versions.all("table", class: "numbers").count == 1)
    #expect(
      versions.all("a").contains {
        $0.attributes["href"] == "/apps/monitor/versions?of=os_version"
          && $0.attributes["aria-current"] == nil
      })
  }

  @Test func `filters are asked, kept in links and can be taken away`() async {
    let (document, asked) = await visit("/apps/monitor?days=90&os_name=Linux&edition!=cloud")
    let filters = [
      Filter(FieldPath("os_name"), .equals("linux")), Filter(FieldPath("edition"), .notEquals("cloud")),
    ]
    #expect(!asked.isEmpty && asked.allSatisfy { $0.filters == filters })
    let links = document.all("a").compactMap { $0.attributes["href"] }
    #expect(links.contains("/apps/monitor/events/startup?days=90&os_name=linux&edition!=cloud"))
    #expect(links.contains("/apps/monitor/events?days=90&os_name=linux&edition!=cloud"))
    // The chips' crosses, and the way back to no filter.
    #expect(links.contains("/apps/monitor?days=90&edition!=cloud"))
    #expect(links.contains("/apps/monitor?days=90&os_name=linux"))
    #expect(links.contains("/apps/monitor?days=90"))
    // A bar replaces the filter on its own field and keeps the others.
    #expect(links.contains("/apps/monitor?days=90&edition!=cloud&os_name=macos"))
    #expect(
      document.all("span", class: "chip").map(\.text) == ["os_name is linux×", "edition is not cloud×"])
  }

  @Test(arguments: [
    ("os_name=linux&os_name=macos", Filter(FieldPath("os_name"), .oneOf(["linux", "macos"]))),
    ("reports_count>=5", Filter(FieldPath("reports_count"), .range(min: 5, max: nil))),
    ("reports_count>=5&reports_count<=9", Filter(FieldPath("reports_count"), .range(min: 5, max: 9))),
    ("filtered=TRUE", Filter(FieldPath("filtered"), .equals("true"))),
    ("python_version=3.11", Filter(FieldPath("python_version"), .equals("3.11"))),
  ])
  func `conditions are read from the address`(_ query: String, _ filter: Filter) async {
    let (document, asked) = await visit("/apps/monitor/events/list_reports?\(query)")
    #expect(!asked.isEmpty && asked.allSatisfy { $0.filters == [filter] })
    #expect(document.all("span", class: "chip").count == 1)
  }

  @Test func `a property's filter stays on its event's page`() async {
    let (document, _) = await visit("/apps/monitor/events/list_reports?filtered=true&os_name=linux")
    let links = document.all("a").compactMap { $0.attributes["href"] }
    #expect(links.contains("/apps/monitor?os_name=linux"))
    #expect(links.contains("/apps/monitor/events/list_reports?days=7&filtered=true&os_name=linux"))
  }

  @Test(arguments: [
    "days=0", "days=many", "since=yesterday", "since=2026-11-20&until=2026-11-01", "colour=red",
    "os_name=linus",
    "reports_count=5",
  ])
  func `what the address says wrongly is left out and said`(_ query: String) async {
    let (document, asked) = await visit("/apps/monitor?\(query)")
    #expect(document.all("p", class: "notice").count == 1)
    #expect(asked.allSatisfy { $0.filters.isEmpty })
    #expect(asked.contains { $0.period == .day && $0.interval == .days(28, through: Sample.today) })
  }

  @Test(arguments: [
    ("days=7", 7, Question.Period.day), ("", 28, .day), ("days=90", 90, .day), ("days=365", 365, .week),
    ("days=1000", 1000, .month), ("days=28&by=week", 28, .week), ("by=total", 28, .day),
  ])
  func `the interval chooses the periods unless the reader does, and charts begin with a whole one`(
    _ query: String, _ days: Int, _ period: Question.Period
  ) async {
    let (_, asked) = await visit("/apps/monitor?\(query)")
    let drawn = DayInterval(first: period.start(of: Sample.today - days + 1), last: Sample.today)
    let total = DayInterval.days(days, through: Sample.today)
    let users = asked.filter { $0.subject == .activeUsers && $0.event == nil }
    #expect(users.contains { $0.interval == drawn && $0.period == period })
    #expect(users.contains { $0.interval == total && $0.period == .total })
  }

  @Test func `dates of the form win over days, and an end in the future is today`() async {
    let (document, asked) = await visit("/apps/monitor?days=7&since=2026-11-01&until=2027-01-01&os_name=")
    let interval = DayInterval(first: CivilDate(year: 2026, month: 11, day: 1).dayNumber, last: Sample.today)
    #expect(asked.contains { $0.interval == interval && $0.period == .day })
    #expect(document.all("p", class: "notice").isEmpty)
    #expect(
      document.all("input").contains {
        $0.attributes["name"] == "since" && $0.attributes["value"] == "2026-11-01"
      })
  }

  @Test func `the form keeps what it does not ask for`() async {
    let (document, _) = await visit("/apps/monitor?days=90&by=week&edition!=cloud&os_name=linux")
    let hidden = document.all("input").filter { $0.attributes["type"] == "hidden" }
    #expect(hidden.compactMap { $0.attributes["name"] } == ["days", "by", "edition!"])
    #expect(document.all("option").filter { $0.attributes["selected"] != nil }.map(\.text) == ["linux"])
  }
}

import AvowDashboard
import AvowStore
import AvowWire
import Synchronization
import Testing

struct ChartTests {
  @Test func `the overview prints the catalog's questions in their order`() async {
    let document = Document(await Dashboard.sample().page("/apps/monitor").html)
    #expect(document.all("h2").map(\.text) == Sample.monitor.questions)
  }

  @Test func `questions about fields get those fields' charts, and a gap is shown`() async {
    let document = Document(await Dashboard.sample().page("/apps/optimizer").html)
    let headings = document.all("h2").map(\.text)
    #expect(headings.prefix(2) == Sample.optimizer.questions.prefix(2))
    #expect(headings.contains("Also asked in the catalog"))
    #expect(headings.contains("How many use it?"))
    let charts = document.all("h3").map(\.text)
    #expect(charts.contains { $0.hasPrefix("optimizations.compiler") })
    #expect(charts.contains { $0.hasPrefix("optimizations.latency") })
    #expect(charts.contains { $0.hasPrefix("model_size of optimization") })
    #expect(
      document.all("table", class: "ranges").map { $0.text.prefix(19) } == [
        "latency by compiler", "latency by techniqu",
      ])
    #expect(document.all("ul", class: "open").first?.text == "Should we write a plug-in?")
  }

  @Test func `the table under a chart has the chart's numbers`() async throws {
    let store = GeneratedStore(catalogs: Sample.catalogs, today: Sample.today)
    let answer = try await store.ask(
      Sample.question(.events(byEvent: false), event: "list_reports", period: .day))
    let document = Document(await Dashboard.sample().page("/apps/monitor/events/list_reports").html)
    let table = try #require(document.all("table", class: "numbers").first)
    #expect(table.text.hasPrefix("Events by day"))
    let hits = document.all("title").filter { $0.path.last == "rect" }.map(\.text)
    #expect(hits.count > 28)
    for (index, value) in answer.values.enumerated() {
      let number = grouped(value)
      #expect(hits[index].contains(": \(number) events"))
      #expect(table.text.contains(number))
    }
    #expect(hits[27].hasSuffix("still running"))
    #expect(table.text.contains("21 Nov 2026 still running"))
    #expect(document.all("rect", class: "open").count == 2)
  }

  @Test func `a finished interval has nothing open`() async {
    let document = Document(
      await Dashboard.sample().page("/apps/monitor/events/list_reports?since=2026-10-01&until=2026-10-31")
        .html)
    #expect(document.all("rect", class: "open").isEmpty)
    #expect(!document.all("main")[0].text.contains("still running"))
  }

  @Test func `numbers say what they count and how they relate to the truth`() async {
    let starts = Document(await Dashboard.sample().page("/apps/optimizer").html)
    #expect(starts.all("dt").contains { $0.text.hasPrefix("starts (a ceiling)") })
    #expect(
      starts.all("summary").contains {
        $0.text.hasPrefix("In starts (a ceiling), 25 Oct to 21 Nov 2026 (the last day still running), from")
      })
    let installations = Document(await Dashboard.sample().page("/apps/monitor").html)
    #expect(installations.all("dt").contains { $0.text == "installations in 28 whole days" })
  }

  @Test func `only whole days are compared, a day with the same weekday`() async {
    let asked = Mutex<[Question]>([])
    let store = GeneratedStore(catalogs: Sample.catalogs, today: Sample.today)
    let dashboard = Dashboard.sample(ask: { question in
      asked.withLock { $0.append(question) }
      return try await store.ask(question)
    })
    _ = await dashboard.page("/apps/monitor?edition=cloud")
    let questions = asked.withLock { $0 }
    let intervals = questions.filter { $0.subject == .activeUsers && $0.event == nil && $0.period == .total }
      .map(\.interval)
    for (days, back) in [(1, 7), (7, 7), (28, 28)] {
      #expect(intervals.contains(.days(days, through: Sample.today - 1)))
      #expect(intervals.contains(.days(days, through: Sample.today - 1 - back)))
    }
    #expect(questions.count == Set(questions).count)
    #expect(questions.allSatisfy { $0.filters == [Filter(FieldPath("edition"), .equals("cloud"))] })
  }

  @Test func `an unanswerable question shows its reason, and the page stands`() async {
    var catalog = Sample.monitor
    catalog.identity.user = .none
    let page = await Dashboard.sample(catalogs: [catalog]).page("/apps/monitor")
    #expect(page.status == 200)
    let document = Document(page.html)
    #expect(document.all("p", class: "none").contains { $0.text.contains("identity: none") })
    #expect(document.all("h3").contains { $0.text.hasPrefix("Events by day") })
    #expect(document.all("p", class: "about").contains { $0.text.contains("Counted in events") })
  }

  @Test func `a failing store leaves a page that says so, without details`() async {
    struct Secret: Error { let text = "s3cret" }
    let dashboard = Dashboard.sample(ask: { _ in throw Secret() })
    for address in PageTests.addresses {
      let page = await dashboard.page(address)
      #expect(!page.html.contains("s3cret"))
      #expect(Document(page.html).fault == nil)
    }
    #expect(await dashboard.page("/apps/monitor").html.contains("The collector&#39;s log says why"))
  }

  @Test func `an app without data says so in each chart`() async {
    let dashboard = Dashboard.sample(ask: { question in
      Answer(
        question: question, unit: .events, bound: .exact, periods: GeneratedStore.periods(question),
        lastPeriodIsRunning: true, reports: 0)
    })
    for address in PageTests.addresses {
      let document = Document(await dashboard.page(address).html)
      #expect(document.fault == nil)
    }
    #expect(await dashboard.page("/apps/monitor").html.contains("Nothing in this interval"))
  }

  @Test func `each property is charted by its type`() async {
    let list = Document(await Dashboard.sample().page("/apps/monitor/events/list_reports").html)
    #expect(list.all("dt").map(\.text).contains("p99"))
    #expect(
      list.all("table", class: "bars").contains { $0.text.contains("true") && $0.text.contains("false") })
    let snapshot = Document(await Dashboard.sample().page("/apps/monitor/events/add_snapshot").html)
    #expect(snapshot.all("table", class: "bars").contains { $0.text.contains("DatasetDriftMetric") })
    let records = Document(await Dashboard.sample().page("/apps/optimizer/events/optimization").html)
    #expect(
      records.all("table", class: "ranges").map { $0.text.prefix(19) } == [
        "latency by compiler", "latency by techniqu",
      ])
    #expect(records.all("h3").map(\.text).contains("latency by technique"))
  }

  @Test func `two questions about one number draw it twice, each with its own name`() async {
    var catalog = Sample.monitor
    catalog.questions = [
      "What is the reports count?", "Why is the reports count so high, and project count?",
      "How long does it take?",
    ]
    catalog.events[0].properties = [Field("duration", .number(), unit: "ms")]
    let html = await Dashboard.sample(catalogs: [catalog]).page("/apps/monitor").html
    let document = Document(html)
    #expect(document.all("h3").count { $0.text.hasPrefix("reports_count of list_reports") } == 2)
    #expect(document.all("h3").contains { $0.text.hasPrefix("duration of startup") })
    let ids = document.elements.compactMap { $0.attributes["id"] }
    #expect(ids.count == Set(ids).count)
  }

  @Test func `an event that is dormant or ends says so`() async {
    let events = Document(await Dashboard.sample().page("/apps/monitor/events").html)
    #expect(events.all("span", class: "badge").map(\.text).sorted() == ["dormant", "until 2027-03-01"])
    #expect(events.all("tr", class: "muted").contains { $0.text.contains("search_projects") })
  }

  private func grouped(_ value: Double) -> String {
    let digits = String(Int(value))
    return digits.count > 3 ? "\(digits.dropLast(3)),\(digits.suffix(3))" : digits
  }
}

extension Answer {
  fileprivate var values: [Double] { series[0].values }
}

import AvowDashboard
import AvowStore
import AvowWire
import Testing

struct PublishedPageTests {
  private static let monday = CivilDate(year: 2026, month: 11, day: 9).dayNumber

  private static func week(
    _ question: String, _ back: Int, _ status: Publication.Status,
    _ groups: [Publication.Group], unit: Answer.Unit = .installations
  ) -> Publication {
    Publication(
      question: question, week: monday - 7 * back, status: status, unit: unit, bound: .exact,
      threshold: PrivacyThreshold(count: 10, unit: .installations), groups: groups)
  }

  private static let page = PublishedPage(
    catalog: Sample.monitor,
    questions: [
      .init(
        text: "users",
        weeks: [
          week("users", 3, .tooFew, []), week("users", 2, .published, [.init(key: [], value: 20)]),
          week("users", 1, .tooFew, []), week("users", 0, .published, [.init(key: [], value: 1230)]),
        ]),
      .init(
        text: "events by os_name",
        weeks: [
          week("events by os_name", 1, .withheld, [], unit: .events),
          week(
            "events by os_name", 0, .published,
            [
              .init(key: ["<linux>"], value: 300), .init(key: [nil], value: 70),
              .init(key: [], isOther: true, value: 30),
            ], unit: .events),
        ]),
      .init(text: "adoption", weeks: [week("adoption", 0, .tooFew, [])]),
      .init(text: "recent", refusal: "single events are not published"),
    ])

  @Test func `the page is whole, asks nothing of anyone and leads to nothing that needs signing in`() {
    let html = Self.page.html
    let document = Document(html)
    #expect(document.fault == nil)
    #expect(document.all("h1").count == 1 && document.all("script").isEmpty)
    let ids = document.elements.compactMap { $0.attributes["id"] }
    #expect(ids.count == Set(ids).count)
    let allowed = ["/public/monitor", "/public/monitor.json", "/catalog/monitor", "#main", "data:,"]
    #expect(document.addresses.allSatisfy(allowed.contains))
    #expect(html.contains("&lt;linux&gt;") && !html.contains("<linux>"))
  }

  @Test func `every number of the page stands in a table too, and what is missing is said`() {
    let tables = Document(Self.page.html).all("table", class: "numbers").map(\.text)
    #expect(tables.count == 2)
    #expect(tables[0].contains("9 Nov 20261,230"))
    // What came before the first published week is not listed; later gaps are.
    #expect(tables[0].contains("2 Nov 2026Fewer than 10 installations.26 Oct 202620"))
    #expect(!tables[0].contains("19 Oct 2026"))
    #expect(tables[1].contains("not given") && tables[1].contains("all others"))
    let html = Self.page.html
    #expect(html.contains("rounded down to whole 10s"))
    #expect(html.contains("single events are not published"))
    #expect(html.contains("No finished week with enough behind it yet."))
  }

  @Test func `the JSON says how each number came about`() {
    let questions = Self.page.json["questions"]?.arrayValue ?? []
    #expect(questions.count == 4)
    let users = questions[0]["weeks"]?.arrayValue ?? []
    #expect(users.map { $0["status"]?.stringValue } == ["published", "too_few", "published"])
    #expect(users[0]["rounded_down_to"] == 10)
    let events = questions[1]["weeks"]?.arrayValue ?? []
    #expect(events.count == 1 && events[0]["rounded_down_to"] == nil)
    #expect(events[0]["groups"]?.arrayValue?[1]["key"] == .array([.null]))
    #expect(questions[3]["refused"] == "single events are not published")
  }
}

import AvowStore
import AvowStoreTesting
import AvowWire
import Testing

struct PrivacyGateTests {
  @Test(arguments: [
    ("users where os_name = linux", "filter"), ("users last 7 days", "finished week"),
    ("users since 2026-01-01", "finished week"), ("users compared", "finished week"),
    ("users by day", "by week"), ("users by month", "by week"), ("distribution of load", "single users"),
    ("rolling 28 users", "overlapping weeks"), ("retention", "overlapping weeks"),
    ("funnel weave > cut", "overlapping weeks"), ("recent", "single events"),
    ("events by plugins", "several"), ("users by os_nam", "did you mean os_name"),
  ])
  func `what would show too much is no public question`(_ text: String, _ reason: String) throws {
    let error = #expect(throws: QuestionError.self) {
      try PublicQuestion(text, catalog: Crowd.catalog())
    }
    #expect("\(try #require(error))".contains(reason))
  }

  @Test func `a list says which of its questions publish nothing`() throws {
    var catalog = Crowd.catalog()
    catalog.published = [
      "users", "events by os_name", "events by week by os_name", "events by os_name, app_version", "user",
      "users by os_name, app_version",
    ].map { .init(text: $0) }
    let problems = PublicQuestion.problems(of: catalog)
    #expect(
      problems.map(\.text) == ["events by week by os_name", "events by os_name, app_version", "user"])
    try #require(problems.count == 3)
    #expect(problems[0].reason.contains("twice"))
    #expect(problems[1].reason.contains("both go by os_name"))
    #expect(problems[2].reason.contains("did you mean users"))
  }

  @Test func `a question is the same however it is written`() throws {
    let catalog = Crowd.catalog()
    let one = try PublicQuestion("Users BY week, OS_NAME", catalog: catalog)
    let other = try PublicQuestion("users by os_name", catalog: catalog)
    #expect(one.phrase == "users by os_name")
    #expect(one == other)
    #expect(try PublicQuestion(one.phrase, catalog: catalog) == one)
  }

  @Test func `a threshold says who is behind a number`() {
    func threshold(_ identity: Catalog.Identity, zone: String? = nil, week: Int = Crowd.monday) -> String {
      let threshold = PrivacyThreshold(Crowd.catalog(identity, zone: zone), week: week)
      return "\(threshold.count) \(threshold.unit.rawValue)"
    }
    #expect(threshold(.init()) == "10 installations")
    #expect(threshold(.init(rotate: .week)) == "10 installations")
    #expect(threshold(.init(rotate: .week), zone: "Asia/Tokyo") == "20 installations")
    // From 26 October to 1 November one may count twice.
    #expect(threshold(.init(rotate: .month)) == "10 installations")
    #expect(threshold(.init(rotate: .month), week: Crowd.monday - 14) == "20 installations")
    #expect(threshold(.init(rotate: .day)) == "50 reports")
    #expect(threshold(.init(user: .process)) == "50 starts")
    #expect(threshold(.init(user: .none)) == "50 reports")
  }

  @Test func `a week is published two days after its end`() {
    let monday = Crowd.monday
    #expect(PrivacyGate.weeks(2, today: monday + 8) == [monday - 14, monday - 7])
    #expect(PrivacyGate.weeks(2, today: monday + 9) == [monday - 7, monday])
    #expect(PrivacyGate.weeks(1, today: monday + 15) == [monday])
  }

  @Test func `small groups are folded, and what they are folded into is not small`() async throws {
    var crowd = try await Crowd()
    try await crowd.add((1...37).map { .init($0) })
    try await crowd.add((38...49).map { .init($0, "cut", "macos") })
    try await crowd.add((50...53).map { .init($0, "cut", "windows") })
    let published = try await crowd.publish([
      "users by os_name", "events by os_name", "users", "events by event", "users by os_name top 1",
    ])
    // Four alone would be too few, so the next smallest group goes with them.
    #expect(published[0].1.lines == ["linux 30", "other 10"])
    #expect(published[1].1.lines == ["linux 37", "other 16"])
    #expect(published[2].1.lines == [" 50"])
    #expect(published[3].1.lines == ["weave 37", "cut 16"])
    #expect(published[4].1.lines == ["linux 30", "other 10"])
    #expect(published.allSatisfy { $0.1.status == .published && $0.1.threshold.count == 10 })
  }

  @Test func `a week that too few stand behind says only that`() async throws {
    var crowd = try await Crowd()
    try await crowd.add((1...9).flatMap { user in (1...20).map { _ in .init(user) } })
    for (_, publication) in try await crowd.publish([
      "users", "events", "events by os_name", "users by os_name", "adoption", "new and returning users",
    ]) {
      #expect(publication.status == .tooFew)
      #expect(publication.groups.isEmpty)
      #expect(publication.json["groups"] == nil)
    }
  }

  @Test func `reports stand in where nobody is told apart`() async throws {
    var crowd = try await Crowd(.init(user: .none))
    try await crowd.add((1...120).map { .init($0) } + (1...49).map { .init($0, "cut", "macos") })
    let published = try await crowd.publish(["events by os_name", "events"])
    #expect(published[0].1.lines == ["other 169"])
    #expect(published[1].1.lines == [" 169"])
    #expect(published[0].1.threshold == PrivacyThreshold(count: 50, unit: .reports))
  }

  @Test func `what is kept reads back as it was`() async throws {
    var crowd = try await Crowd()
    try await crowd.add((1...40).map { .init($0, "weave", "linux", "1.\($0 % 3)") })
    for (_, publication) in try await crowd.publish(["users by os_name, app_version", "adoption", "users"]) {
      #expect(Publication(question: publication.question, json: publication.json) == publication)
    }
  }
}

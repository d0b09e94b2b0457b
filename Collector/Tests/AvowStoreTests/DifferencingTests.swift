import AvowStore
import AvowStoreTesting
import AvowWire
import Testing

/// Tries to tell groups below the threshold by subtracting published numbers from one another.
struct DifferencingTests {
  /// Every number of events that was published, as the uses it is the sum of.
  private func tables(_ published: [(PublicQuestion, Publication)], _ crowd: Crowd) -> [[[Crowd.Use]]] {
    published.filter { $0.1.status == .published && $0.1.unit == .events }.map { question, publication in
      let words = question.phrase.split(separator: " ").map(String.init)
      let event = words.firstIndex(of: "of").map { words[$0 + 1] }
      let inScope = crowd.uses.filter { event == nil || $0.event == event }
      func key(_ use: Crowd.Use) -> [String?] {
        guard let by = question.phrase.split(separator: " by ").dropFirst().first else { return [] }
        return by.split(separator: ", ").map {
          $0 == "event" ? use.event : $0 == "os_name" ? use.os : use.version
        }
      }
      let named = Set(publication.groups.filter { !$0.isOther }.map(\.key))
      let cells = publication.groups.map { group in
        inScope.filter { group.isOther ? !named.contains(key($0)) : key($0) == group.key }
      }
      for (group, cell) in zip(publication.groups, cells) { #expect(group.value == cell.count) }
      // All groups together are a number too.
      return cells + [inScope]
    }
  }

  /// The smallest number of users that some difference of published numbers rests on.
  private func smallest(_ tables: [[[Crowd.Use]]]) -> Int {
    var smallest = Int.max
    func note(_ rest: Set<Crowd.Use>) {
      if !rest.isEmpty { smallest = min(smallest, Set(rest.map(\.user)).count) }
    }
    let numbers = tables.map { $0.map(Set.init) }
    let all = numbers.flatMap(\.self)
    for whole in all {
      for part in all where part.isStrictSubset(of: whole) { note(whole.subtracting(part)) }
      for table in numbers {
        // All parts of one table at once, with and without one of them.
        let parts = table.dropLast().filter { $0.isStrictSubset(of: whole) }
        note(parts.reduce(whole) { $0.subtracting($1) })
        for left in parts.indices {
          note(parts.indices.filter { $0 != left }.reduce(whole) { $0.subtracting(parts[$1]) })
        }
      }
      // Numbers of single events and of all, from several questions.
      let events = all.filter { Set($0.map(\.event)).count == 1 && $0.isStrictSubset(of: whole) }
      note(events.reduce(whole) { $0.subtracting($1) })
    }
    return smallest
  }

  private static let questions = [
    "events", "events by event", "events by os_name", "events by os_name, app_version",
    "events by app_version", "events of weave", "events of weave by os_name", "events of cut by app_version",
    "events of cut", "events of dye",
  ]

  private func crowd(_ random: inout SplitMix64) async throws -> Crowd {
    var uses: Set<Crowd.Use> = []
    for user in 1...Int.random(in: 20...45, using: &random) {
      let os = ["linux", "linux", "linux", "macos", "windows"].randomElement(using: &random) ?? ""
      let version = ["1.0", "1.0", "1.0", "0.9", "2.0"].randomElement(using: &random) ?? ""
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let event = ["weave", "weave", "weave", "cut", "cut", "dye"].randomElement(using: &random) ?? ""
        uses.insert(Crowd.Use(user: user, event: event, os: os, version: version))
      }
    }
    var crowd = try await Crowd()
    try await crowd.add(uses.sorted { ($0.user, $0.event) < ($1.user, $1.event) })
    return crowd
  }

  @Test func `no difference of published numbers rests on fewer than ten users`() async throws {
    var random = SplitMix64(seed: 11)
    var (told, published, withheld) = (0, 0, 0)
    for _ in 0..<40 {
      let crowd = try await crowd(&random)
      let texts = Array(Self.questions.shuffled(using: &random).prefix(5))
      // The attack is worth something: folding alone does not stand it.
      let alone = tables(try await crowd.publish(texts, areAlone: true), crowd)
      if smallest(alone) < 10 { told += 1 }
      let answers = try await crowd.publish(texts)
      published += answers.count { $0.1.status == .published }
      withheld += answers.count { $0.1.status == .withheld }
      #expect(smallest(tables(answers, crowd)) >= 10, "\(texts)")
    }
    #expect(told > 10)
    #expect(withheld > 10)
    #expect(published > 60)
  }

  @Test func `overlapping breakdowns do not tell a group that one of them folded`() async throws {
    var crowd = try await Crowd()
    try await crowd.add((1...40).map { .init($0, "weave", "linux", "1.0") })
    try await crowd.add((41...42).map { .init($0, "weave", "linux", "0.9") })
    try await crowd.add((51...70).map { .init($0, "weave", "windows", "1.0") })
    try await crowd.add((71...85).map { .init($0, "weave", "windows", "0.9") })
    let texts = ["events by os_name", "events by os_name, app_version"]
    let alone = try await crowd.publish(texts, areAlone: true)
    #expect(alone[0].1.lines == ["linux 42", "windows 35"])
    // 42 - 40: the two who use 0.9 on Linux.
    #expect(alone[1].1.lines == ["linux+1.0 40", "windows+1.0 20", "other 17"])
    let together = try await crowd.publish(texts)
    #expect(together.map(\.1.status) == [.published, .withheld])
    #expect(together[1].1.groups.isEmpty)
  }

  @Test func `users of all events minus users of one do not tell those who never sent it`() async throws {
    var crowd = try await Crowd()
    try await crowd.add((1...40).map { .init($0) } + (41...43).map { .init($0, "cut") })
    // In the week before, two of them were away.
    try await crowd.add((1...41).map { .init($0) }, week: Crowd.monday - 7)
    #expect(try await crowd.users() - crowd.users(of: "weave") == 3)
    let texts = ["users", "users of weave", "users by os_name", "new and returning users"]
    var numbers: Set<Int> = [0]
    for week in [Crowd.monday - 7, Crowd.monday] {
      for (_, publication) in try await crowd.publish(texts, week: week) {
        numbers.formUnion(publication.groups.map(\.value))
      }
    }
    #expect(numbers == [0, 40])
    for one in numbers { for other in numbers { #expect(abs(one - other) % 10 == 0) } }
  }
}

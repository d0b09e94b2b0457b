import AvowStore
import AvowWire

extension EventStoreConformance {
  /// A tool whose fields are narrow at first: integers and versions that become numbers and texts.
  private func tool(isWide: Bool) -> Catalog {
    let number: FieldType = isWide ? .number() : .integer()
    let text: FieldType = isWide ? .text(.pattern("[a-z0-9.]{1,16}")) : .version()
    return Catalog(
      app: "tool", name: "Tool", version: isWide ? 2 : 1,
      context: [Field("engine", text), Field("load", number)],
      events: [
        EventDeclaration(
          "run",
          properties: [
            Field("seconds", number), Field("runtime", text), Field("sizes", .list(of: number)),
            Field("steps", .records([Field("latency", number), Field("kind", text)])),
          ])
      ])
  }

  private func run(_ index: UInt64, _ value: JSONValue, _ text: String, daysAgo days: Int) -> SampleEvent {
    SampleEvent(
      "run", id: id(index), time: daysAgo(days), user: id(index),
      context: ["engine": .string(text), "load": value],
      properties: [
        "seconds": value, "runtime": .string(text), "sizes": [value, value],
        "steps": [["latency": value, "kind": .string(text)]],
      ])
  }

  func widening(_ store: any EventStore) async throws {
    let (old, new) = (tool(isWide: false), tool(isWide: true))
    let reference = MemoryEventStore { Self.now }
    func put(_ events: [SampleEvent], _ catalog: Catalog) async throws {
      let batch = batch(events, catalog)
      try expect(try await store.append(batch), equals: try await reference.append(batch), "what was stored")
    }
    for one in [store, reference] as [any EventStore] { try await one.install(old) }
    try await put(
      [
        run(1, .integer(4), "1.10", daysAgo: 3), run(2, .integer(-7), "1.9", daysAgo: 3),
        run(3, .integer(1 << 40), "1.10", daysAgo: 0),
      ], old)
    func table(_ field: String) async throws -> [String] {
      let subject = Question.Subject.breakdown(by: [FieldPath(field)], counting: .events)
      return try await store.answer(
        Question(app: "tool", subject, interval: month, period: .total)
      ).series.map { "\($0.key[0] ?? "-") \(Int($0.total))" }.sorted()
    }
    // Asked once, so that days are kept in memory as they are now.
    try expect(try await table("seconds").count, equals: 3, "groups before")
    for one in [store, reference] as [any EventStore] { try await one.install(new) }
    try await put(
      [run(4, .number(0.5), "nightly", daysAgo: 3), run(5, .number(4), "1.10", daysAgo: 0)], new)
    // A batch that was admitted under the older catalog may still be on its way.
    try await put([run(6, .integer(4), "1.9", daysAgo: 1)], old)
    for field in ["engine", "runtime", "steps.kind"] {
      try expect(try await table(field), equals: ["1.10 3", "1.9 2", "nightly 1"], "groups of \(field)")
    }
    let fields = ["engine", "load", "seconds", "runtime", "sizes", "steps.latency", "steps.kind"]
    for field in fields {
      let path = FieldPath(field)
      try expect(try await !table(field).contains { $0.hasPrefix("- ") }, "events without \(field)")
      var filters: [Filter] = [Filter(path, .equals("4")), Filter(path, .notEquals("1.10"))]
      if !["engine", "runtime", "steps.kind"].contains(field) {
        filters.append(Filter(path, .range(min: 0.25, max: 4)))
        for by in [[], [FieldPath("engine")]] {
          try await compareAnswers(
            store, reference,
            Question(app: "tool", .distribution(of: path, by: by), interval: month, period: .total))
        }
      }
      for filter in filters {
        try await compareAnswers(
          store, reference,
          Question(
            app: "tool", .breakdown(by: [path], counting: .users), interval: month, period: .day,
            filters: [filter]))
      }
    }
    let spread = try await store.answer(
      Question(
        app: "tool", .distribution(of: FieldPath("seconds"), by: []), interval: month, period: .total))
    try expect(spread.distributions.map(\.count), equals: [6], "values before and after")
    try expect(spread.distributions[0].min, equals: -7, "the least value, of before")
    try expect(spread.distributions[0].p50, equals: 4, "the median")
    try await compareExports(store, reference, ExportRequest(app: "tool"))
    // What narrows is another field: it begins anew, and nothing is lost of the one before.
    for one in [store, reference] as [any EventStore] { try await one.install(old) }
    try await put([run(7, .integer(9), "2.0", daysAgo: 0)], old)
    try expect(try await table("seconds"), equals: ["- 6", "9 1"], "groups of a narrowed field")
    try await compareExports(store, reference, ExportRequest(app: "tool"))
  }

  // MARK: Filtered exports

  func filteredExports(_ store: any EventStore) async throws {
    let catalog = SampleCatalog.workshop()
    let reference = try await fill(store, catalog, batches: 20)
    var questions = QuestionGenerator(seed: seed, catalog: catalog, today: Self.now.day)
    let all = try await everything(reference, ExportRequest(app: catalog.app)).count
    var cut = 0
    for _ in 0..<120 {
      let question = questions.next()
      guard !question.filters.isEmpty else { continue }
      let request = ExportRequest(
        app: catalog.app, event: question.event, interval: question.interval, filters: question.filters)
      let expected: [StoredEvent]
      do { expected = try await everything(reference, request) } catch let error as StoreError {
        do {
          _ = try await everything(store, request)
          throw ConformanceFailure("an export of \(question.filters) was not refused")
        } catch let other as StoreError {
          try expect("\(other)", equals: "\(error)", "the refusal of an export")
        }
        continue
      }
      try await compareExports(store, reference, request)
      if !expected.isEmpty, expected.count < all { cut += 1 }
    }
    try expect(cut > 10, "too few filters selected a part")
  }
}

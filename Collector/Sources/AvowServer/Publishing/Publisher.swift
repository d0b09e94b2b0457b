import AvowDashboard
import AvowStore
import AvowWire

/// Publishes what the catalogs list as `public:`: each finished week once, kept in control.sqlite.
actor Publisher {
  private let store: any EventStore
  private let database: ControlDatabase
  private var lastDay: [String: (digest: String, day: Int)] = [:]
  private var work: [String: (digest: String, day: Int, task: Task<Void, any Error>)] = [:]

  /// How many weeks back a question is answered that was not in the list before, and shown.
  static let shownWeeks = 26

  /// How often a week is counted again when events came in meanwhile; then at the next time.
  private static let attempts = 4

  init(store: any EventStore, database: ControlDatabase) {
    self.store = store
    self.database = database
  }

  /// What is published of an app, after weeks that ended meanwhile were added.
  func publications(of entry: CatalogSet.Entry, today: Int) async throws -> PublishedPage {
    try await update(entry, today: today)
    let weeks = PrivacyGate.weeks(Self.shownWeeks, today: today)
    let kept = try database.publications(app: entry.catalog.app, from: weeks.first ?? 0)
    return PublishedPage(
      catalog: entry.catalog,
      questions: entry.catalog.published.map { listed in
        do throws(QuestionError) {
          let question = try PublicQuestion(listed.text, catalog: entry.catalog)
          return .init(text: question.phrase, weeks: kept.filter { $0.question == question.phrase })
        } catch {
          return .init(text: listed.text, refusal: "\(error)")
        }
      })
  }

  /// Publishes the weeks that are missing. At most once a day, whoever asks.
  func update(_ entry: CatalogSet.Entry, today: Int) async throws {
    let app = entry.catalog.app
    if let last = lastDay[app], last == (entry.digest, today) { return }
    while let running = work[app] {
      try await running.task.value
      if (running.digest, running.day) == (entry.digest, today) { return }
      // What ran was begun for yesterday; whoever began it takes it away before this goes on.
      await Task.yield()
    }
    let (store, database) = (store, database)
    let task = Task {
      try await Self.publish(entry.catalog, today: today, store: store, database: database)
    }
    work[app] = (entry.digest, today, task)
    defer { work[app] = nil }
    try await task.value
    lastDay[app] = (entry.digest, today)
  }

  private static func publish(
    _ catalog: Catalog, today: Int, store: any EventStore, database: ControlDatabase
  ) async throws {
    let gate = PrivacyGate(catalog: catalog) { try await store.answer($0) }
    let listed = catalog.published.compactMap { try? PublicQuestion($0.text, catalog: catalog) }
    let weeks = PrivacyGate.weeks(shownWeeks, today: today)
    // Also what the list no longer holds: who read it then can still subtract it.
    let kept = Dictionary(
      grouping: try database.publications(app: catalog.app, from: weeks.first ?? 0), by: \.week)
    for week in weeks {
      let known = Set((kept[week] ?? []).map(\.question))
      var missing: [PublicQuestion] = []
      for question in listed where !known.contains(question.phrase) && !missing.contains(question) {
        missing.append(question)
      }
      guard !missing.isEmpty else { continue }
      let published = (kept[week] ?? []).compactMap { publication in
        (try? PublicQuestion(publication.question, catalog: catalog)).map { ($0, publication) }
      }
      // All of one state: an event that came in between would be the difference of two numbers.
      for _ in 0..<Self.attempts {
        let state = try await gate.state(week: week)
        let first = try database.publishedState(app: catalog.app, week: week)
        var added: [(PublicQuestion, Publication)] = []
        for question in missing {
          let publication = try await gate.publication(
            of: question, week: week, beside: published + added, hasChanged: first ?? state != state)
          added.append((question, publication))
        }
        guard try await gate.state(week: week) == state else { continue }
        try database.insertPublications(
          added.map(\.1), app: catalog.app, week: week, state: first ?? state)
        break
      }
    }
  }
}

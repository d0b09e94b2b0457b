public import AvowStore
import AvowWire
import GRDB

extension SQLiteEventStore {
  /// Answers a question from the segments of closed days and from the rows of all others.
  ///
  /// Both files are read in one state each. A day of the index counts only when its mark is the one of the
  /// rows' state, so the answer is always that of the rows.
  public func answer(_ question: Question) async throws(StoreError) -> Answer {
    let installed = try installed(question.app)
    let resolved = try ResolvedQuestion(question, catalog: installed.catalog)
    var answer = try await answer(resolved, installed)
    if question.comparesWithBefore {
      let before = try ResolvedQuestion(
        question.before, catalog: installed.catalog, naming: answer.namedGroups)
      answer.before = try await self.answer(before, installed)
    }
    return answer
  }

  private func answer(
    _ question: ResolvedQuestion, _ installed: Installed
  ) async throws(StoreError) -> Answer {
    // Each time a damaged day is found it is answered from its rows instead.
    var distrusted: Set<Int> = []
    while true {
      do {
        return try await files.main.read { [distrusted] db in
          var installed = installed
          // A catalog may have come since: what its columns mean belongs to the state that is read.
          if try installed.cookie != SQLiteEventStore.Installed.cookie(db),
            let schema = try AppSchema.load(db)[installed.catalog.app]
          {
            installed.schema = schema
          }
          return try index.read { [installed] indexDB in
            try Asking(self, question, installed, distrusted, db, indexDB).answer()
          }
        }
      } catch let damage as DayReader.DamagedDay where !distrusted.contains(damage.day) {
        distrusted.insert(damage.day)
        index.distrust(app: installed.schema.number, day: damage.day)
      } catch {
        throw StoreError(error)
      }
    }
  }
}

/// One question on one state of the files.
private struct Asking {
  private let store: SQLiteEventStore
  private let question: ResolvedQuestion
  private let schema: AppSchema
  private let zone: ReportingZone
  private let distrusted: Set<Int>
  private let db: Database
  private let indexDB: Database

  init(
    _ store: SQLiteEventStore, _ question: ResolvedQuestion, _ installed: SQLiteEventStore.Installed,
    _ distrusted: Set<Int>, _ db: Database, _ indexDB: Database
  ) {
    self.store = store
    self.question = question
    schema = installed.schema
    zone = installed.zone
    self.distrusted = distrusted
    self.db = db
    self.indexDB = indexDB
  }

  func answer() throws -> Answer {
    let today = zone.day(of: store.clock())
    let marks = try DayMark.all(of: schema.number, db)
    if case .recent = question.question.subject {
      return try RecentScan(question, schema: schema, zone: zone, days: marks, db).answer(today: today)
    }
    let texts = try Texts(schema, db)
    let plans = try plans(texts)
    let scan = Scan(
      question, plans: plans, zone: zone, days: try days(marks),
      reader: try DayReader(app: schema.number, index: indexDB))
    switch question.question.subject {
    case .events, .breakdown, .distribution, .adoption:
      let tally = GroupTally(
        question, texts: texts, greatestUser: store.index.greatestUser(of: schema.number))
      try scan.run(tally)
      store.index.note(greatestUser: tally.greatestUser, of: schema.number)
      return try tally.answer(today: today) { try scan.run($0) }
    case .activeUsers, .rolling, .retention, .newAndReturning, .stickiness, .recent:
      let tally = UserTally(question)
      try scan.run(tally)
      return tally.answer(today: today)
    case .funnel:
      let tally = FunnelTally(
        question, zone: zone, greatestUser: store.index.greatestUser(of: schema.number))
      try scan.runTogether { try tally.take($0, dayStart: $1) }
      return tally.answer(today: today)
    }
  }

  // MARK: Days

  private func days(_ marks: [DayMark]) throws -> [Scan.Day] {
    guard let first = marks.first, let last = marks.last,
      let wanted = zone.days(of: question.reach, among: first.day...last.day)
    else { return [] }
    let encoded = try IndexFile.marks(of: schema.number, indexDB)
    return try marks.filter { wanted.contains($0.day) }.map { mark in
      if encoded[mark.day] == mark.mark, !distrusted.contains(mark.day),
        let summary = try store.index.summary(of: schema.number, mark, indexDB)
      {
        return Scan.Day(day: mark.day, image: nil, summary: summary)
      }
      let image = try store.index.live.image(
        of: mark, schema: schema, names: store.index.file.names, db)
      return Scan.Day(day: mark.day, image: image, summary: nil)
    }
  }

  // MARK: Plans

  private func plans(_ texts: Texts) throws -> [ScanPlan] {
    if let plan = try planForAllEvents(texts) { return [plan] }
    return try question.sources.map { source in
      let event = question.catalog.events[source.event]
      guard let table = schema.table(event: event.name) else {
        throw StoreError.failed("the event \(event.name) of \(schema.app) has no table")
      }
      return try ScanPlan(source, names: names(texts, table, event), isWeighted: false)
    }
  }

  private func names(_ texts: Texts, _ table: StoredTable, _ event: EventDeclaration) -> ScanPlan.Names {
    ScanPlan.Names(
      schema: schema, streams: store.index.file.names, texts: texts, table: table,
      catalog: question.catalog, event: event)
  }

  /// One pass over each day's users instead of one over each event, where that says the same: days are UTC,
  /// for these rows have no time; the question is about all events, names only context values that a
  /// client's events share; and no event is stored that today's catalog lacks.
  private func planForAllEvents(_ texts: Texts) throws -> ScanPlan? {
    guard zone.isUTC, question.question.event == nil, question.sources.count == question.catalog.events.count,
      let table = schema.table(event: nil)
    else { return nil }
    switch question.question.subject {
    case .events(true), .funnel, .recent: return nil
    case .events, .distribution, .activeUsers, .breakdown, .rolling, .retention, .adoption, .stickiness,
      .newAndReturning:
      break
    }
    let declared = Set(question.catalog.events.map(\.name))
    guard schema.eventTables.allSatisfy({ declared.contains($0.event ?? "") }) else { return nil }
    for source in question.sources {
      for column in source.keys + (source.number.map { [$0] } ?? []) + source.filters.map(\.column) {
        guard column.place == .context, column.list == nil,
          !question.catalog.context[column.field].standsBesideEvent
        else { return nil }
      }
    }
    guard let source = question.sources.first else { return nil }
    let event = question.catalog.events[source.event]
    return try ScanPlan(source, names: names(texts, table, event), isWeighted: true)
  }
}

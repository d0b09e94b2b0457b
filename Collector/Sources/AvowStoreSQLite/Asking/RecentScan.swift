import AvowStore
import AvowWire
import GRDB

/// Finds the last events of a question from rows, going back in time until there are enough.
struct RecentScan {
  private let question: ResolvedQuestion
  private let schema: AppSchema
  private let db: Database
  private let span: ClosedRange<Int64>?

  init(_ question: ResolvedQuestion, schema: AppSchema, zone: ReportingZone, days: [DayMark], _ db: Database)
  {
    self.question = question
    self.schema = schema
    self.db = db
    let interval = question.question.interval
    if let first = days.first, let last = days.last {
      let low = max(zone.start(of: interval.first).milliseconds, Timestamp(day: first.day).milliseconds)
      let high = min(zone.start(of: interval.last + 1), Timestamp(day: last.day + 1)).milliseconds - 1
      span = low <= high ? low...high : nil
    } else {
      span = nil
    }
  }

  func answer(today: Int) throws -> Answer {
    let wanted = max(0, question.question.top)
    var answer = Answer(
      question: question.question, unit: question.unit, bound: question.bound,
      periods: question.axis.starts, lastPeriodIsRunning: question.isRunning(today: today), reports: 0)
    guard wanted > 0, let span else { return answer }
    var places: [ExportCursor.Place] = []
    var end = span.upperBound
    var width: Int64 = 60_000
    while end >= span.lowerBound, places.count < wanted {
      let start = max(span.lowerBound, end - width + 1)
      for source in question.sources { try find(source, start...end, wanted, &places) }
      end = start - 1
      width = min(width * 4, 1 << 40)
    }
    let events = try EventReader(schema, db).read(Self.last(wanted, of: places)).map { event in
      Answer.Event(
        event: event.stored.event, time: event.stored.time, received: event.stored.received,
        context: event.stored.context, properties: event.stored.properties)
    }
    answer.events = Array(events.sorted { $0.precedes($1) }.prefix(wanted))
    answer.reports = answer.events.count
    return answer
  }

  private func find(
    _ source: ResolvedQuestion.Source, _ span: ClosedRange<Int64>, _ wanted: Int,
    _ places: inout [ExportCursor.Place]
  ) throws {
    let name = question.catalog.events[source.event].name
    guard let index = schema.tables.firstIndex(where: { $0.event == name && $0.kind == .row }) else { return }
    let sql = try FilterSQL(question, source, schema.tables[index], schema, db)
    let scan = RowScan(
      table: schema.tables[index].name, columns: "e._received", joins: sql.joins, condition: sql.condition,
      bind: sql.bind)
    var found = places
    try scan.run(db, from: span.lowerBound, through: span.upperBound) { row in
      found.append(
        ExportCursor.Place(
          time: row.time, received: RowKey.time(of: row.key) + row.statement.column(2), table: index,
          key: row.key))
      if found.count > wanted * 4 + 8192 { found = Self.last(wanted, of: found) }
    }
    places = found
  }

  /// The last places, with all that are as late as the last of them.
  private static func last(_ count: Int, of places: [ExportCursor.Place]) -> [ExportCursor.Place] {
    guard places.count > count else { return places }
    let sorted = places.sorted { $1 < $0 }
    let least = sorted[count - 1]
    return Array(
      sorted.prefix { $0.time > least.time || ($0.time == least.time && $0.received >= least.received) })
  }
}

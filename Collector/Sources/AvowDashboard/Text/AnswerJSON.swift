public import AvowStore
public import AvowWire

/// An answer as one JSON object, for the API and `avow ask --format json`.
public struct AnswerJSON: Sendable, CustomStringConvertible {
  private let answer: Answer
  private let catalog: Catalog?

  /// Creates the JSON of an answer.
  ///
  /// - Parameter catalog: Where the zone of the days and the unit of a number are declared.
  public init(_ answer: Answer, catalog: Catalog? = nil) {
    self.answer = answer
    self.catalog = catalog
  }

  public var description: String { String(decoding: bytes, as: UTF8.self) }

  /// The text, UTF-8.
  public var bytes: [UInt8] {
    var json = JSONWriter(capacity: 1024)
    write(answer, to: &json)
    return json.bytes
  }

  private func write(_ answer: Answer, to json: inout JSONWriter) {
    let question = answer.question
    json.beginObject()
    json.member("app", question.app)
    json.member("question", question.text)
    json.member("unit", answer.unit.rawValue)
    json.member("bound", answer.bound.rawValue)
    json.member("since", CivilDate(dayNumber: question.interval.first).description)
    json.member("until", CivilDate(dayNumber: question.interval.last).description)
    if let catalog { json.member("zone", catalog.reportingZone ?? "UTC") }
    json.member("period", question.period.rawValue)
    json.key("reports")
    json.integer(answer.reports)
    json.key("last_period_is_running")
    json.boolean(answer.lastPeriodIsRunning)
    if case .distribution(let path, _) = question.subject {
      if let unit = catalog?.field(at: path, of: question.event)?.unit { json.member("unit_of_values", unit) }
      json.key("distributions")
      json.beginArray()
      for distribution in answer.distributions { write(distribution, to: &json) }
      json.endArray()
    } else if case .recent = question.subject {
      json.key("events")
      json.beginArray()
      for event in answer.events { write(event, to: &json) }
      json.endArray()
    } else {
      json.key("periods")
      json.beginArray()
      for day in answer.periods { json.string(CivilDate(dayNumber: day).description) }
      json.endArray()
      json.key("partial_periods")
      json.beginArray()
      for (index, day) in answer.periods.enumerated() where answer.isPartial(index) {
        json.string(CivilDate(dayNumber: day).description)
      }
      json.endArray()
      json.key("series")
      json.beginArray()
      for series in answer.series { write(series, to: &json) }
      json.endArray()
    }
    if let before = answer.before {
      json.key("before")
      write(before, to: &json)
    }
    json.endObject()
  }

  private func write(_ event: Answer.Event, to json: inout JSONWriter) {
    json.beginObject()
    json.member("event", event.event)
    json.member("time", event.time.description)
    json.member("received", event.received.description)
    json.key("context")
    json.raw(event.context.text)
    json.key("properties")
    json.raw(event.properties.text)
    json.endObject()
  }

  private func write(_ series: Answer.Series, to json: inout JSONWriter) {
    json.beginObject()
    json.member("key", series.key)
    if series.isOther {
      json.key("other")
      json.boolean(true)
    }
    json.key("total")
    json.number(series.total)
    json.key("values")
    json.beginArray()
    for value in series.values { json.number(value) }
    json.endArray()
    json.endObject()
  }

  private func write(_ item: Answer.Distribution, to json: inout JSONWriter) {
    json.beginObject()
    json.member("key", item.key)
    if item.isOther {
      json.key("other")
      json.boolean(true)
    }
    json.key("count")
    json.integer(item.count)
    let numbers = [
      ("min", item.min), ("p50", item.p50), ("p90", item.p90), ("p95", item.p95), ("p99", item.p99),
      ("max", item.max), ("mean", item.mean),
    ]
    for (name, value) in numbers {
      json.key(name)
      json.number(value)
    }
    json.key("histogram")
    json.beginArray()
    for bin in item.histogram {
      json.beginObject()
      json.key("from")
      json.number(bin.from)
      json.key("to")
      json.number(bin.to)
      json.key("count")
      json.integer(bin.count)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  fileprivate mutating func member(_ name: String, _ values: [String?]) {
    key(name)
    beginArray()
    for value in values { if let value { string(value) } else { null() } }
    endArray()
  }
}

import AvowStore
import AvowWire

/// The questions that are timed, each with none, one and two filters.
enum Questions {
  static let year = DayInterval(first: Traffic.firstDay, last: Traffic.firstDay + Traffic.days - 1)
  private static let filters = [
    Filter(FieldPath("os_name"), .equals("linux")),
    Filter(FieldPath("app_version"), .version(.atLeast, Traffic.version(12))),
  ]

  static let all: [(name: String, target: Double?, question: Question)] = [
    ("active users by day", 30, ask(.activeUsers, .day)),
    ("active users by week", 30, ask(.activeUsers, .week)),
    ("active users by month", 30, ask(.activeUsers, .month)),
    ("rolling 28 by day", 30, ask(.rolling(days: 28), .day)),
    ("active users of event_3 by day", 30, ask(.activeUsers, .day, event: "event_3")),
    ("new and returning by day", 30, ask(.newAndReturning, .day)),
    ("retention by week", 40, ask(.retention, .week)), ("stickiness by week", nil, ask(.stickiness, .week)),
    ("adoption by day", 60, ask(.adoption(of: FieldPath("app_version")), .day, top: 30)),
    ("events by event, by day", nil, ask(.events(byEvent: true), .day, top: 20)),
    (
      "events of event_0 by model (200)", 60,
      ask(.breakdown(by: [FieldPath("model")], counting: .events), .total, event: "event_0")
    ),
    (
      "users of event_0 by model (200)", 60,
      ask(.breakdown(by: [FieldPath("model")], counting: .users), .total, event: "event_0")
    ),
    (
      "users of event_0 by model, by day", nil,
      ask(.breakdown(by: [FieldPath("model")], counting: .users), .day, event: "event_0")
    ),
    (
      "users by system and version", 60,
      ask(.breakdown(by: [FieldPath("os_name"), FieldPath("app_version")], counting: .users), .total)
    ),
    (
      "seconds of event_0, quantiles", 25,
      ask(.distribution(of: FieldPath("seconds"), by: []), .total, event: "event_0")
    ),
    (
      "seconds of event_0 by backend", nil,
      ask(.distribution(of: FieldPath("seconds"), by: [FieldPath("backend")]), .total, event: "event_0")
    ),
    ("funnel of 3 steps, 7 days, 90 days", 60, funnel),
    ("recent", nil, ask(.recent, .total, top: 50)),
  ]

  private static var funnel: Question {
    Question(
      app: "bench", .funnel(["event_0", "event_1", "event_2"], within: .seconds(7 * 86_400)),
      interval: .days(90, through: year.last), period: .total)
  }

  private static func ask(
    _ subject: Question.Subject, _ period: Question.Period, event: String? = nil, top: Int = 10
  ) -> Question {
    Question(app: "bench", subject, event: event, interval: year, period: period, top: top)
  }

  static func filtered(_ question: Question, _ count: Int) -> Question {
    var question = question
    question.filters = Array(filters.prefix(count))
    return question
  }
}

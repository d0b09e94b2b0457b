import AvowWire

/// Something a maintainer wants to know about an app.
public struct Question: Sendable, Hashable {
  /// What is asked.
  public enum Subject: Sendable, Hashable {
    /// Events in each period; `byEvent` keeps the events apart.
    case events(byEvent: Bool)
    /// Users (installations, starts: see `Unit`) active in each period.
    case activeUsers
    /// Events, users or items for each value of one or two fields, the greatest first.
    ///
    /// A path such as `optimizations.technique` reaches into records and lists.
    case breakdown(by: [FieldPath], counting: Counting)
    /// Quantiles and a histogram of a number, apart for each value of up to two fields.
    ///
    /// Number and fields of one list of records are paired item by item; a field of the event goes with all
    /// of its items.
    case distribution(of: FieldPath, by: [FieldPath])
    /// Users active in the so many days that end with each period's last day, that day included.
    ///
    /// The first windows reach back before the interval. The running period's window ends with the
    /// interval. The total is the last window's number.
    case rolling(days: Int)
    /// Of the users who came first in each period, how many were active in it and in each later one.
    ///
    /// A user *came first* on the day of his first event, among all stored ones, that the question speaks
    /// of and its filters let pass; so the interval does not make an old user new. There is a series for
    /// each period, named by its first day; its values are the cohort's users active in each of the
    /// answer's periods, nothing before the cohort's own; its total is the cohort's size.
    case retention
    /// Users who went through the steps in order, each at or after the one before, all within a time.
    ///
    /// The first step is on a day of the interval; every later one may follow until `within` after the
    /// first (that moment included), also after the interval's end. At equal times the order of receipt
    /// decides, and in one receipt the order in which the steps name the events. One event is one step at
    /// most; others may happen between. A user counts once, with his furthest attempt. Filters hold for
    /// each step. There is a series for each step, named by its event.
    case funnel([String], within: Duration)
    /// A breakdown of users by a version, the newest version first; the greatest groups are named.
    ///
    /// A user who changes the version within a period counts under both.
    case adoption(of: FieldPath)
    /// On how many different days of each period its users were active.
    ///
    /// A series for each number of days that occurs, in ascending order and named by it: the users active
    /// on exactly so many days. Its total is the sum of the periods.
    case stickiness
    /// Users whose first event lies in the period, and all others active in it: two series, `new` and
    /// `returning`. *First* is meant as in `retention`.
    case newAndReturning
    /// The last `top` events, the newest first: by time, then receipt, then name, then what they hold.
    case recent
  }

  /// What a breakdown counts.
  public enum Counting: String, Sendable, Hashable, CaseIterable {
    case events, users, items
  }

  /// The length of one period on the time axis.
  public enum Period: String, Sendable, Hashable, CaseIterable {
    case day, week, month
    /// The whole interval at once.
    case total
  }

  public var app: String
  public var subject: Subject
  /// Only this event; `nil` means all of the app's.
  public var event: String?
  /// The days asked about.
  public var interval: DayInterval
  public var period: Period
  /// All must hold.
  public var filters: [Filter]
  /// How many groups are named; the rest is added up as `other`.
  public var top: Int
  /// Whether the answer also says what was so before: see `before`.
  public var comparesWithBefore: Bool

  /// Creates a question.
  public init(
    app: String, _ subject: Subject, event: String? = nil, interval: DayInterval,
    period: Period = .day, filters: [Filter] = [], top: Int = 10,
    comparesWithBefore: Bool = false
  ) {
    self.app = app
    self.subject = subject
    self.event = event
    self.interval = interval
    self.period = period
    self.filters = filters
    self.top = top
    self.comparesWithBefore = comparesWithBefore
  }

  /// The same question about as many days right before the interval.
  ///
  /// By week the interval goes back whole weeks and by month whole months, as many as it touches, so that a
  /// running period is compared with the same part of an earlier one. A day that a shorter month lacks is
  /// its last. The groups are those that the asked days' answer names, also where others were greater before;
  /// these are in `other`.
  public var before: Question {
    var question = self
    question.comparesWithBefore = false
    let periods = PeriodAxis(interval, period: period).starts.count
    switch period {
    case .day, .total:
      question.interval = DayInterval(first: interval.first - interval.count, last: interval.first - 1)
    case .week:
      question.interval = DayInterval(
        first: interval.first - 7 * periods, last: interval.last - 7 * periods)
    case .month:
      question.interval = DayInterval(
        first: Self.day(interval.first, monthsBack: periods),
        last: Self.day(interval.last, monthsBack: periods))
    }
    return question
  }

  private static func day(_ day: Int, monthsBack count: Int) -> Int {
    let date = CivilDate(dayNumber: day)
    let months = date.year * 12 + date.month - 1 - count
    let first = CivilDate(year: months / 12, month: months % 12 + 1, day: 1).dayNumber
    return Swift.min(first + date.day - 1, Period.month.end(of: first))
  }
}

/// Whole days, both ends included, counted from 1970-01-01.
public struct DayInterval: Sendable, Hashable {
  public var first: Int
  public var last: Int

  /// Creates an interval. Precondition: `first <= last`.
  public init(first: Int, last: Int) {
    precondition(first <= last, "an interval ends on or after its first day")
    self.first = first
    self.last = last
  }

  /// The last `count` days up to and including `day`.
  public static func days(_ count: Int, through day: Int) -> DayInterval {
    DayInterval(first: day - count + 1, last: day)
  }

  public var count: Int { last - first + 1 }
}

/// The name of a field: of the context, of an event's properties, or `list.column` inside records.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public var components: [String]

  /// Creates a path from dotted text.
  public init(_ text: String) {
    components = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  public var description: String { components.joined(separator: ".") }
}

/// A condition on a field of the same event.
public struct Filter: Sendable, Hashable {
  public enum Condition: Sendable, Hashable {
    case equals(String)
    case notEquals(String)
    case oneOf([String])
    /// Numbers from `min` to `max`, both included; `nil` is open.
    case range(min: Double?, max: Double?)
    /// Versions on one side of another, in the order of `VersionOrder`; never an absent one.
    case version(VersionComparison, String)
  }

  /// On which side of a version.
  public enum VersionComparison: String, Sendable, Hashable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
  }

  public var field: FieldPath
  public var condition: Condition

  /// Creates a condition.
  public init(_ field: FieldPath, _ condition: Condition) {
    self.field = field
    self.condition = condition
  }
}

public import AvowWire

/// What a store found, with what a reader must know to understand it.
public struct Answer: Sendable, Equatable {
  /// What the numbers count.
  public enum Unit: String, Sendable, Hashable {
    case events, items
    /// Users who kept their identifier over restarts.
    case installations
    /// Users who are new at each start: `identity.user: process`.
    case starts
    /// Values of a number.
    case values
  }

  /// How the numbers relate to the truth.
  public enum Bound: String, Sendable, Hashable {
    case exact
    /// There are at least so many.
    case floor
    /// There are at most so many.
    case ceiling
    /// There may be more or fewer: what counts one user several times meets what hides some.
    case estimate
  }

  /// A named line, bar or row of the answer.
  public struct Series: Sendable, Hashable {
    /// The values of the fields grouped by (`nil`: the field was absent), or the event's name; empty for the only series.
    public var key: [String?]
    /// Whether this adds up what the question's `top` left out.
    public var isOther: Bool
    /// One number for each of the answer's periods.
    public var values: [Double]
    /// For the whole interval; for users this is not the sum of the periods.
    public var total: Double

    /// Creates a series.
    public init(key: [String?], isOther: Bool = false, values: [Double], total: Double) {
      self.key = key
      self.isOther = isOther
      self.values = values
      self.total = total
    }
  }

  /// How a number is spread, of one group.
  public struct Distribution: Sendable, Hashable {
    public var key: [String?]
    /// Whether this puts together the groups that the question's `top` left out.
    public var isOther: Bool
    public var count: Int
    public var min, p50, p90, p95, p99, max, mean: Double
    /// Lower edge and count, ascending.
    public var histogram: [Bin]

    public struct Bin: Sendable, Hashable {
      public var from: Double
      public var to: Double
      public var count: Int

      /// Creates a bin.
      public init(from: Double, to: Double, count: Int) {
        self.from = from
        self.to = to
        self.count = count
      }
    }

    /// Creates a distribution.
    public init(
      key: [String?], isOther: Bool = false, count: Int, min: Double, p50: Double, p90: Double, p95: Double,
      p99: Double,
      max: Double, mean: Double, histogram: [Bin]
    ) {
      self.key = key
      self.isOther = isOther
      self.count = count
      self.min = min
      self.p50 = p50
      self.p90 = p90
      self.p95 = p95
      self.p99 = p99
      self.max = max
      self.mean = mean
      self.histogram = histogram
    }
  }

  /// One event of `recent`: what it holds, not who sent it.
  public struct Event: Sendable, Equatable {
    public var event: String
    public var time: Timestamp
    public var received: Timestamp
    public var context: JSONValue
    public var properties: JSONValue

    /// Creates an event.
    public init(
      event: String, time: Timestamp, received: Timestamp, context: JSONValue, properties: JSONValue
    ) {
      self.event = event
      self.time = time
      self.received = received
      self.context = context
      self.properties = properties
    }

    /// Whether this comes before `other` in an answer.
    public func precedes(_ other: Event) -> Bool {
      if time != other.time { return time > other.time }
      if received != other.received { return received > other.received }
      if event != other.event { return event < other.event }
      let (mine, its) = (properties.text + context.text, other.properties.text + other.context.text)
      return mine.utf8.lexicographicallyPrecedes(its.utf8)
    }
  }

  public var question: Question
  public var unit: Unit
  public var bound: Bound
  /// The first day of each period, counted from 1970-01-01.
  public var periods: [Int]
  /// Whether the last period is still running, so that its number will grow.
  public var lastPeriodIsRunning: Bool
  public var series: [Series]
  public var distributions: [Distribution]
  /// How many stored events the answer rests on.
  public var reports: Int
  /// The events of `recent`.
  public var events: [Event]
  private var answerBefore: [Answer] = []

  /// The same question's answer for the days before, when the question compares.
  public var before: Answer? {
    get { answerBefore.first }
    set { answerBefore = newValue.map { [$0] } ?? [] }
  }

  /// The groups that have a number of their own; `nil` where a question has none.
  public var namedGroups: [[String?]]? {
    switch question.subject {
    case .events(byEvent: true), .breakdown, .adoption: series.filter { !$0.isOther }.map(\.key)
    case .distribution(_, let fields) where !fields.isEmpty:
      distributions.filter { !$0.isOther }.map(\.key)
    default: nil
    }
  }

  /// Creates an answer.
  public init(
    question: Question, unit: Unit, bound: Bound, periods: [Int], lastPeriodIsRunning: Bool,
    series: [Series] = [], distributions: [Distribution] = [], reports: Int,
    events: [Event] = []
  ) {
    self.question = question
    self.unit = unit
    self.bound = bound
    self.periods = periods
    self.lastPeriodIsRunning = lastPeriodIsRunning
    self.series = series
    self.distributions = distributions
    self.reports = reports
    self.events = events
  }
}

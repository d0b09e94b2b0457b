import AvowWire

extension ResolvedQuestion {
  /// What a subject asks of the data, before names are looked up.
  struct Shape {
    /// How long a user must keep his identifier for the answer to mean something.
    enum Window {
      case days(Int)
      /// As long as anything is stored.
      case always
    }

    var keys: [FieldPath] = []
    var number: FieldPath?
    var event: String?
    var steps: [String] = []
    var counting = Question.Counting.events
    var period = Question.Period.day
    var reach = DayInterval(first: 0, last: 0)
    var window = Window.days(1)

    /// - Throws: `StoreError.unanswerable` for a subject that makes no sense whatever the catalog says.
    mutating func take(_ question: Question) throws(StoreError) {
      event = question.event
      period = question.period
      reach = question.interval
      switch question.period {
      case .day: window = .days(1)
      case .week: window = .days(7)
      case .month: window = .days(31)
      case .total: window = .days(question.interval.count)
      }
      switch question.subject {
      case .events: break
      case .activeUsers, .stickiness: counting = .users
      case .breakdown(let by, let what):
        guard (1...2).contains(by.count) else {
          throw .unanswerable("a breakdown needs one or two fields")
        }
        keys = by
        counting = what
      case .distribution(let of, let by):
        guard by.count <= 2 else {
          throw .unanswerable("a distribution is kept apart by two fields at most")
        }
        keys = by
        number = of
        period = .total
      case .rolling(let days):
        guard (1...366).contains(days) else {
          throw .unanswerable("a rolling count looks at 1 to 366 days")
        }
        counting = .users
        window = .days(days)
        reach.first -= days - 1
      case .adoption(let path):
        keys = [path]
        counting = .users
      case .retention, .newAndReturning:
        counting = .users
        window = .always
        reach.first = -(1 << 30)
      case .funnel(let names, let within): try take(steps: names, within: within, event: question.event)
      case .recent:
        guard !question.comparesWithBefore else {
          throw .unanswerable(
            "the last events are a list, not a number that could be compared: leave out \"compared\"")
        }
        period = .total
      }
    }

    private mutating func take(
      steps names: [String], within: Duration, event: String?
    ) throws(StoreError) {
      guard (2...6).contains(names.count) else { throw .unanswerable("a funnel has 2 to 6 steps") }
      guard event == nil else {
        throw .unanswerable("a funnel names its events as steps, not one event for all")
      }
      guard within > .zero, within <= .seconds(366 * 86_400) else {
        throw .unanswerable("the steps of a funnel follow within a year at most")
      }
      let days = Int((within.milliseconds + 86_399_999) / 86_400_000)
      steps = names
      counting = .users
      period = .total
      reach.last += days
      window = .days(days)
    }
  }

  /// What a count of users means under the catalog's identity, and whether it may be asked at all.
  ///
  /// With a rotation the same person has another pseudonym in each calendar period of it. A window longer
  /// than that would count people again and again and is refused; one that may reach over the change
  /// counts some twice and is a ceiling, as is the total of an interval that does. Where what a user did is
  /// put together (steps of a funnel, days of stickiness), the change also tears it apart, so that there
  /// are too few who came far: an estimate.
  static func users(
    of catalog: Catalog, question: Question, _ shape: Shape
  ) throws(StoreError) -> (Answer.Unit, Answer.Bound) {
    let identity = catalog.identity
    switch identity.user {
    case .none:
      throw .unanswerable("\(catalog.app) declares `identity.user: none`: there are no users to count")
    case .process:
      switch question.subject {
      case .retention, .newAndReturning, .stickiness:
        throw .unanswerable(
          "\(catalog.app) declares `identity.user: process`: a user is one start and never returns")
      // What one user does in several runs are no steps after each other.
      case .funnel: return (.starts, .estimate)
      default: return (.starts, .ceiling)
      }
    case .installation: break
    }
    guard let rotation = identity.rotate.days else { return (.installations, .exact) }
    let isLonger =
      switch shape.window {
      case .days(let window): window > rotation
      case .always: true
      }
    if isLonger {
      throw .unanswerable(
        "users of \(catalog.app) get a new identifier every \(identity.rotate.rawValue): "
          + "over a longer time the same person would count several times")
    }
    func isNested(_ days: DayInterval) -> Bool {
      // Days of another zone than UTC reach over the rotation's midnight.
      catalog.reportingZone == nil
        && identity.rotate.period(of: days.first) == identity.rotate.period(of: days.last)
    }
    switch question.subject {
    case .stickiness:
      // Its total is the sum of its periods, so each may have pseudonyms of its own.
      let starts = PeriodAxis(question.interval, period: shape.period).starts
      let lasts = starts.dropFirst().map { $0 - 1 } + [question.interval.last]
      let areNested = zip(starts, lasts).allSatisfy { start, last in
        isNested(DayInterval(first: max(start, question.interval.first), last: last))
      }
      return (.installations, areNested ? .exact : .estimate)
    case .funnel: return (.installations, isNested(shape.reach) ? .exact : .estimate)
    default: return (.installations, isNested(shape.reach) ? .exact : .ceiling)
    }
  }
}

extension Duration {
  /// Whole milliseconds; what is less is cut.
  public var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}

import AvowWire

/// The time axis of an answer: which period each day of a question belongs to.
///
/// Weeks are ISO weeks (Monday to Sunday), months calendar months. A period that begins before the
/// question's interval keeps its calendar start, but only days inside the interval are counted.
public struct PeriodAxis: Sendable, Hashable {
  public let interval: DayInterval
  /// The first day of each period, ascending.
  public let starts: [Int]
  private let periodOfDay: [Int32]

  /// Creates the axis of an interval.
  public init(_ interval: DayInterval, period: Question.Period) {
    self.interval = interval
    var starts: [Int] = []
    var periodOfDay: [Int32] = []
    periodOfDay.reserveCapacity(interval.count)
    for day in interval.first...interval.last {
      let start = period.start(of: day, in: interval)
      if starts.last != start { starts.append(start) }
      periodOfDay.append(Int32(starts.count - 1))
    }
    self.starts = starts
    self.periodOfDay = periodOfDay
  }

  /// Returns the index of the period that `day` lies in. Precondition: the interval holds the day.
  public func index(ofDay day: Int) -> Int { Int(periodOfDay[day - interval.first]) }
}

extension Question.Period {
  /// Returns the first day of the period that `day` lies in.
  public func start(of day: Int, in interval: DayInterval) -> Int {
    switch self {
    case .day:
      return day
    case .week:
      // Day 0 was a Thursday, so three days earlier a week began.
      let shifted = day + 3
      return day - (shifted % 7 + 7) % 7
    case .month:
      let date = CivilDate(dayNumber: day)
      return day - date.day + 1
    case .total:
      return interval.first
    }
  }
}

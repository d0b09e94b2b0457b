extension Answer {
  /// Whether the period at `index` is still running, so that its number will grow.
  public func isRunning(_ index: Int) -> Bool {
    lastPeriodIsRunning && index == periods.count - 1
  }

  /// Whether the interval holds only some days of the period at `index`, as of a week that began before it.
  ///
  /// Its number is not comparable with those of whole periods. A running period that the interval follows
  /// up to today is cut too. A rolling count looks at as many days in each period, so none is partial.
  public func isPartial(_ index: Int) -> Bool {
    if case .rolling = question.subject { return false }
    let (period, interval) = (question.period, question.interval)
    guard periods.indices.contains(index), period != .total else { return false }
    return periods[index] < interval.first || period.end(of: periods[index]) > interval.last
  }
}

extension Question.Period {
  /// Returns the last day of the period that begins on `start`; `start` itself where the interval is meant.
  public func end(of start: Int) -> Int {
    switch self {
    case .day, .total: start
    case .week: start + 6
    // 31 days on is always in the next month.
    case .month: self.start(of: start + 31) - 1
    }
  }
}

import AvowStore
import AvowWire

/// Follows users over days: who is active, comes first, comes back, stays. A few words of memory a user.
final class UserTally: Tallying {
  private let question: ResolvedQuestion
  private let axis: PeriodAxis
  private let interval: DayInterval
  private var reports = 0
  private var leftOut = 0
  private var counts: [Int]

  /// The users of the period at hand.
  private var present = UserSet()
  /// The users of the interval.
  private var ever = UserSet()
  private var activePeriod = -1
  /// For new ones: those of earlier periods, and those from before the interval.
  private var known = UserSet()
  private var before = UserSet()
  private var hasBefore = false
  /// By user: the first window that does not know him any more; 0: none does.
  private var knownUntil = PerUser<UInt16>(0)
  /// For retention, by user: 2 and the period he came first in; 1: before the interval; 0: never.
  private var first = PerUser<UInt16>(0)
  /// For stickiness, by user: on how many days of the period at hand he was active.
  private var activeDays = PerUser<UInt16>(0)
  /// By number of days: users of the period at hand.
  private var usersByDays: [Int] = []
  private var lastDay = Int.min

  /// For rolling counts: what changes in the number of users from one day to the next.
  private var changes: [Int] = []
  private var window = 0
  /// For retention: by cohort, by period.
  private var cohorts: [Int] = []
  private var cohortSizes: [Int] = []
  /// Of the period at hand, by `first`.
  private var cohortsNow: [Int] = []
  private var returning: [Int] = []
  /// For stickiness: by number of days, by period.
  private var stickiness: [Int: [Int]] = [:]

  init(_ question: ResolvedQuestion) {
    self.question = question
    axis = question.axis
    interval = question.question.interval
    let periods = axis.starts.count
    counts = Array(repeating: 0, count: periods)
    switch question.question.subject {
    case .rolling(let days):
      window = days
      changes = Array(repeating: 0, count: interval.count + 2 * days)
    case .retention:
      cohorts = Array(repeating: 0, count: periods * periods)
      cohortSizes = counts
      cohortsNow = Array(repeating: 0, count: periods + 2)
    case .newAndReturning: returning = counts
    default: break
    }
  }

  func take(_ block: Block, day: Int) throws {
    let reduced = try block.reduceToUsers()
    reports += reduced.reports
    leftOut += reduced.leftOut
    if block.selectedCount == 0 { return }
    let greatest = Int(block.selected[block.selectedCount - 1])
    let users = UnsafeBufferPointer(start: block.selected, count: block.selectedCount)
    if case .rolling = question.question.subject {
      knownUntil.makeRoom(for: greatest)
      return roll(users, day)
    }
    if day < interval.first { return takeBefore(users, greatest) }
    let period = axis.index(ofDay: day)
    if period != activePeriod { endPeriod(next: period) }
    switch question.question.subject {
    case .retention:
      first.makeRoom(for: greatest)
      countCohorts(new(block, greatest), period)
    case .newAndReturning: meet(new(block, greatest), greatest, period)
    case .stickiness:
      activeDays.makeRoom(for: greatest)
      if day != lastDay { present.removeAll() }
      lastDay = day
      count(block.isAlone ? users : keepNew(block, greatest))
    default:
      let users = new(block, greatest)
      counts[period] += users.count
      ever.makeRoom(for: greatest)
      ever.insert(users)
    }
  }

  // MARK: One block's users

  /// Those who were not there yet in the period at hand, in the place of the block's rows.
  private func new(_ block: Block, _ greatest: Int) -> UnsafeBufferPointer<Int32> {
    if block.isAlone, question.question.period == .day {
      return UnsafeBufferPointer(start: block.selected, count: block.selectedCount)
    }
    return keepNew(block, greatest)
  }

  private func keepNew(_ block: Block, _ greatest: Int) -> UnsafeBufferPointer<Int32> {
    present.makeRoom(for: greatest)
    let count = present.keepNew(block.selected, count: block.selectedCount)
    return UnsafeBufferPointer(start: block.selected, count: count)
  }

  private func takeBefore(_ users: UnsafeBufferPointer<Int32>, _ greatest: Int) {
    if case .retention = question.question.subject {
      first.makeRoom(for: greatest)
      let first = first.values
      for user in users { first[Int(user)] = 1 }
      return
    }
    hasBefore = true
    before.makeRoom(for: greatest)
    before.insert(users)
    known.makeRoom(for: greatest)
    known.insert(users)
  }

  /// They are in the windows that end from `day` on, so many days long; some of these knew them already.
  private func roll(_ users: UnsafeBufferPointer<Int32>, _ day: Int) {
    let known = knownUntil.values
    let today = day - (interval.first - window + 1)
    let end = today + window
    changes.withUnsafeMutableBufferPointer { buffer in
      guard let changes = buffer.baseAddress else { return }
      // Who comes a second time this day begins at the end, which is nothing.
      for user in users {
        let more = Int(known[Int(user)]) &- today
        known[Int(user)] = UInt16(truncatingIfNeeded: end)
        // The greater of none and `more`, without a branch, which would be as good as random.
        changes[today &+ more & ~(more &>> 63)] &+= 1
      }
      changes[end] &-= users.count
    }
  }

  private func meet(_ users: UnsafeBufferPointer<Int32>, _ greatest: Int, _ period: Int) {
    known.makeRoom(for: greatest)
    let new = known.insertCounting(users)
    counts[period] += new
    returning[period] += users.count - new
    if hasBefore {
      ever.makeRoom(for: greatest)
      ever.insert(users)
    }
  }

  private func countCohorts(_ users: UnsafeBufferPointer<Int32>, _ period: Int) {
    let first = first.values
    let now = UInt16(truncatingIfNeeded: period + 2)
    cohortsNow.withUnsafeMutableBufferPointer { buffer in
      guard let cohorts = buffer.baseAddress else { return }
      for user in users {
        let known = first[Int(user)]
        let cohort = known == 0 ? now : known
        first[Int(user)] = cohort
        cohorts[Int(cohort)] &+= 1
      }
    }
  }

  private func count(_ users: UnsafeBufferPointer<Int32>) {
    let activeDays = activeDays.values
    while usersByDays.count < 2 || usersByDays[usersByDays.count - 1] != 0 { usersByDays.append(0) }
    usersByDays.withUnsafeMutableBufferPointer { buffer in
      guard let byDays = buffer.baseAddress else { return }
      for user in users {
        let days = Int(activeDays[Int(user)])
        activeDays[Int(user)] = UInt16(truncatingIfNeeded: days &+ 1)
        byDays[days] &-= 1
        byDays[days &+ 1] &+= 1
      }
      byDays[0] = 0
    }
  }

  private func endPeriod(next: Int) {
    present.removeAll()
    if activePeriod >= 0 {
      switch question.question.subject {
      case .retention:
        for cohort in counts.indices {
          cohorts[cohort * counts.count + activePeriod] = cohortsNow[cohort + 2]
        }
        cohortSizes[activePeriod] = cohortsNow[activePeriod + 2]
        for index in cohortsNow.indices { cohortsNow[index] = 0 }
      case .stickiness:
        for (days, users) in usersByDays.enumerated() where users > 0 {
          stickiness[days, default: Array(repeating: 0, count: counts.count)][activePeriod] = users
        }
        usersByDays = []
        activeDays.reset()
      default: break
      }
    }
    activePeriod = next
  }

  // MARK: Answering

  func answer(today: Int) -> Answer {
    var answer = Answer(
      question: question.question, unit: question.unit, bound: question.bound(leavingOut: leftOut),
      periods: axis.starts,
      lastPeriodIsRunning: question.isRunning(today: today), reports: reports)
    func series(_ key: [String?], _ values: [Int], _ total: Int) -> Answer.Series {
      Answer.Series(key: key, values: values.map(Double.init), total: Double(total))
    }
    switch question.question.subject {
    case .rolling:
      var number = 0
      let numbers = changes.map { change -> Int in
        number += change
        return number
      }
      let values = axis.starts.indices.map { index -> Int in
        let last = index + 1 < axis.starts.count ? axis.starts[index + 1] - 1 : interval.last
        return numbers[last - interval.first + window - 1]
      }
      answer.series = [series([], values, values.last ?? 0)]
    case .retention:
      endPeriod(next: -1)
      let periods = counts.count
      answer.series = axis.starts.enumerated().map { cohort, start in
        series(
          [CivilDate(dayNumber: start).description],
          Array(cohorts[cohort * periods..<(cohort + 1) * periods]), cohortSizes[cohort])
      }
    case .newAndReturning:
      answer.series = [
        series(["new"], counts, counts.reduce(0, +)),
        series(["returning"], returning, hasBefore ? before.countInBoth(ever) : 0),
      ]
    case .stickiness:
      endPeriod(next: -1)
      answer.series = stickiness.sorted { $0.key < $1.key }.map {
        series([String($0.key)], $0.value, $0.value.reduce(0, +))
      }
    default: answer.series = [series([], counts, ever.count)]
    }
    return answer
  }
}

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
  private var total = 0

  /// By user: the last period, or day, he was seen in; `never` at first.
  private var lastSeen = PerUser<Int32>(never)
  /// By user: the period he came first in, or `before` the interval.
  private var first = PerUser<Int32>(never)
  /// By user: on how many days of the period at hand he was active.
  private var activeDays = PerUser<UInt16>(0)
  private var activeUsers: [Int] = []
  private var activePeriod = -1

  private static let never = Int32.min
  private static let before: Int32 = -1

  /// For rolling counts: what changes in the number of users from one day to the next.
  private var changes: [Int] = []
  private var window = 0
  /// For retention: by cohort, by period.
  private var cohorts: [Int] = []
  private var cohortSizes: [Int] = []
  private var returning: [Int] = []
  private var returningTotal = 0
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
      changes = Array(repeating: 0, count: interval.count + days + 1)
    case .retention:
      cohorts = Array(repeating: 0, count: periods * periods)
      cohortSizes = counts
    case .newAndReturning: returning = counts
    default: break
    }
  }

  func take(_ block: Block, day: Int) throws {
    let greatest = try reduce(block)
    if greatest < 0 { return }
    let users = UnsafeBufferPointer(start: block.selected, count: block.selectedCount)
    lastSeen.makeRoom(for: greatest)
    switch question.question.subject {
    case .rolling: roll(users, day)
    case .retention, .newAndReturning:
      first.makeRoom(for: greatest)
      if day >= interval.first {
        meet(users, axis.index(ofDay: day))
      } else {
        let first = first.values
        for user in users where first[Int(user)] == Self.never { first[Int(user)] = Self.before }
      }
    case .stickiness:
      activeDays.makeRoom(for: greatest)
      count(users, day)
    default: see(users, Int32(truncatingIfNeeded: axis.index(ofDay: day)))
    }
  }

  /// Puts the lasting users of the rows in the place of the rows, each once; returns the greatest, -1 for
  /// none.
  private func reduce(_ block: Block) throws -> Int {
    let users = try block.users()
    let ephemeral = try block.ephemeral()
    let weights = try block.weights()
    let selected = block.selected
    var (reports, leftOut) = (0, 0)
    var previous: Int64 = 0
    var kept = 0
    for position in 0..<block.selectedCount {
      let row = Int(selected[position])
      let user = users[row]
      let weight = weights.map { Int(truncatingIfNeeded: $0[row]) } ?? 1
      if user == 0 || (ephemeral.map { $0[row] != 0 } ?? false) {
        leftOut += weight
        continue
      }
      reports += weight
      if user == previous { continue }
      previous = user
      selected[kept] = Int32(truncatingIfNeeded: user)
      kept += 1
    }
    block.select(kept)
    self.reports += reports
    self.leftOut += leftOut
    // A damaged index must not make a table of all numbers there are.
    guard previous >= 0, previous < 1 << 31 else { throw DayReader.DamagedDay(day: block.day) }
    return kept == 0 ? -1 : Int(previous)
  }

  // MARK: One block's users

  private func see(_ users: UnsafeBufferPointer<Int32>, _ period: Int32) {
    let lastSeen = lastSeen.values
    var (count, new) = (0, 0)
    for user in users {
      let last = lastSeen[Int(user)]
      lastSeen[Int(user)] = period
      count += last == period ? 0 : 1
      new += last == Self.never ? 1 : 0
    }
    counts[Int(period)] += count
    total += new
  }

  private func count(_ users: UnsafeBufferPointer<Int32>, _ day: Int) {
    let period = axis.index(ofDay: day)
    if period != activePeriod { endPeriod(next: period) }
    let day = Int32(truncatingIfNeeded: day)
    let (lastSeen, activeDays) = (lastSeen.values, activeDays.values)
    for user in users where lastSeen[Int(user)] != day {
      lastSeen[Int(user)] = day
      if activeDays[Int(user)] == 0 { activeUsers.append(Int(user)) }
      activeDays[Int(user)] += 1
    }
  }

  /// They are in the windows that end from `day` on, so many days long; some of these knew them already.
  private func roll(_ users: UnsafeBufferPointer<Int32>, _ day: Int) {
    let lastSeen = lastSeen.values
    let origin = interval.first - window + 1
    let greatest = changes.count - 1
    let end = min(day + window - origin, greatest)
    changes.withUnsafeMutableBufferPointer { changes in
      for user in users {
        let last = lastSeen[Int(user)]
        if last == Int32(truncatingIfNeeded: day) { continue }
        lastSeen[Int(user)] = Int32(truncatingIfNeeded: day)
        let from = last == Self.never ? day - origin : max(day, Int(last) + window) - origin
        if from >= end { continue }
        changes[from] += 1
        changes[end] -= 1
      }
    }
  }

  private func meet(_ users: UnsafeBufferPointer<Int32>, _ period: Int) {
    let (first, lastSeen) = (first.values, lastSeen.values)
    let now = Int32(truncatingIfNeeded: period)
    var (new, again, fromBefore) = (0, 0, 0)
    guard returning.isEmpty else {
      for user in users {
        let last = lastSeen[Int(user)]
        if last == now { continue }
        lastSeen[Int(user)] = now
        let cohort = first[Int(user)]
        if cohort == Self.never {
          first[Int(user)] = now
          new += 1
        } else if cohort != now {
          again += 1
          if cohort < 0, last == Self.never { fromBefore += 1 }
        }
      }
      counts[period] += new
      returning[period] += again
      returningTotal += fromBefore
      return
    }
    let periods = counts.count
    cohorts.withUnsafeMutableBufferPointer { cohorts in
      for user in users where lastSeen[Int(user)] != now {
        lastSeen[Int(user)] = now
        var cohort = first[Int(user)]
        if cohort == Self.never {
          first[Int(user)] = now
          cohort = now
          new += 1
        }
        if cohort >= 0 { cohorts[Int(cohort) * periods + period] += 1 }
      }
    }
    cohortSizes[period] += new
  }

  private func endPeriod(next: Int) {
    var byDays: [Int] = []
    for user in activeUsers {
      let days = Int(activeDays.values[user])
      activeDays.values[user] = 0
      while byDays.count <= days { byDays.append(0) }
      byDays[days] += 1
    }
    for (days, users) in byDays.enumerated() where users > 0 {
      stickiness[days, default: Array(repeating: 0, count: counts.count)][activePeriod] = users
    }
    activeUsers.removeAll(keepingCapacity: true)
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
      let periods = counts.count
      answer.series = axis.starts.enumerated().map { cohort, start in
        series(
          [CivilDate(dayNumber: start).description],
          Array(cohorts[cohort * periods..<(cohort + 1) * periods]), cohortSizes[cohort])
      }
    case .newAndReturning:
      answer.series = [
        series(["new"], counts, counts.reduce(0, +)), series(["returning"], returning, returningTotal),
      ]
    case .stickiness:
      endPeriod(next: -1)
      answer.series = stickiness.sorted { $0.key < $1.key }.map {
        series([String($0.key)], $0.value, $0.value.reduce(0, +))
      }
    default: answer.series = [series([], counts, total)]
    }
    return answer
  }
}

/// A value for each user number, without the checks of an array.
struct PerUser<Value: BitwiseCopyable>: ~Copyable {
  private(set) var values: UnsafeMutablePointer<Value>
  private(set) var count = 0
  private let initial: Value

  init(_ initial: Value) {
    self.initial = initial
    values = .allocate(capacity: 1)
  }

  deinit { values.deallocate() }

  mutating func makeRoom(for user: Int) {
    if user < count { return }
    let room = max(user + 1, count * 3 / 2, 1024)
    let more = UnsafeMutablePointer<Value>.allocate(capacity: room)
    more.update(from: values, count: count)
    (more + count).update(repeating: initial, count: room - count)
    values.deallocate()
    values = more
    count = room
  }
}

import AvowStore

/// For each day of an app: how many of its users were last seen on which day before.
///
/// Whoever is active on a day and was not since the interval's beginning is one more user of that interval. So
/// these few numbers answer, for any interval, how many users there were, in total, by period and in rolling
/// windows, and how many were new, without looking at a user again. They hold for all events without filters.
struct UserHistory: Sendable {
  /// What a day adds.
  private struct Day: Sendable {
    var mark: DayMark
    /// By place of a day: users whose day before lies earlier than that day, or who had none; the last entry
    /// counts all users.
    var seenBefore: [UInt32]
    var reports: Int
    var leftOut: Int
  }

  private var days: [Day] = []
  /// By user: the place of the last day he was seen on, from 1 on; 0: none.
  private var lastSeen: [UInt16] = []

  /// The numbers of a day are one more than days before it: 9 megabytes for so many, beyond which nobody waits
  /// long for a scan, either.
  static let mostDays = 2100
  private static let mostUsers = 8 << 20
  /// The last days, which may change often, are not kept.
  static let unsettledDays = 9

  /// Whether all days that are here are the first of these, as they are now.
  func isPrefix(of marks: [DayMark]) -> Bool {
    guard days.count <= marks.count else { return false }
    for (day, mark) in zip(days, marks) where day.mark.day != mark.day || day.mark.mark != mark.mark {
      return false
    }
    return true
  }

  var count: Int { days.count }

  /// Adds a day after all others.
  mutating func append(_ mark: DayMark, _ collected: Collector) {
    days.append(
      Day(mark: mark, seenBefore: [], reports: collected.reports, leftOut: collected.leftOut))
    let place = days.count - 1
    var byDay = [UInt32](repeating: 0, count: place + 1)
    let greatest = Int(collected.users.max() ?? 0)
    if greatest >= lastSeen.count {
      lastSeen += repeatElement(0, count: max(greatest + 1 - lastSeen.count, lastSeen.count / 4))
    }
    lastSeen.withUnsafeMutableBufferPointer { lastSeen in
      byDay.withUnsafeMutableBufferPointer { byDay in
        guard let lastSeen = lastSeen.baseAddress, let byDay = byDay.baseAddress else { return }
        let now = UInt16(truncatingIfNeeded: place + 1)
        for user in collected.users {
          let last = lastSeen[Int(user)]
          lastSeen[Int(user)] = now
          // A second part of the same day.
          if last == now { continue }
          byDay[Int(last)] &+= 1
        }
      }
    }
    for index in byDay.indices.dropFirst() { byDay[index] += byDay[index - 1] }
    days[place].seenBefore = byDay
  }

  /// Whether it is small enough to be kept.
  var isWorthKeeping: Bool { lastSeen.count <= Self.mostUsers }

  /// Collects the lasting users of one day.
  final class Collector: Tallying {
    fileprivate(set) var users: [Int32] = []
    fileprivate(set) var reports = 0
    fileprivate(set) var leftOut = 0

    func take(_ block: Block, day: Int) throws {
      let reduced = try block.reduceToUsers()
      reports += reduced.reports
      leftOut += reduced.leftOut
      users.append(contentsOf: UnsafeBufferPointer(start: block.selected, count: block.selectedCount))
    }
  }

  // MARK: Answering

  /// Whether a question can be answered.
  static func answers(_ question: ResolvedQuestion) -> Bool {
    guard question.question.filters.isEmpty else { return false }
    switch question.question.subject {
    case .activeUsers, .rolling, .newAndReturning: return true
    default: return false
    }
  }

  /// The first place of a day not before `day`.
  private func place(_ day: Int) -> Int {
    var (low, high) = (0, days.count)
    while low < high {
      let middle = (low + high) / 2
      if days[middle].mark.day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Different users of the days from `first` through `last`.
  private func users(from first: Int, through last: Int) -> Int {
    let start = place(first)
    var sum = 0
    for index in start..<max(start, place(last + 1)) { sum += Int(days[index].seenBefore[start]) }
    return sum
  }

  /// Users whose first day of all lies in these days.
  private func new(from first: Int, through last: Int) -> Int {
    let start = place(first)
    var sum = 0
    for index in start..<max(start, place(last + 1)) { sum += Int(days[index].seenBefore[0]) }
    return sum
  }

  func answer(_ question: ResolvedQuestion, today: Int) -> Answer {
    let (interval, axis, reach) = (question.question.interval, question.axis, question.reach)
    var (reports, leftOut) = (0, 0)
    for index in place(reach.first)..<max(place(reach.first), place(reach.last + 1)) {
      reports += days[index].reports
      leftOut += days[index].leftOut
    }
    var answer = Answer(
      question: question.question, unit: question.unit, bound: question.bound(leavingOut: leftOut),
      periods: axis.starts,
      lastPeriodIsRunning: question.isRunning(today: today), reports: reports)
    let periods = axis.starts.indices.map { index in
      (
        first: max(interval.first, axis.starts[index]),
        last: index + 1 < axis.starts.count ? axis.starts[index + 1] - 1 : interval.last
      )
    }
    func series(_ key: [String?], _ values: [Int], _ total: Int) -> Answer.Series {
      Answer.Series(key: key, values: values.map(Double.init), total: Double(total))
    }
    switch question.question.subject {
    case .rolling(let window):
      let values = periods.map { users(from: $0.last - window + 1, through: $0.last) }
      answer.series = [series([], values, values.last ?? 0)]
    case .newAndReturning:
      let new = periods.map { self.new(from: $0.first, through: $0.last) }
      let returning = zip(periods, new).map { users(from: $0.first, through: $0.last) - $1 }
      let all = users(from: interval.first, through: interval.last)
      let allNew = new.reduce(0, +)
      answer.series = [series(["new"], new, allNew), series(["returning"], returning, all - allNew)]
    default:
      let values = periods.map { users(from: $0.first, through: $0.last) }
      answer.series = [series([], values, users(from: interval.first, through: interval.last))]
    }
    return answer
  }
}

import AvowStore
import AvowWire

/// The questions about what users do over time, each by its definition, one user after the other.
extension ReferenceAnswer {
  /// One user's matching events, in order of time and receipt.
  private typealias Life = [Contribution]

  /// The lives of those who keep their identifier; notes in the answer what rests on others.
  private func lives(_ answer: inout Answer, _ all: [Contribution], from first: Int?, through last: Int)
    -> [Life]
  {
    let near = all.filter { $0.day <= last && $0.day >= first ?? $0.day }
    let lasting = near.filter { $0.event.stored.user != nil && !$0.event.isEphemeral }
    answer.bound = resolved.bound(leavingOut: near.count - lasting.count)
    answer.reports = lasting.count
    let byUser = Dictionary(grouping: lasting) { $0.event.stored.user }
    return byUser.values.map { life in
      life.sorted {
        ($0.event.stored.time, $0.event.stored.received) < ($1.event.stored.time, $1.event.stored.received)
      }
    }
  }

  func fillRolling(_ answer: inout Answer, _ all: [Contribution], days: Int) {
    let interval = question.interval
    let lives = lives(&answer, all, from: interval.first - days + 1, through: interval.last)
    let values = answer.periods.indices.map { index -> Double in
      let last = index + 1 < answer.periods.count ? answer.periods[index + 1] - 1 : interval.last
      return Double(lives.count { life in life.contains { $0.day > last - days && $0.day <= last } })
    }
    answer.series = [Answer.Series(key: [], values: values, total: values.last ?? 0)]
  }

  func fillRetention(_ answer: inout Answer, _ all: [Contribution]) {
    let lives = lives(&answer, all, from: nil, through: question.interval.last)
    answer.series = answer.periods.enumerated().map { cohort, start in
      let members = lives.filter { $0[0].period == cohort }
      let values = answer.periods.indices.map { period in
        Double(members.count { life in life.contains { $0.period == period } })
      }
      return Answer.Series(
        key: [CivilDate(dayNumber: start).description], values: values, total: Double(members.count))
    }
  }

  func fillNewAndReturning(_ answer: inout Answer, _ all: [Contribution]) {
    let lives = lives(&answer, all, from: nil, through: question.interval.last)
    func series(_ name: String, isNew: Bool) -> Answer.Series {
      let values = answer.periods.indices.map { period in
        Double(
          lives.count { life in
            life.contains { $0.period == period } && (life[0].period == period) == isNew
          })
      }
      let total = lives.count { life in
        life.contains { $0.period >= 0 } && (life[0].period >= 0) == isNew
      }
      return Answer.Series(key: [name], values: values, total: Double(total))
    }
    answer.series = [series("new", isNew: true), series("returning", isNew: false)]
  }

  func fillStickiness(_ answer: inout Answer, _ all: [Contribution]) {
    let interval = question.interval
    let lives = lives(&answer, all, from: interval.first, through: interval.last)
    var counts: [Int: [Double]] = [:]
    for life in lives {
      for (period, visits) in Dictionary(grouping: life, by: \.period) {
        let days = Set(visits.map(\.day)).count
        counts[days, default: answer.periods.map { _ in 0 }][period] += 1
      }
    }
    answer.series = counts.sorted { $0.key < $1.key }.map { days, values in
      Answer.Series(key: [String(days)], values: values, total: values.reduce(0, +))
    }
  }

  func fillFunnel(_ answer: inout Answer, _ all: [Contribution], _ steps: [String], _ within: Duration) {
    let days = Int((within.milliseconds + 86_399_999) / 86_400_000)
    let lives = lives(&answer, all, from: question.interval.first, through: question.interval.last + days)
    var reached = steps.map { _ in 0.0 }
    for life in lives {
      let ordered = life.sorted {
        let (a, b) = ($0.event.stored, $1.event.stored)
        if (a.time, a.received) != (b.time, b.received) { return (a.time, a.received) < (b.time, b.received) }
        return steps.firstIndex(of: a.event) ?? 0 < steps.firstIndex(of: b.event) ?? 0
      }
      var furthest = 0
      for (index, first) in ordered.enumerated()
      where first.event.stored.event == steps[0] && first.day <= question.interval.last {
        let end = first.event.stored.time.milliseconds + within.milliseconds
        var step = 1
        for next in ordered[(index + 1)...]
        where step < steps.count && next.event.stored.event == steps[step]
          && next.event.stored.time.milliseconds <= end
        {
          step += 1
        }
        furthest = max(furthest, step)
      }
      for step in 0..<furthest { reached[step] += 1 }
    }
    answer.series = zip(steps, reached).map { Answer.Series(key: [$0], values: [$1], total: $1) }
  }

  func fillRecent(_ answer: inout Answer, _ all: [Contribution]) {
    let events = all.map { one in
      Answer.Event(
        event: one.event.stored.event, time: one.event.stored.time, received: one.event.stored.received,
        context: one.event.stored.context, properties: one.event.stored.properties)
    }
    answer.events = Array(events.sorted { $0.precedes($1) }.prefix(max(0, question.top)))
    answer.reports = answer.events.count
  }

  /// The newest version first, then what is no version, then events without one.
  static func isNewer(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left != nil && right == nil }
    let (one, other) = (VersionOrder(left), VersionOrder(right))
    if one != other {
      guard let one else { return false }
      guard let other else { return true }
      return one > other
    }
    return Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
  }
}

import AvowStore
import AvowWire

/// Follows users through the steps of a funnel, each part of a day in order of user, time and receipt.
final class FunnelTally {
  private let question: ResolvedQuestion
  private let steps: [Int]
  private let window: Int64
  private let startsBefore: Int64
  /// By source: the steps after the first that name it, the last one first.
  private let laterSteps: [[Int]]
  /// By source: the first step that names it.
  private var rank: [Int]
  /// By user and step: when the latest attempt that came so far began.
  private var starts = PerUser<Int64>(never)
  /// By user: how far he came.
  private var furthest = PerUser<UInt8>(0)
  private var reports = 0
  private var leftOut = 0

  private static let never = Int64.min

  init(_ question: ResolvedQuestion, zone: ReportingZone) {
    self.question = question
    steps = question.steps
    laterSteps = question.sources.indices.map { source in
      question.steps.indices.dropFirst().reversed().filter { question.steps[$0] == source }
    }
    var within = Duration.zero
    if case .funnel(_, let duration) = question.question.subject { within = duration }
    window = within.milliseconds
    startsBefore = zone.start(of: question.question.interval.last + 1).milliseconds
    rank = question.sources.indices.map { source in question.steps.firstIndex(of: source) ?? 0 }
  }

  /// The rows of one source, in order of user, time and receipt.
  private struct Run {
    let source: Int
    let rows: UnsafeMutablePointer<Int32>
    let count: Int
    let users: UnsafeMutablePointer<Int64>
    let times, receipts: UnsafeMutablePointer<Int64>
    let ephemeral: UnsafeMutablePointer<Int64>?
    var position = 0
    var user: Int64 = 0
    var time: Int64 = 0

    /// Goes to the next row of a lasting user; counts those of others.
    mutating func advance(_ leftOut: inout Int) {
      while position < count {
        let row = Int(rows[position])
        position += 1
        if users[row] == 0 || ephemeral.map({ $0[row] != 0 }) ?? false {
          leftOut += 1
          continue
        }
        user = users[row]
        time = times[row]
        return
      }
      user = .max
    }

    /// Meaningful only beside a row of the same user and time.
    var receipt: Int64 { receipts[Int(rows[position - 1])] }
  }

  func take(_ blocks: [Block], dayStart: Int64) throws {
    var runs: [Run] = []
    for block in blocks where block.selectedCount > 0 {
      var run = Run(
        source: block.source, rows: block.selected, count: block.selectedCount, users: try block.users(),
        times: try block.column(block.plan.times).plainValues(),
        receipts: try block.column(block.plan.receipts).plainValues(),
        ephemeral: try block.ephemeral())
      run.advance(&leftOut)
      if run.user != .max { runs.append(run) }
    }
    for run in runs {
      let greatest = Int(run.users[Int(run.rows[run.count - 1])])
      furthest.makeRoom(for: greatest)
      starts.makeRoom(for: (greatest + 1) * steps.count)
    }
    var others = 0
    var taken = 0
    runs.withUnsafeMutableBufferPointer { runs in
      var count = runs.count
      while count > 0 {
        var next = 0
        for index in 1..<max(1, count) where precedes(runs[index], runs[next]) { next = index }
        take(source: runs[next].source, user: Int(runs[next].user), time: dayStart + runs[next].time)
        taken += 1
        runs[next].advance(&others)
        if runs[next].user == .max {
          count -= 1
          runs.swapAt(next, count)
        }
      }
    }
    leftOut += others
    reports += taken
  }

  private func precedes(_ left: Run, _ right: Run) -> Bool {
    if left.user != right.user { return left.user < right.user }
    if left.time != right.time { return left.time < right.time }
    let (one, other) = (left.receipt, right.receipt)
    return one != other ? one < other : rank[left.source] < rank[right.source]
  }

  private func take(source: Int, user: Int, time: Int64) {
    let (starts, furthest) = (starts.values, furthest.values)
    let base = user * steps.count
    // From the last step to the first: one event must not be two steps.
    for step in laterSteps[source] {
      let start = starts[base + step - 1]
      guard start != Self.never, time - start <= window else { continue }
      starts[base + step] = start
      furthest[user] = max(furthest[user], UInt8(step + 1))
    }
    if steps[0] == source, time < startsBefore {
      starts[base] = time
      furthest[user] = max(furthest[user], 1)
    }
  }

  func answer(today: Int) -> Answer {
    var reached = [Int](repeating: 0, count: steps.count + 1)
    for user in 0..<furthest.count { reached[Int(furthest.values[user])] += 1 }
    var answer = Answer(
      question: question.question, unit: question.unit, bound: question.bound(leavingOut: leftOut),
      periods: question.axis.starts,
      lastPeriodIsRunning: question.isRunning(today: today), reports: reports)
    var sum = 0
    for step in steps.indices.reversed() {
      sum += reached[step + 1]
      let name = question.catalog.events[question.sources[steps[step]].event].name
      answer.series.insert(Answer.Series(key: [name], values: [Double(sum)], total: Double(sum)), at: 0)
    }
    return answer
  }
}

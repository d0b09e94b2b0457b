import AvowStore
import AvowWire

/// Follows users through the steps of a funnel, each part of a day in order of user, time and receipt.
final class FunnelTally {
  private let question: ResolvedQuestion
  private let steps: [Int]
  private let window: UInt64
  /// What times are counted from, so that none is below 1.
  private let origin: Int64
  private let startsBefore: UInt64
  /// By source: the steps after the first that name it, the last one first.
  private let laterSteps: [[Int]]
  /// By source: the first step that names it.
  private let rank: [Int]
  /// By user and step but the last: when the latest attempt that came so far began; 0: none did. The last three
  /// bits of a user's first word say how far he came.
  private var starts: ZeroedWords
  private let stride: Int
  private var userCount: Int
  /// What was read only to have it at hand; says nothing.
  private var touched: UInt64 = 0
  private var reports = 0
  private var leftOut = 0

  private static let furthestBits: UInt64 = 3

  /// - Parameter greatestUser: A user number that is likely not exceeded.
  init(_ question: ResolvedQuestion, zone: ReportingZone, greatestUser: Int) {
    self.question = question
    steps = question.steps
    stride = max(1, question.steps.count - 1)
    userCount = greatestUser + 1
    starts = ZeroedWords(count: userCount * stride)
    laterSteps = question.sources.indices.map { source in
      question.steps.indices.dropFirst().reversed().filter { question.steps[$0] == source }
    }
    var within = Duration.zero
    if case .funnel(_, let duration) = question.question.subject { within = duration }
    window = UInt64(max(0, within.milliseconds))
    // No zone is two days away.
    origin = Timestamp(day: question.reach.first - 2).milliseconds
    startsBefore = UInt64(
      max(0, zone.start(of: question.question.interval.last + 1).milliseconds - origin))
    rank = question.sources.indices.map { source in question.steps.firstIndex(of: source) ?? 0 }
  }

  /// The rows of one source, in order of user, time and receipt, and the one at hand.
  private struct Run {
    let source: Int
    let rank: Int
    let isFirst: Bool
    let rows: UnsafeMutablePointer<Int32>
    let count: Int
    let users: UnsafeMutablePointer<Int32>
    let times: UnsafeMutablePointer<Int64>
    let receipts: UnsafeMutablePointer<Int64>?
    var position = -1
    /// The greatest number of all when there is no row any more.
    var user: Int32 = 0
    var time: Int64 = 0

    @inline(__always)
    mutating func advance() {
      position &+= 1
      guard position < count else {
        user = .max
        return
      }
      let row = Int(rows[position])
      user = users[row]
      time = times[row]
    }

    /// Meaningful only beside a row of the same user and time.
    var receipt: Int64 { receipts.map { $0[Int(rows[position])] } ?? 0 }

    /// Between rows of the same user.
    @inline(__always)
    func precedes(_ other: Run) -> Bool {
      if time != other.time { return time < other.time }
      let (one, two) = (receipt, other.receipt)
      return one != two ? one < two : rank < other.rank
    }
  }

  func take(_ blocks: [Block], dayStart: Int64) throws {
    var runs: [Run] = []
    for block in blocks where block.selectedCount > 0 {
      try keepLasting(block)
      if block.selectedCount == 0 { continue }
      let receipts = try block.column(block.plan.receipts)
      var run = Run(
        source: block.source, rank: rank[block.source], isFirst: steps[0] == block.source,
        rows: block.selected, count: block.selectedCount, users: try block.users(),
        times: try block.column(block.plan.times).plainValues(),
        receipts: receipts.isEmpty ? nil : receipts.plainValues())
      run.advance()
      runs.append(run)
      reports += run.count
      let greatest = Int(run.users[Int(run.rows[run.count - 1])])
      if greatest >= userCount {
        userCount = greatest * 5 / 4 + 1024
        starts.grow(to: userCount * stride)
      }
    }
    touch(runs)
    runs.withUnsafeMutableBufferPointer { walk($0, UInt64(bitPattern: dayStart &- origin)) }
  }

  /// Reads what the walk will need. Here no word waits for the one before; there each would, for what it says
  /// decides what happens next.
  private func touch(_ runs: [Run]) {
    let (starts, stride) = (starts.start, stride)
    var all: UInt64 = 0
    for run in runs {
      let (rows, users) = (run.rows, run.users)
      for position in 0..<run.count { all |= starts[Int(users[Int(rows[position])]) &* stride] }
    }
    touched |= all
  }

  private func keepLasting(_ block: Block) throws {
    let users = try block.users()
    let ephemeral = try block.ephemeral()
    let selected = block.selected
    guard ephemeral != nil || users[Int(selected[0])] == 0 else { return }
    var kept = 0
    for position in 0..<block.selectedCount {
      let row = Int(selected[position])
      if users[row] == 0 || (ephemeral.map { $0[row] != 0 } ?? false) { continue }
      selected[kept] = selected[position]
      kept += 1
    }
    leftOut += block.selectedCount - kept
    block.select(kept)
  }

  /// Everything that one row needs, out of the object, each access to which costs a check.
  private struct Attempts {
    let starts: UnsafeMutablePointer<UInt64>
    let stride: Int
    let window, startsBefore: UInt64

    @inline(__always)
    func take(_ run: Run, later: [Int], _ dayStart: UInt64) {
      let base = starts + Int(run.user) &* stride
      let time = dayStart &+ UInt64(bitPattern: run.time)
      var first = base[0] &>> FunnelTally.furthestBits
      var furthest = Int(base[0] & 7)
      // From the last step to the first: one event must not be two steps.
      for step in later {
        let start = step == 1 ? first : base[step &- 1]
        if start == 0 || time &- start > window { continue }
        if step < stride { base[step] = start }
        furthest = max(furthest, step &+ 1)
      }
      if run.isFirst, time < startsBefore {
        first = time
        furthest = max(furthest, 1)
      }
      base[0] = first &<< FunnelTally.furthestBits | UInt64(truncatingIfNeeded: furthest)
    }
  }

  private func walk(_ runs: UnsafeMutableBufferPointer<Run>, _ dayStart: UInt64) {
    let attempts = Attempts(
      starts: starts.start, stride: stride, window: window, startsBefore: startsBefore)
    let later = runs.map { laterSteps[$0.source] }
    while true {
      var user = Int32.max
      for run in runs { user = min(user, run.user) }
      if user == .max { return }
      while true {
        var (next, others) = (-1, 0)
        for index in runs.indices where runs[index].user == user {
          if next >= 0 { others += 1 }
          if next < 0 || runs[index].precedes(runs[next]) { next = index }
        }
        if next < 0 { break }
        repeat {
          attempts.take(runs[next], later: later[next], dayStart)
          runs[next].advance()
        } while others == 0 && runs[next].user == user
      }
    }
  }

  func answer(today: Int) -> Answer {
    var reached = [Int](repeating: 0, count: steps.count + 1)
    for user in 0..<userCount { reached[Int(starts.start[user * stride] & 7)] += 1 }
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

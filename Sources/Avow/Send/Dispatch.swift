/// The requests under way for one batch, and what each answer does to them: a state machine without clock,
/// network or chance of its own.
struct Dispatch {
  struct Part: Equatable {
    var report: EventReport
    /// `nil` when it has to be made anew.
    var body: [UInt8]?
    /// The server asked that these wait.
    var notBefore: Duration = .zero
  }

  enum Action: Equatable {
    /// Make this attempt and say what came of it.
    case send(Part)
    /// Not now.
    case wait
    /// Everything is done with.
    case finished
  }

  /// What an attempt changed.
  struct Outcome: Equatable {
    var accepted = 0
    var duplicates = 0
    var refused = 0
    /// In words, without anybody's values.
    var failure: String?
    var receipt: String?
    /// The request is done with, well or not; `false` when some of it goes again.
    var isSettled = false
    /// The next attempt may follow at once.
    var goesOn = true
  }

  /// Amplitude's word for events of a user who sent too many.
  static let throttlePause: Duration = .seconds(30)

  private(set) var parts: [Part] = []
  private(set) var retry = Retry()
  /// Fewer events at a time after a request was too large; grows again with success.
  private(set) var ceiling = Dispatch.largest
  static let largest = 10_000

  /// Takes on the requests of a new batch.
  mutating func begin(_ parts: [Part]) { self.parts = parts }

  /// Lets go of a batch whose events are no longer to be sent.
  mutating func drop() { parts = [] }

  func action(at now: Duration, isAsked: Bool) -> Action {
    guard let part = parts.first else { return .finished }
    guard retry.allows(at: now, isAsked: isAsked), now >= part.notBefore else { return .wait }
    return .send(part)
  }

  /// No answer came.
  mutating func failed(_ reason: String, at now: Duration, random: Double) -> Outcome {
    retry.failed(at: now, isAnswered: false, random: random)
    return Outcome(failure: reason, goesOn: false)
  }

  /// An answer came for the first part.
  mutating func answered(
    _ verdict: Verdict, retryAfter: Duration? = nil, at now: Duration, random: Double
  ) -> Outcome {
    guard let part = parts.first else { return Outcome(goesOn: false) }
    let count = part.report.events.count
    switch verdict {
    case .delivered(let accepted, let duplicates, let refused, let receipt):
      settle()
      return Outcome(
        accepted: accepted, duplicates: duplicates, refused: refused, receipt: receipt, isSettled: true)
    case .without(let positions):
      return replace([part.report.without(positions)], refused: known(positions, count))
    case .throttled(let waiting, let over):
      let slow = part.report.only(waiting)
      var outcome = replace([part.report.without(waiting + over)], refused: known(over, count))
      if !slow.events.isEmpty {
        // Behind all others of the batch, so that nobody waits who need not.
        parts.append(Part(report: slow, notBefore: now + Self.throttlePause))
        outcome.isSettled = false
      }
      outcome.failure = "the collector asked to slow down"
      return outcome
    case .tooLarge:
      guard count > 1 else {
        settle()
        return Outcome(refused: count, failure: "an event is too large for the collector", isSettled: true)
      }
      ceiling = max(1, count / 2)
      return replace(part.report.halves, refused: 0)
    case .refused(let reason):
      settle()
      return Outcome(refused: count, failure: reason, isSettled: true)
    case .again(let reason):
      retry.failed(at: now, isAnswered: true, retryAfter: retryAfter, random: random)
      return Outcome(failure: reason, goesOn: false)
    }
  }

  private mutating func settle() {
    parts.removeFirst()
    retry.succeeded()
    ceiling = min(Self.largest, ceiling + max(1, ceiling / 8))
  }

  /// The server is there and reads what it gets, so that the next request need not wait.
  private mutating func replace(_ reports: [EventReport], refused: Int) -> Outcome {
    retry.succeeded()
    let rest = reports.filter { !$0.events.isEmpty }
    parts.replaceSubrange(0...0, with: rest.map { Part(report: $0) })
    return Outcome(
      refused: refused, failure: refused > 0 ? "the collector refused some events" : nil,
      isSettled: rest.isEmpty)
  }

  private func known(_ positions: [Int], _ bound: Int) -> Int {
    Dispatch.marks(positions, bound).count { $0 }
  }
}

extension Dispatch {
  /// Which of so many positions are named.
  fileprivate static func marks(_ positions: [Int], _ count: Int) -> [Bool] {
    var marks = [Bool](repeating: false, count: count)
    for position in positions where marks.indices.contains(position) { marks[position] = true }
    return marks
  }
}

extension EventReport {
  fileprivate func without(_ positions: [Int]) -> EventReport { keeping(false, positions) }

  fileprivate func only(_ positions: [Int]) -> EventReport {
    var report = keeping(true, positions)
    // Said by the others, or by whoever comes first.
    if report.events.count < events.count { report.lost = 0 }
    return report
  }

  private func keeping(_ isNamed: Bool, _ positions: [Int]) -> EventReport {
    let marks = Dispatch.marks(positions, events.count)
    var report = self
    report.events = events.indices.filter { marks[$0] == isNamed }.map { events[$0] }
    return report
  }
}

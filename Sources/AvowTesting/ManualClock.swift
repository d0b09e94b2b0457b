public import Avow
import Synchronization

/// A clock that stands still until a test moves it; work runs on the thread that moves it.
public final class ManualClock: TelemetryClock {
  private struct State {
    var now: Timestamp
    var elapsed: Duration = .zero
    var tickers: [ManualTicker] = []

    mutating func move(to time: Duration) {
      let step = time - elapsed
      guard step > .zero else { return }
      elapsed = time
      let (seconds, attoseconds) = step.components
      now.milliseconds += seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
  }
  private let state: Mutex<State>

  /// Creates a clock that shows `now`.
  public init(now: Timestamp = Timestamp(milliseconds: 1_770_000_000_000)) {
    state = Mutex(State(now: now))
  }

  public var now: Timestamp { state.withLock { $0.now } }
  public var elapsed: Duration { state.withLock { $0.elapsed } }

  public func start(every interval: Duration, _ work: @escaping @Sendable () -> Void) -> any Ticker {
    state.withLock {
      let ticker = ManualTicker(interval: interval, due: $0.elapsed + interval, work: work)
      $0.tickers.append(ticker)
      return ticker
    }
  }

  /// Moves both clocks on and does all work that falls due on the way, in order.
  public func advance(by duration: Duration) {
    let end = elapsed + duration
    while true {
      let next = state.withLock { state -> ManualTicker? in
        state.tickers.removeAll { $0.isStopped }
        guard let next = state.tickers.min(by: { $0.due < $1.due }), next.due <= end else {
          state.move(to: end)
          return nil
        }
        state.move(to: next.due)
        return next
      }
      guard let next else { return }
      next.advance()
    }
  }

  /// Sets the wall clock alone, as somebody does who corrects it.
  public func set(now: Timestamp) { state.withLock { $0.now = now } }
}

private final class ManualTicker: Ticker {
  private let interval: Duration
  private let work: @Sendable () -> Void
  private let state: Mutex<(due: Duration, isStopped: Bool)>

  init(interval: Duration, due: Duration, work: @escaping @Sendable () -> Void) {
    self.interval = interval
    self.work = work
    state = Mutex((due, false))
  }

  var due: Duration { state.withLock { $0.due } }
  var isStopped: Bool { state.withLock { $0.isStopped } }

  func advance() {
    state.withLock { $0.due += interval }
    work()
  }

  /// Nothing happens between two moves of the clock.
  func wake() {}

  func runNow(timeout: Duration) -> Bool {
    guard !isStopped else { return false }
    work()
    return true
  }

  func stop() { state.withLock { $0.isStopped = true } }
}

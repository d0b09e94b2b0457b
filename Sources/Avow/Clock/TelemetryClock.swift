/// Tells the time, and lets the sender look for new events now and then.
///
/// Programs use `SystemClock`; tests use the hand-driven clock of `AvowTesting`.
public protocol TelemetryClock: Sendable {
  /// The wall clock.
  var now: Timestamp { get }
  /// Time since some fixed moment; never goes back.
  var elapsed: Duration { get }
  /// Calls `work` each `interval` until the returned ticker is stopped.
  func start(every interval: Duration, _ work: @escaping @Sendable () -> Void) -> any Ticker
}

/// Work that is done again and again.
public protocol Ticker: AnyObject, Sendable {
  /// Does the work soon, without waiting for it.
  func wake()
  /// Does the work now and waits for its end; `false` when that took longer than `timeout`.
  func runNow(timeout: Duration) -> Bool
  /// Ends the work; returns at once.
  func stop()
}

extension Duration {
  /// Whole milliseconds, cut.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
  }
}

import Synchronization

/// What passed since the collector started.
struct Totals: Sendable, Hashable {
  var requests = 0
  /// Answered 429 or 503.
  var putOff = 0
  var received = 0
  var stored = 0
}

/// How fast requests and events came lately, from totals noted every few seconds.
final class Rates: Sendable {
  private struct Sample {
    var time: ContinuousClock.Instant
    var totals: Totals
  }

  /// A minute of samples.
  private let samples = Mutex<[Sample]>([])

  /// Notes what passed so far.
  func note(_ totals: Totals, at time: ContinuousClock.Instant) {
    samples.withLock { samples in
      samples.append(Sample(time: time, totals: totals))
      // One older than a minute stays, to measure a whole minute from.
      if let last = samples.lastIndex(where: { time - $0.time >= .seconds(60) }) { samples.removeFirst(last) }
    }
  }

  /// What came in the last minute or since the start, and how long that is.
  func lately(_ totals: Totals, at time: ContinuousClock.Instant) -> (difference: Totals, seconds: Double) {
    samples.withLock { samples in
      let first = samples.first ?? Sample(time: time, totals: totals)
      let before = first.totals
      return (
        Totals(
          requests: totals.requests - before.requests, putOff: totals.putOff - before.putOff,
          received: totals.received - before.received, stored: totals.stored - before.stored),
        (time - first.time) / .seconds(1)
      )
    }
  }
}

public import AvowWire
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the collector takes for now: receipts, days and retention follow it.
public protocol CollectorClock: Sendable {
  /// The present moment.
  func now() -> Timestamp
}

/// The machine's own clock.
public struct SystemClock: CollectorClock {
  /// Creates the clock.
  public init() {}

  public func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

/// A clock that stands where it was set and then runs at the machine's pace: for demonstrations and tests.
public final class SimulatedClock: CollectorClock {
  private let offset: Mutex<Int64>
  private let base: SystemClock = SystemClock()

  /// Creates a clock that shows `start` now.
  public init(start: Timestamp) {
    offset = Mutex(start.milliseconds - SystemClock().now().milliseconds)
  }

  /// Moves the clock.
  public func set(_ time: Timestamp) {
    offset.withLock { $0 = time.milliseconds - base.now().milliseconds }
  }

  public func now() -> Timestamp {
    Timestamp(milliseconds: base.now().milliseconds + offset.withLock { $0 })
  }
}

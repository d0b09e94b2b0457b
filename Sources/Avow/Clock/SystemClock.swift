import CAvowShims

/// The machine's own time; work runs on one background thread that takes none of the host's signals.
public struct SystemClock: TelemetryClock {
  /// Creates the clock.
  public init() {}

  public var now: Timestamp { Timestamp(milliseconds: avow_clock_wall()) }

  public var elapsed: Duration { .milliseconds(avow_clock_monotonic()) }

  public func start(every interval: Duration, _ work: @escaping @Sendable () -> Void) -> any Ticker {
    let ticker = ThreadTicker(interval: interval, work: work)
    ticker.begin()
    return ticker
  }
}

extension TelemetryClock where Self == SystemClock {
  /// The machine's own time.
  public static var system: SystemClock { SystemClock() }
}

private final class ThreadTicker: Ticker, @unchecked Sendable {
  // Unchecked: the rest is guarded by `monitor`.
  private let monitor = Monitor()
  private let interval: Int64
  private let work: @Sendable () -> Void
  private var isStopped = false
  private var isWanted = false
  private var started = 0
  private var finished = 0

  init(interval: Duration, work: @escaping @Sendable () -> Void) {
    self.interval = max(1, interval.milliseconds)
    self.work = work
  }

  func begin() {
    let pointer = Unmanaged.passRetained(self).toOpaque()
    let isRunning = avow_thread_start(
      { context in Unmanaged<ThreadTicker>.fromOpaque(context).takeRetainedValue().run() }, pointer)
    if !isRunning { Unmanaged<ThreadTicker>.fromOpaque(pointer).release() }
  }

  private func run() {
    monitor.lock()
    while !isStopped {
      if !isWanted { monitor.wait(milliseconds: interval) }
      if isStopped { break }
      isWanted = false
      started += 1
      monitor.unlock()
      work()
      monitor.lock()
      finished = started
      monitor.wake()
    }
    monitor.unlock()
  }

  func wake() {
    monitor.withLock {
      isWanted = true
      monitor.wake()
    }
  }

  func runNow(timeout: Duration) -> Bool {
    let deadline = avow_clock_monotonic() + timeout.milliseconds
    return monitor.withLock {
      // A run that is under way may have looked before the last event came.
      let wanted = started + 1
      isWanted = true
      monitor.wake()
      while finished < wanted, !isStopped {
        let left = deadline - avow_clock_monotonic()
        if left <= 0 { return false }
        monitor.wait(milliseconds: left)
      }
      return finished >= wanted
    }
  }

  func stop() {
    monitor.withLock {
      isStopped = true
      monitor.wake()
    }
  }
}

public import Synchronization

/// The timings of a declared catalog: events with a whole number called `count` and a list of numbers in a unit of
/// time.
public protocol DeclaredTiming: Sendable {
  /// The timing's place among the catalog's timings.
  var slot: Int { get }
}

/// The timings of a catalog that has none.
public enum NoTiming: DeclaredTiming {
  public var slot: Int { switch self {} }
}

extension Telemetry {
  /// Counts a time that was measured: one atomic addition, in memory that outlives the program.
  ///
  /// What was measured in an interval is sent as one event with how many times there were and their spread, each
  /// at most 6 % off. Times are told apart from 1 µs to 18 minutes.
  @inlinable
  public func record(_ timing: Declared.Timing, duration: Duration) {
    guard spool.current.load(ordering: .relaxed) != 0 else { return }
    let (seconds, attoseconds) = duration.components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    spool.time(timing.slot, isTooLong ? (seconds < 0 ? 0 : .max) : whole &+ attoseconds / 1_000_000_000)
  }

  /// Does some work and counts how long it took, also when it throws.
  @inlinable
  public func time<Result, Failure: Error>(
    _ timing: Declared.Timing, _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard spool.current.load(ordering: .relaxed) != 0 else { return try work() }
    let start = Spool.nanoseconds
    defer { spool.time(timing.slot, Spool.nanoseconds &- start) }
    return try work()
  }

  /// Does some work and counts how long it took, waits included, also when it throws.
  // Only in programs that call it: its code would link 0.9 MB of the runtime for tasks into every static program.
  @_alwaysEmitIntoClient
  public func time<Result, Failure: Error>(
    _ timing: Declared.Timing, _ work: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    guard spool.current.load(ordering: .relaxed) != 0 else { return try await work() }
    let start = Spool.nanoseconds
    defer { spool.time(timing.slot, Spool.nanoseconds &- start) }
    return try await work()
  }
}

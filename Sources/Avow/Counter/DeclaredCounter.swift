public import Synchronization

/// The counters of a declared catalog: events whose one property is a whole number called `count`.
public protocol DeclaredCounter: Sendable {
  /// The counter's place among the catalog's counters.
  var slot: Int { get }
}

/// The counters of a catalog that has none.
public enum NoCounter: DeclaredCounter {
  public var slot: Int { switch self {} }
}

extension Telemetry {
  /// Adds to a counter: one atomic addition, in memory that outlives the program.
  ///
  /// What was counted in an interval is sent as one event whose `count` is the sum.
  @inlinable
  public func count(_ counter: Declared.Counter, by amount: Int = 1) {
    guard spool.current.load(ordering: .relaxed) != 0 else { return }
    spool.count(counter.slot, amount)
  }
}

import CAvowShims

/// A lock that a fork handler can take in the parent and release in the child, and wait on.
///
/// Not `Mutex`: on Linux that remembers the thread that took it, which in a fork's child is another.
final class Monitor: @unchecked Sendable {
  // Unchecked: the pointer never changes and what it points to is made for sharing.
  private let monitor = avow_monitor_create()

  deinit { avow_monitor_destroy(monitor) }

  func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  /// For `withLock` and the fork handlers only.
  func lock() { avow_monitor_lock(monitor) }
  func unlock() { avow_monitor_unlock(monitor) }

  /// Waits, the lock held, until woken or for this long.
  func wait(milliseconds: Int64) { avow_monitor_wait(monitor, milliseconds) }
  func wake() { avow_monitor_wake(monitor) }
}

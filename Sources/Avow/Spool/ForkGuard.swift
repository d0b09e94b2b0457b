import CAvowShims
import Synchronization

/// Keeps a fork's child out of its parent's segments.
///
/// Before a fork every spool's lock is taken, so that the child finds each spool in a whole state; the
/// child then lets go of the parent's files and begins its own at its next event.
enum ForkGuard {
  private final class Registry: @unchecked Sendable {
    // Unchecked: guarded by `monitor`.
    let monitor = Monitor()
    var spools: [Unmanaged<Spool>] = []
  }

  private static let registry: Registry = {
    let registry = Registry()
    _ = avow_at_fork({ ForkGuard.prepare() }, { ForkGuard.parent() }, { ForkGuard.child() })
    return registry
  }()

  static func add(_ spool: Spool) {
    registry.monitor.withLock { registry.spools.append(Unmanaged.passUnretained(spool)) }
  }

  static func remove(_ spool: Spool) {
    let pointer = Unmanaged.passUnretained(spool).toOpaque()
    registry.monitor.withLock { registry.spools.removeAll { $0.toOpaque() == pointer } }
  }

  private static func prepare() {
    registry.monitor.lock()
    for spool in registry.spools { spool.with { $0.monitor.lock() } }
  }

  private static func parent() {
    for spool in registry.spools { spool.with { $0.monitor.unlock() } }
    registry.monitor.unlock()
  }

  private static func child() {
    for spool in registry.spools {
      spool.with {
        $0.beginAsChild()
        $0.monitor.unlock()
      }
    }
    registry.monitor.unlock()
  }
}

extension Unmanaged<Spool> {
  fileprivate func with(_ body: (Spool) -> Void) { body(takeUnretainedValue()) }
}

extension Spool {
  /// With the lock held, in a fork's child: nothing of the parent's is touched, only let go of.
  fileprivate func beginAsChild() {
    let inherited =
      [state.current, state.next].compactMap { $0 } + state.sealed + state.free + state.adopted
      + state.retired
    for segment in inherited {
      segment.abandon()
      // Another thread of the parent cannot be here, but its record may be half written: leave the mapping.
      _ = Unmanaged.passRetained(segment)
    }
    let (mode, epoch) = (state.mode, state.epoch)
    state = State()
    state.mode = mode
    state.epoch = epoch
    current.store(mode == .disabled ? 0 : 1, ordering: .releasing)
    forked()
  }
}

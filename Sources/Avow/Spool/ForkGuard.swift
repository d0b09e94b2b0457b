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
    /// A list through the spools themselves: mostly there is one.
    var first: Unmanaged<Spool>?

    func forEach(_ body: (Spool) -> Void) {
      var next = first
      while let spool = next {
        next = spool._withUnsafeGuaranteedRef { $0.nextInProcess }
        spool._withUnsafeGuaranteedRef(body)
      }
    }
  }

  private static let registry: Registry = {
    let registry = Registry()
    _ = avow_at_fork({ ForkGuard.prepare() }, { ForkGuard.parent() }, { ForkGuard.child() })
    return registry
  }()

  static func add(_ spool: Spool) {
    registry.monitor.withLock {
      spool.nextInProcess = registry.first
      registry.first = .passUnretained(spool)
    }
  }

  static func remove(_ spool: Spool) {
    let pointer = Unmanaged.passUnretained(spool).toOpaque()
    registry.monitor.withLock {
      if registry.first?.toOpaque() == pointer { registry.first = spool.nextInProcess }
      registry.forEach {
        if $0.nextInProcess?.toOpaque() == pointer { $0.nextInProcess = spool.nextInProcess }
      }
    }
  }

  private static func prepare() {
    registry.monitor.lock()
    registry.forEach { $0.monitor.lock() }
  }

  private static func parent() {
    registry.forEach { $0.monitor.unlock() }
    registry.monitor.unlock()
  }

  private static func child() {
    registry.forEach {
      $0.beginAsChild()
      $0.monitor.unlock()
    }
    registry.monitor.unlock()
  }
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

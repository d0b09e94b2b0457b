import Synchronization

/// The memory that request bodies in flight share, compressed and inflated.
///
/// A body reserves what it holds, piece by piece; when the budget is used up a request waits a second for others
/// to finish and is then told to come back. Large bodies that are each half there would wait for one another
/// until all fail, so only one of them waits and the others give way at once.
final class BodyBudget: Sendable {
  private struct State {
    var available: Int
    var waiting = 0
  }

  private let state: Mutex<State>

  private let total: Int

  /// What a body may hold and still wait beside others.
  private static let small = 1 << 20

  init(bytes: Int = 80 << 20) {
    total = bytes
    state = Mutex(State(available: bytes))
  }

  /// How many bytes are held now.
  var used: Int { total - state.withLock { $0.available } }

  /// Takes `count` bytes more for a body that holds `held`, waiting a second at most; returns whether they were
  /// had.
  func reserve(_ count: Int, holding held: Int) async -> Bool {
    if take(count) { return true }
    let others = state.withLock { state in
      defer { state.waiting += 1 }
      return state.waiting
    }
    defer { state.withLock { $0.waiting -= 1 } }
    guard others == 0 || held <= Self.small else { return false }
    for _ in 0..<20 {
      do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
      if take(count) { return true }
    }
    return false
  }

  func release(_ count: Int) {
    state.withLock { $0.available += count }
  }

  private func take(_ count: Int) -> Bool {
    state.withLock { state in
      guard state.available >= count else { return false }
      state.available -= count
      return true
    }
  }
}

import Synchronization

/// The memory that request bodies in flight share, compressed and inflated.
///
/// A body reserves what it holds; when the budget is used up a request waits a second for others to
/// finish and is then told to come back.
final class BodyBudget: Sendable {
  private let available: Mutex<Int>

  private let total: Int

  init(bytes: Int = 96 << 20) {
    total = bytes
    available = Mutex(bytes)
  }

  /// How many bytes are held now.
  var used: Int { total - available.withLock { $0 } }

  /// Takes `count` bytes, waiting a second at most; returns whether they were had.
  func reserve(_ count: Int) async -> Bool {
    for _ in 0..<20 {
      if take(count) { return true }
      do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
    }
    return false
  }

  func release(_ count: Int) {
    available.withLock { $0 += count }
  }

  private func take(_ count: Int) -> Bool {
    available.withLock { available in
      guard available >= count else { return false }
      available -= count
      return true
    }
  }
}

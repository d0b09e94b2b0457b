import Synchronization

/// The memory that request bodies in flight share, compressed and inflated.
///
/// A body reserves what it holds, piece by piece; when the budget is used up a request waits a second for others
/// to finish and is then told to come back. Large bodies that are each half there would wait for one another
/// until all fail, so only one of them waits and the others give way at once.
///
/// The first MiB of a body may come out of a part that nothing else can use, and one sender out of half of that
/// part only: large bodies that stand still, or many small ones of one sender, keep nobody else out.
final class BodyBudget: Sendable {
  /// What one body holds.
  struct Holding: Sendable {
    fileprivate let sender: Int
    fileprivate(set) var small = 0
    fileprivate(set) var large = 0

    var total: Int { small + large }
  }

  private struct State {
    var small: Int
    var large: Int
    var waiting = 0
    /// What the senders hold of the part for small bodies. Those of one number share, which costs nobody anything
    /// but that part.
    var senders = [Int](repeating: 0, count: BodyBudget.senders)
  }

  private let state: Mutex<State>
  private let small: Int
  private let total: Int

  /// How much of a body counts as small.
  private static let first = 1 << 20
  private static let senders = 256

  /// Creates a budget of so many bytes, of which `small` are for the first MiB of bodies.
  init(bytes: Int = 88 << 20, small: Int = 12 << 20) {
    total = bytes
    self.small = small
    state = Mutex(State(small: small, large: bytes - small))
  }

  /// How many bytes are held now.
  var used: Int { total - state.withLock { $0.small + $0.large } }

  /// Begins to count a body; `nil` stands for whoever has no address, or this machine's.
  func holding(of sender: SenderAddress?) -> Holding {
    Holding(sender: sender.map { Int(UInt(bitPattern: $0.hashValue) % UInt(Self.senders - 1)) + 1 } ?? 0)
  }

  /// Begins to count what goes with another body.
  func holding(like other: Holding) -> Holding { Holding(sender: other.sender) }

  /// Takes `count` bytes more for a body, waiting a second at most; returns whether they were had.
  func reserve(_ count: Int, for holding: inout Holding) async -> Bool {
    if take(count, for: &holding) { return true }
    let others = state.withLock { state in
      defer { state.waiting += 1 }
      return state.waiting
    }
    defer { state.withLock { $0.waiting -= 1 } }
    guard others == 0 || holding.total <= Self.first else { return false }
    for _ in 0..<20 {
      do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
      if take(count, for: &holding) { return true }
    }
    return false
  }

  /// Takes `count` bytes more when they are there at once.
  func take(_ count: Int, for holding: inout Holding) -> Bool {
    state.withLock { state in
      let ownShare = small / 2 - state.senders[holding.sender]
      let small = max(0, min(count, Self.first - holding.small, ownShare, state.small))
      let large = count - small
      guard large <= state.large else { return false }
      state.small -= small
      state.large -= large
      state.senders[holding.sender] += small
      holding.small += small
      holding.large += large
      return true
    }
  }

  /// Gives back `count` bytes of what a body holds, `nil` all.
  func release(_ count: Int? = nil, of holding: inout Holding) {
    let count = min(count ?? holding.total, holding.total)
    let large = min(count, holding.large)
    let small = count - large
    holding.large -= large
    holding.small -= small
    state.withLock { state in
      state.large += large
      state.small += small
      state.senders[holding.sender] -= small
    }
  }
}

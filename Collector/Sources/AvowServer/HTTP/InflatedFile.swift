import Synchronization

/// The file inside a form, inflated within the shared budget while the form is read.
///
/// Reading cannot wait, so where there is no room at once the request is put off.
final class InflatedFile: Sendable {
  private struct State {
    var holding: BodyBudget.Holding
    var isPutOff = false
  }

  private let budget: BodyBudget
  private let limit: Int
  private let state: Mutex<State>

  /// - Parameter body: What the form itself holds, for whose it is.
  init(_ budget: BodyBudget, of body: BodyBudget.Holding, limit: Int) {
    self.budget = budget
    self.limit = limit
    state = Mutex(State(holding: budget.holding(like: body)))
  }

  /// Whether there was no room.
  var isPutOff: Bool { state.withLock { $0.isPutOff } }

  /// Returns the inflated bytes, `nil` when they are malformed, too many, or there is no room for them.
  func inflate(_ bytes: [UInt8]) -> [UInt8]? {
    do {
      let inflated = try Inflate.inflate(bytes, limit: limit) { count in
        state.withLock { budget.take(count, for: &$0.holding) }
      }
      if inflated == nil { state.withLock { $0.isPutOff = true } }
      return inflated
    } catch {
      return nil
    }
  }

  func release() { state.withLock { budget.release(of: &$0.holding) } }
}

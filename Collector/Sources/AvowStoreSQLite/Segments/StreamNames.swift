import Synchronization

/// What one column of segments holds: a column of a table, or one of the store's own.
struct StreamKey: Hashable, Sendable {
  /// Of the app: `apps.number` in `main.db`.
  var app: Int64
  /// An event's table; the context's table stands for all events of a day together.
  var table: String
  var column: String

  // The store's own columns; no field begins with an underscore or holds a colon.
  static let user = "_user"
  static let time = "_time"
  static let ephemeral = "_ephemeral"
  /// The receipt, where two events of a user have the same time.
  static let receipt = "_receipt"
  /// How many events a row of the day's users stands for.
  static let weight = "_weight"
  static func context(_ column: String) -> String { "context:" + column }
  static func item(_ table: String, _ column: String) -> String { "item:\(table):\(column)" }
}

/// The numbers that stand for columns in the keys of segments.
///
/// A number is given when a column is first encoded, in memory; the file learns it with the first segment.
final class StreamNames: Sendable {
  private struct State: Sendable {
    var numbers: [StreamKey: Int] = [:]
    var keys: [StreamKey] = []
  }

  private let state = Mutex(State())

  /// - Parameter keys: What the file knows, in the order of the numbers.
  init(_ keys: [StreamKey]) {
    state.withLock { state in
      state.keys = keys
      for (number, key) in keys.enumerated() { state.numbers[key] = number }
    }
  }

  /// The number of a column, a new one for a new column.
  func number(of key: StreamKey) -> Int {
    state.withLock { state in
      if let number = state.numbers[key] { return number }
      state.keys.append(key)
      state.numbers[key] = state.keys.count - 1
      return state.keys.count - 1
    }
  }

  /// The number of a column; `nil` when nothing was ever encoded for it.
  func known(_ key: StreamKey) -> Int? { state.withLock { $0.numbers[key] } }

  func all() -> [StreamKey] { state.withLock { $0.keys } }

  func numbers(ofApp app: Int64) -> [Int] {
    state.withLock { state in state.keys.indices.filter { state.keys[$0].app == app } }
  }
}

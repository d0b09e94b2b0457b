@_spi(AvowCollector) import AvowWire

/// The numbers of an app's sets of context values, by what identifies a set: a cache of their table.
///
/// When it is full it forgets everything and starts again; what it lacks is asked of SQLite, unless it is known
/// to lack nothing.
struct ContextMap {
  private var map = UserMap()
  /// Whether every set of the table is in the map.
  private(set) var isComplete: Bool
  /// About 24 MB.
  private static let most = 1 << 19
  /// Fixed, for the table keeps what it gives. Who could find two sets with one digest could as well send the other.
  private static let hash = SipHash128(key: "avow context set".utf8)

  init(isComplete: Bool) { self.isComplete = isComplete }

  /// What identifies a set: a hash of its values.
  static func digest(of values: [UInt8]) -> Identifier128 { values.withUnsafeBytes { hash.hash($0) } }

  func number(of digest: Identifier128) -> Int64? { map.number(of: digest).map(Int64.init) }

  mutating func insert(_ digest: Identifier128, _ number: Int64) {
    guard let number = UInt32(exactly: number) else { return }
    if map.count >= Self.most { removeAll() }
    map.insert(digest, number)
  }

  /// Forgets everything.
  mutating func removeAll() {
    map = UserMap()
    isComplete = false
  }
}

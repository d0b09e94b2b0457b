@_spi(AvowCollector) import AvowWire

/// The numbers of an app's sets of context values, by what identifies a set: a cache of their table.
///
/// The table itself has no index by which a set could be found: most installations have a set of their own, and
/// to keep half a million random places in order cost as much as a third of the events' rows. So a set that is
/// not here is stored again under another number, which costs its bytes once more and changes no answer.
struct ContextMap {
  /// What was used lately, and what was before that: when the first is full, the second is let go.
  private var young = UserMap()
  private var old = UserMap()
  /// Given in the transaction that is open.
  private var added: [Identifier128] = []
  /// The number the next new set gets; numbers are never used twice.
  private(set) var next: Int64 = 1

  /// Sets in one generation.
  private let most: Int
  /// Fixed, for the table keeps what it gives. Who could find two sets with one digest could as well send the other.
  private static let hash = SipHash128(key: "avow context set".utf8)

  /// What identifies a set: a hash of its values.
  static func digest(of values: UnsafeRawBufferPointer) -> Identifier128 { hash.hash(values) }

  /// What stands for a field's name in what is hashed: shorter, and the same in every catalog.
  static func word(of name: String) -> UInt64 { Array(name.utf8).withUnsafeBytes { hash.hash($0).low } }

  /// Takes what the newest rows of the table say.
  ///
  /// - Parameter most: Sets in one generation; as given 12 MB, filled up to where its map would grow.
  init(_ table: String, _ connection: OpaquePointer, most: Int = 3 << 17) throws {
    self.most = most
    let rows = try Statement(
      connection, "SELECT _key, _digest FROM \(quoted(table)) ORDER BY _key DESC LIMIT \(most)")
    while try rows.step() {
      let number = rows.column(0)
      next = max(next, number + 1)
      if let short = UInt32(exactly: number) { old.insert(Identifier128(bytes: rows.blob(1)), short) }
    }
  }

  @inline(__always)
  mutating func number(of digest: Identifier128) -> Int64? {
    if let number = young.number(of: digest) { return Int64(number) }
    guard let number = old.number(of: digest) else { return nil }
    keep(digest, number)
    return Int64(number)
  }

  /// Gives a set that is not here the next number.
  mutating func add(_ digest: Identifier128) -> Int64 {
    let number = next
    next += 1
    added.append(digest)
    if let short = UInt32(exactly: number) { keep(digest, short) }
    return number
  }

  private mutating func keep(_ digest: Identifier128, _ number: UInt32) {
    if young.count >= most {
      old = young
      young = UserMap()
    }
    young.insert(digest, number)
  }

  /// What was added is durable.
  mutating func commit() { added.removeAll(keepingCapacity: true) }

  /// Forgets what was added in a transaction that was undone.
  mutating func rollBack() {
    for digest in added { remove(digest) }
    added.removeAll()
  }

  /// Forgets a set whose row goes.
  mutating func remove(_ digest: Identifier128) {
    young.remove(digest)
    old.remove(digest)
  }
}

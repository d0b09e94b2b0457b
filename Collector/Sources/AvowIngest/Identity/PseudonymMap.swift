import AvowWire

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Pseudonyms made before, by the fingerprint of what they stand for: bounded, and without an allocation for an
/// entry.
///
/// Sets of four, the one asked for last in front; a new entry drives out the last of its set. Memory comes with
/// use: 32 bytes an entry.
struct PseudonymMap: ~Copyable {
  private struct Entry {
    var fingerprint = Identifier128(high: 0, low: 0)
    var pseudonym = Identifier128(high: 0, low: 0)
  }

  /// `nil` where the system had no memory: then nothing is remembered, which costs time and no answer.
  private let entries: UnsafeMutablePointer<Entry>?
  private let mask: Int
  private static let ways = 4

  /// - Parameter capacity: How many it holds at most; a power of two, 4 or more.
  init(capacity: Int) {
    // Zeroed by the system, so that pages nobody came to cost nothing. No fingerprint is zero but by a chance of
    // one in 2^128.
    entries = calloc(capacity, MemoryLayout<Entry>.stride)?.bindMemory(to: Entry.self, capacity: capacity)
    mask = capacity / Self.ways - 1
  }

  deinit { free(entries) }

  /// The pseudonym kept for a fingerprint.
  mutating func find(_ fingerprint: Identifier128) -> Identifier128? {
    guard let entries else { return nil }
    let set = entries + (Int(truncatingIfNeeded: fingerprint.low) & mask) * Self.ways
    for way in 0..<Self.ways where set[way].fingerprint == fingerprint {
      let found = set[way]
      moveBack(set, to: way)
      set[0] = found
      return found.pseudonym
    }
    return nil
  }

  /// Keeps a pseudonym that `find` did not know.
  mutating func insert(_ fingerprint: Identifier128, _ pseudonym: Identifier128) {
    guard let entries else { return }
    let set = entries + (Int(truncatingIfNeeded: fingerprint.low) & mask) * Self.ways
    moveBack(set, to: Self.ways - 1)
    set[0] = Entry(fingerprint: fingerprint, pseudonym: pseudonym)
  }

  /// Shifts the entries in front of `way` by one.
  private func moveBack(_ set: UnsafeMutablePointer<Entry>, to way: Int) {
    var way = way
    while way > 0 {
      set[way] = set[way - 1]
      way -= 1
    }
  }
}

import Foundation

/// Many words that begin as zero; memory is taken when they are first touched.
struct ZeroedWords: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt64>
  private(set) var count: Int

  init(count: Int) {
    self.count = count
    start = Self.allocate(count)
  }

  deinit { free(start) }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    guard let bytes = calloc(max(1, count), 8) else { fatalError("out of memory") }
    #if os(Linux)
      // Large pages: a fault each 2 MB, not each 4 kB.
      let page = 2 << 20
      let first = (Int(bitPattern: bytes) + page - 1) / page * page
      let end = (Int(bitPattern: bytes) + count * 8) / page * page
      if first < end {
        madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, Int32(MADV_HUGEPAGE))
      }
    #endif
    return bytes.bindMemory(to: UInt64.self, capacity: max(1, count))
  }

  /// Makes room for more words, keeping what is there.
  mutating func grow(to count: Int) {
    if count <= self.count { return }
    let more = Self.allocate(count)
    more.update(from: start, count: self.count)
    free(start)
    (start, self.count) = (more, count)
  }

  /// Makes rows of words wider.
  mutating func widen(from old: Int, to new: Int) {
    if count == 0 { return }
    let rows = count / old
    let more = Self.allocate(rows * new)
    for row in 0..<rows { (more + row * new).update(from: start + row * old, count: old) }
    free(start)
    (start, count) = (more, rows * new)
  }

  func reset() { start.update(repeating: 0, count: count) }
}

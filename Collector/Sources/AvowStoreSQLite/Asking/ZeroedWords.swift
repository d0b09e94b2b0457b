import Foundation

/// Many words that begin as zero; memory is taken when they are first touched, and given back at once: what the
/// allocator is handed back it keeps, for each thread that ever asked a question.
struct ZeroedWords: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt64>
  private(set) var count: Int

  init(count: Int) {
    self.count = count
    start = Self.allocate(count)
  }

  deinit { Self.free(start, count) }

  /// Less than this comes from the allocator.
  private static let least = 32 << 10

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    guard count >= least else {
      let start = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, count))
      start.update(repeating: 0, count: count)
      return start
    }
    let mapping = mmap(nil, count * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapping, mapping != MAP_FAILED else { fatalError("out of memory") }
    #if os(Linux)
      // Where there is room for large pages, one fault for 2 MB instead of one for each 4 kB.
      _ = madvise(mapping, count * 8, Int32(MADV_HUGEPAGE))
    #endif
    return mapping.bindMemory(to: UInt64.self, capacity: count)
  }

  private static func free(_ start: UnsafeMutablePointer<UInt64>, _ count: Int) {
    if count >= least { munmap(start, count * 8) } else { start.deallocate() }
  }

  /// Makes room for more words, keeping what is there.
  mutating func grow(to count: Int) {
    if count <= self.count { return }
    let more = Self.allocate(count)
    more.update(from: start, count: self.count)
    Self.free(start, self.count)
    (start, self.count) = (more, count)
  }

  /// Makes rows of words wider.
  mutating func widen(from old: Int, to new: Int) {
    if count == 0 { return }
    let rows = count / old
    let more = Self.allocate(rows * new)
    for row in 0..<rows { (more + row * new).update(from: start + row * old, count: old) }
    Self.free(start, count)
    (start, count) = (more, rows * new)
  }

  func reset() { start.update(repeating: 0, count: count) }
}

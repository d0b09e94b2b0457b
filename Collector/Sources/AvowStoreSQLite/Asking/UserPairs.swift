/// Pairs of a user and a small number, kept by range of users until they are taken together.
///
/// A pair is one word: what leads is the number, what ends it the user's place in his range.
struct UserPairs: ~Copyable {
  static let rangeBits: UInt32 = 12
  static let mask: UInt32 = 1 << rangeBits - 1
  private static let chunkSize = 1024
  /// 16 megabytes; only those that are used take memory.
  private static let mostChunks = 4096

  private struct Range {
    /// The chunk that is being filled; -1: none.
    var chunk: Int32 = -1
    var fill: Int32 = 0
  }

  private let words = ZeroedWords(count: mostChunks * chunkSize / 2)
  private let storage: UnsafeMutablePointer<UInt32>
  private var ranges: [Range] = []
  /// By chunk: the one filled before it in the same range; -1: none.
  private var before: [Int32] = []

  init() { storage = UnsafeMutableRawPointer(words.start).assumingMemoryBound(to: UInt32.self) }

  var isEmpty: Bool { before.isEmpty }

  /// Adds pairs as long as there is room; returns the position after the last one added.
  ///
  /// - Parameters:
  ///   - users: Ascending.
  ///   - numbers: Of 20 bits; what is below zero is left out.
  mutating func add(
    _ users: UnsafeMutablePointer<Int32>, _ numbers: UnsafeMutablePointer<Int32>, from first: Int, count: Int
  ) -> Int {
    var position = first
    while position < count {
      let index = Int(users[position]) >> Int(Self.rangeBits)
      while index >= ranges.count { ranges.append(Range()) }
      var range = ranges[index]
      if range.chunk < 0 || range.fill == Self.chunkSize {
        guard before.count < Self.mostChunks else { return position }
        before.append(range.chunk)
        range = Range(chunk: Int32(before.count - 1), fill: 0)
      }
      let target = storage + Int(range.chunk) * Self.chunkSize
      let end = (index + 1) << Int(Self.rangeBits)
      var fill = Int(range.fill)
      while position < count, fill < Self.chunkSize {
        let user = users[position]
        if Int(user) >= end { break }
        let number = numbers[position]
        target[fill] =
          UInt32(truncatingIfNeeded: number) &<< Self.rangeBits | UInt32(truncatingIfNeeded: user) & Self.mask
        fill &+= number < 0 ? 0 : 1
        position &+= 1
      }
      range.fill = Int32(truncatingIfNeeded: fill)
      ranges[index] = range
    }
    return position
  }

  /// The pairs of one range.
  struct Chunks {
    fileprivate let storage: UnsafeMutablePointer<UInt32>
    fileprivate let before: [Int32]
    fileprivate let last: Int32
    fileprivate let fill: Int32

    @inline(__always)
    func forEach(_ body: (UnsafeBufferPointer<UInt32>) -> Void) {
      var (chunk, count) = (Int(last), Int(fill))
      while chunk >= 0 {
        body(UnsafeBufferPointer(start: storage + chunk * UserPairs.chunkSize, count: count))
        (chunk, count) = (Int(before[chunk]), UserPairs.chunkSize)
      }
    }
  }

  /// Calls `body` with the first user of each range that has pairs.
  func forEachRange(_ body: (Int, Chunks) -> Void) {
    for (index, range) in ranges.enumerated() where range.chunk >= 0 {
      body(
        index << Int(Self.rangeBits),
        Chunks(storage: storage, before: before, last: range.chunk, fill: range.fill))
    }
  }

  mutating func removeAll() {
    before.removeAll(keepingCapacity: true)
    for index in ranges.indices { ranges[index] = Range() }
  }
}

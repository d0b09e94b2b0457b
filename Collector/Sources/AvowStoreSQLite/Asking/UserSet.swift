/// A set of user numbers, one bit each, without the checks of an array.
struct UserSet: ~Copyable {
  private(set) var words: UnsafeMutablePointer<UInt32>
  private var wordCount = 0

  init() { words = .allocate(capacity: 1) }

  deinit { words.deallocate() }

  mutating func makeRoom(for user: Int) {
    if user >> 5 < wordCount { return }
    let room = max((user >> 5) + 1, wordCount * 3 / 2, 128)
    let more = UnsafeMutablePointer<UInt32>.allocate(capacity: room)
    more.update(from: words, count: wordCount)
    (more + wordCount).update(repeating: 0, count: room - wordCount)
    words.deallocate()
    words = more
    wordCount = room
  }

  /// Adds users there is room for.
  func insert(_ users: UnsafeBufferPointer<Int32>) {
    let words = words
    for user in users { words[Int(user) &>> 5] |= 1 &<< UInt32(truncatingIfNeeded: user) }
  }

  /// Adds users there is room for; returns how many were not there.
  func insertCounting(_ users: UnsafeBufferPointer<Int32>) -> Int {
    let words = words
    var count = 0
    for user in users { count &+= Self.insert(user, words) }
    return count
  }

  /// Adds users there is room for, and leaves only those in `users` that were not there; returns how many.
  func keepNew(_ users: UnsafeMutablePointer<Int32>, count: Int) -> Int {
    let words = words
    var kept = 0
    for position in 0..<count {
      let user = users[position]
      users[kept] = user
      kept &+= Self.insert(user, words)
    }
    return kept
  }

  /// Adds a user; returns 1 when he was not there, else 0.
  @inline(__always)
  static func insert(_ user: Int32, _ words: UnsafeMutablePointer<UInt32>) -> Int {
    let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: user)
    let before = words[Int(user) &>> 5]
    words[Int(user) &>> 5] = before | bit
    return before & bit == 0 ? 1 : 0
  }

  func removeAll() { words.update(repeating: 0, count: wordCount) }

  /// Adds all users of another set.
  mutating func formUnion(_ other: borrowing UserSet) {
    makeRoom(for: max(0, other.wordCount * 32 - 1))
    let (words, others) = (words, other.words)
    for index in 0..<other.wordCount { words[index] |= others[index] }
  }

  var count: Int {
    var count = 0
    for index in 0..<wordCount where words[index] != 0 { count += words[index].nonzeroBitCount }
    return count
  }

  /// How many users are in both.
  func countInBoth(_ other: borrowing UserSet) -> Int {
    var count = 0
    for index in 0..<min(wordCount, other.wordCount) where words[index] & other.words[index] != 0 {
      count += (words[index] & other.words[index]).nonzeroBitCount
    }
    return count
  }
}

/// A value for each user number, without the checks of an array.
struct PerUser<Value: BitwiseCopyable>: ~Copyable {
  private(set) var values: UnsafeMutablePointer<Value>
  private(set) var count = 0
  private let initial: Value

  init(_ initial: Value) {
    self.initial = initial
    values = .allocate(capacity: 1)
  }

  deinit { values.deallocate() }

  mutating func makeRoom(for user: Int) {
    if user < count { return }
    let room = max(user + 1, count * 3 / 2, 1024)
    let more = UnsafeMutablePointer<Value>.allocate(capacity: room)
    more.update(from: values, count: count)
    (more + count).update(repeating: initial, count: room - count)
    values.deallocate()
    values = more
    count = room
  }

  func reset() { values.update(repeating: initial, count: count) }
}

/// Which users belong to which groups.
///
/// For each user there is a bit for each of the first groups. Rows come in order of users, so the bits of a
/// row lie beside those of the row before, whatever its group; a set for each group would be read all over.
final class GroupUsers {
  private var bits: UnsafeMutablePointer<UInt64>
  /// Words of 64 groups a user has.
  private var width = 1
  private var userCount: Int
  private var counts: UnsafeMutablePointer<Int>
  private var groupCount = 0
  private var groupRoom = 64
  /// Of the groups that have no bits any more.
  private var tables: [Set<UInt32>] = []

  /// With half a million users, 64 megabytes.
  private static let mostWidth = 16

  /// - Parameter greatest: A user number that is likely not exceeded.
  init(greatest: Int) {
    userCount = greatest + 1
    bits = .allocate(capacity: userCount)
    bits.initialize(repeating: 0, count: userCount)
    counts = .allocate(capacity: groupRoom)
    counts.initialize(repeating: 0, count: groupRoom)
  }

  deinit {
    bits.deallocate()
    counts.deallocate()
  }

  /// Makes room for one more group.
  func add() {
    groupCount += 1
    if groupCount > groupRoom {
      let more = UnsafeMutablePointer<Int>.allocate(capacity: groupRoom * 4)
      more.initialize(repeating: 0, count: groupRoom * 4)
      more.update(from: counts, count: groupRoom)
      counts.deallocate()
      counts = more
      groupRoom *= 4
    }
    if groupCount > Self.mostWidth * 64 {
      tables.append([])
    } else if groupCount > width * 64 {
      resize(users: userCount, width: width * 4)
    }
  }

  func makeRoom(for user: Int) {
    if user >= userCount { resize(users: user * 5 / 4 + 1024, width: width) }
  }

  /// Fast ways in, good until the next group or user that needs room.
  var inserter: Inserter { Inserter(users: self, bits: bits, counts: counts, width: width) }

  struct Inserter {
    fileprivate let users: GroupUsers
    fileprivate let bits: UnsafeMutablePointer<UInt64>
    fileprivate let counts: UnsafeMutablePointer<Int>
    fileprivate let width: Int

    /// Precondition: there is room for the user.
    @inline(__always)
    func insert(_ user: UInt32, _ group: Int) {
      let word = group >> 6
      if word >= width { return users.insertIntoTable(user, group) }
      let place = Int(user) * width + word
      let before = bits[place]
      let after = before | 1 << UInt64(group & 63)
      bits[place] = after
      counts[group] += before == after ? 0 : 1
    }
  }

  private func insertIntoTable(_ user: UInt32, _ group: Int) {
    if tables[group - Self.mostWidth * 64].insert(user).inserted { counts[group] += 1 }
  }

  private func resize(users: Int, width: Int) {
    let more = UnsafeMutablePointer<UInt64>.allocate(capacity: users * width)
    more.initialize(repeating: 0, count: users * width)
    for user in 0..<userCount {
      for word in 0..<self.width { more[user * width + word] = bits[user * self.width + word] }
    }
    bits.deallocate()
    bits = more
    userCount = users
    self.width = width
  }

  func count(of group: Int) -> Int { counts[group] }

  /// How many users belong to at least one of these groups.
  func count(ofAny groups: [Int]) -> Int {
    var masks = [UInt64](repeating: 0, count: width)
    var others: Set<UInt32> = []
    for group in groups {
      if group >> 6 < width {
        masks[group >> 6] |= 1 << UInt64(group & 63)
      } else {
        others.formUnion(tables[group - Self.mostWidth * 64])
      }
    }
    var count = 0
    for user in 0..<userCount {
      for word in 0..<width where bits[user * width + word] & masks[word] != 0 {
        count += 1
        others.remove(UInt32(user))
        break
      }
    }
    return count + others.count
  }
}

/// The users of all groups in one period.
struct PairSet {
  private var keys: [UInt64] = Array(repeating: 0, count: 1024)
  private var count = 0

  /// Returns whether the pair was not there yet. Users count from 1, so no pair is 0.
  @inline(__always)
  mutating func insert(group: Int, user: UInt32) -> Bool {
    let key = UInt64(group) << 32 | UInt64(user)
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while keys[slot] != 0 {
      if keys[slot] == key { return false }
      slot = (slot + 1) & mask
    }
    keys[slot] = key
    count += 1
    if count * 2 > keys.count { grow() }
    return true
  }

  private mutating func grow() {
    let old = keys
    keys = Array(repeating: 0, count: old.count * 4)
    let mask = keys.count - 1
    for key in old where key != 0 {
      var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      keys[slot] = key
    }
  }

  mutating func removeAll() {
    if count == 0 { return }
    count = 0
    keys.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }
}

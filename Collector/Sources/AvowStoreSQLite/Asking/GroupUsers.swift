/// Which users belong to which groups, over the whole interval and in one period after the other.
///
/// For each user there is a bit for each of the first groups. All these bits are more than a processor keeps at
/// hand, so what is added is first collected by range of users, and then taken range by range.
final class GroupUsers {
  private var bits = ZeroedWords(count: 0)
  /// The bits of the period at hand; without room when nobody asks for it.
  private var now = ZeroedWords(count: 0)
  /// Words of 64 groups a user has.
  private var width = 1
  private var userCount: Int
  private var counts: [Int] = []
  private var countsNow: [Int] = []
  /// Of the groups that have no bits any more.
  private var tables: [Set<UInt32>] = []
  private var tablesNow: [Set<UInt32>] = []
  /// By user the bits of the first 16 groups, as long as there are no more: these few are at hand.
  private var few: PerUser<UInt16>? = PerUser(0)
  private var isCounted = false
  /// Whether pairs of the period at hand were taken before its end.
  private var isCut = false
  private var pairs = UserPairs()

  /// With half a million users, 64 megabytes.
  private static let mostWidth = 16
  private static let mostGroups = mostWidth * 64

  /// - Parameter greatest: A user number that is likely not exceeded.
  init(greatest: Int) { userCount = greatest + 1 }

  /// Makes room for one more group.
  func add() {
    counts.append(0)
    countsNow.append(0)
    if counts.count > Self.mostGroups {
      tables.append([])
      tablesNow.append([])
    }
  }

  /// Begins a period. Only when it `isCounted` is its end told how many users each group had in it.
  func beginPeriod(isCounted: Bool) {
    if isCounted || self.isCounted { take() }
    self.isCounted = isCounted
    isCut = false
  }

  /// Ends a counted period; returns how many users each group had in it.
  func endPeriod() -> [Int] {
    let wasCut = isCut
    take(clears: !wasCut)
    if wasCut { now.reset() }
    for index in tablesNow.indices where !tablesNow[index].isEmpty { tablesNow[index] = [] }
    defer { countsNow = Array(repeating: 0, count: countsNow.count) }
    return countsNow
  }

  /// Adds users to groups.
  ///
  /// - Parameters:
  ///   - users: Ascending.
  ///   - groups: The group of each; one below zero is no pair. Changed.
  func insert(
    _ users: UnsafeMutablePointer<Int32>, _ groups: UnsafeMutablePointer<Int32>, count: Int
  ) {
    if count == 0 { return }
    let greatest = Int(users[count - 1])
    if greatest >= userCount { userCount = greatest * 5 / 4 + 1024 }
    if insertIntoFew(users, groups, count, greatest) { return }
    if counts.count > Self.mostGroups { insertIntoTables(users, groups, count) }
    var position = 0
    while true {
      position = pairs.add(users, groups, from: position, count: count)
      if position == count { return }
      isCut = true
      take()
    }
  }

  func insert(_ user: Int32, _ group: Int) {
    var (user, group) = (user, Int32(truncatingIfNeeded: group))
    insert(&user, &group, count: 1)
  }

  /// Returns `false` when there are too many groups, or the period must be counted.
  private func insertIntoFew(
    _ users: UnsafeMutablePointer<Int32>, _ groups: UnsafeMutablePointer<Int32>, _ count: Int, _ greatest: Int
  ) -> Bool {
    if few == nil { return false }
    guard counts.count <= 16, !isCounted else {
      spreadFew()
      return false
    }
    few?.makeRoom(for: greatest)
    guard let bits = few?.values else { return false }
    for position in 0..<count {
      let group = groups[position]
      let bit: UInt32 = group < 0 ? 0 : 1 &<< UInt32(truncatingIfNeeded: group)
      bits[Int(users[position])] |= UInt16(truncatingIfNeeded: bit)
    }
    return true
  }

  /// Puts what the few bits say to the many.
  private func spreadFew() {
    guard let old = few.take() else { return }
    if old.count == 0 { return }
    userCount = max(userCount, old.count)
    makeRoom()
    for user in 0..<old.count {
      var rest = old.values[user]
      if rest == 0 { continue }
      bits.start[user * width] = UInt64(rest)
      while rest != 0 {
        counts[rest.trailingZeroBitCount] += 1
        rest &= rest - 1
      }
    }
  }

  private func insertIntoTables(
    _ users: UnsafeMutablePointer<Int32>, _ groups: UnsafeMutablePointer<Int32>, _ count: Int
  ) {
    for position in 0..<count where groups[position] >= Self.mostGroups {
      let (user, group) = (UInt32(users[position]), Int(groups[position]))
      let table = group - Self.mostGroups
      if tables[table].insert(user).inserted { counts[group] += 1 }
      if isCounted, tablesNow[table].insert(user).inserted { countsNow[group] += 1 }
      groups[position] = -1
    }
  }

  // MARK: Bits

  /// Takes what was collected.
  ///
  /// - Parameter clears: Whether the bits of the period are cleared again.
  private func take(clears: Bool = false) {
    if pairs.isEmpty { return }
    makeRoom()
    let width = width
    counts.withUnsafeMutableBufferPointer { counts in
      pairs.forEachRange { first, chunks in
        guard let counts = counts.baseAddress else { return }
        Self.set(bits.start + first * width, width, chunks, counts)
      }
    }
    if isCounted {
      countsNow.withUnsafeMutableBufferPointer { counts in
        pairs.forEachRange { first, chunks in
          guard let counts = counts.baseAddress else { return }
          Self.set(now.start + first * width, width, chunks, counts)
          if clears { Self.clear(now.start + first * width, width, chunks) }
        }
      }
    }
    pairs.removeAll()
  }

  private static func set(
    _ base: UnsafeMutablePointer<UInt64>, _ width: Int, _ chunks: UserPairs.Chunks,
    _ counts: UnsafeMutablePointer<Int>
  ) {
    chunks.forEach { pairs in
      for pair in pairs {
        let group = Int(pair &>> UserPairs.rangeBits)
        let place = Int(pair & UserPairs.mask) &* width &+ group &>> 6
        let before = base[place]
        let after = before | 1 &<< UInt64(truncatingIfNeeded: group)
        base[place] = after
        counts[group] &+= before == after ? 0 : 1
      }
    }
  }

  private static func clear(
    _ base: UnsafeMutablePointer<UInt64>, _ width: Int, _ chunks: UserPairs.Chunks
  ) {
    chunks.forEach { pairs in
      for pair in pairs {
        base[Int(pair & UserPairs.mask) &* width &+ Int(pair &>> UserPairs.rangeBits) &>> 6] = 0
      }
    }
  }

  private func makeRoom() {
    let needed = (min(counts.count, Self.mostGroups) + 63) / 64
    if needed > width {
      // Who grows once grows again, but the first time everything is still empty.
      let next = bits.count == 0 ? needed : min(Self.mostWidth, max(needed, width * 3 / 2))
      bits.widen(from: width, to: next)
      now.widen(from: width, to: next)
      width = next
    }
    bits.grow(to: userCount * width)
    if isCounted { now.grow(to: userCount * width) }
  }

  func count(of group: Int) -> Int {
    spreadFew()
    take()
    return counts[group]
  }

  /// How many users belong to at least one of these groups.
  func count(ofAny groups: [Int]) -> Int {
    spreadFew()
    take()
    var masks = [UInt64](repeating: 0, count: width)
    var others: Set<UInt32> = []
    for group in groups {
      if group < Self.mostGroups {
        if group >> 6 < width { masks[group >> 6] |= 1 << UInt64(group & 63) }
      } else {
        others.formUnion(tables[group - Self.mostGroups])
      }
    }
    var count = 0
    let (start, width) = (bits.start, width)
    masks.withUnsafeBufferPointer { masks in
      for user in 0..<bits.count / width {
        var common: UInt64 = 0
        for word in 0..<width { common |= start[user &* width &+ word] & masks[word] }
        count &+= common == 0 ? 0 : 1
        if !others.isEmpty, common != 0 { others.remove(UInt32(user)) }
      }
    }
    return count + others.count
  }
}

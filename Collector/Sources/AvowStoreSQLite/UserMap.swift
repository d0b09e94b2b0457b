import AvowWire

/// All pseudonyms of one app in memory, each with its dense number: about 24 bytes a user.
struct UserMap {
  private var slots: [Slot]
  private(set) var count = 0
  /// The number the next new user gets; numbers are never used twice.
  var next: UInt32
  private let seeds = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

  private struct Slot {
    var user: Identifier128
    /// 0: free.
    var number: UInt32
  }
  private static let free = Slot(user: Identifier128(high: 0, low: 0), number: 0)

  init(next: UInt32 = 1) {
    self.next = next
    slots = Array(repeating: Self.free, count: 64)
  }

  @inline(__always)
  func number(of user: Identifier128) -> UInt32? {
    let mask = slots.count - 1
    var slot = home(of: user)
    while true {
      let entry = slots[slot]
      if entry.number == 0 { return nil }
      if entry.user == user { return entry.number }
      slot = (slot + 1) & mask
    }
  }

  /// Gives a user who is not there yet the next number.
  mutating func add(_ user: Identifier128) -> UInt32 {
    let number = next
    next += 1
    insert(user, number)
    return number
  }

  mutating func insert(_ user: Identifier128, _ number: UInt32) {
    if (count + 1) * 4 > slots.count * 3 {
      let old = slots
      slots = Array(repeating: Self.free, count: old.count * 2)
      for entry in old where entry.number != 0 { place(entry) }
    }
    place(Slot(user: user, number: number))
    count += 1
  }

  /// Takes a user out and closes the gap, so that a search never stops too early.
  mutating func remove(_ user: Identifier128) {
    let mask = slots.count - 1
    var gap = home(of: user)
    while slots[gap].user != user || slots[gap].number == 0 {
      if slots[gap].number == 0 { return }
      gap = (gap + 1) & mask
    }
    var slot = (gap + 1) & mask
    while slots[slot].number != 0 {
      let distance = (slot - home(of: slots[slot].user)) & mask
      if distance >= (slot - gap) & mask {
        slots[gap] = slots[slot]
        gap = slot
      }
      slot = (slot + 1) & mask
    }
    slots[gap] = Self.free
    count -= 1
  }

  private mutating func place(_ entry: Slot) {
    let mask = slots.count - 1
    var slot = home(of: entry.user)
    while slots[slot].number != 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }

  /// Native clients choose their pseudonyms, so the place is not theirs to choose.
  @inline(__always)
  private func home(of user: Identifier128) -> Int {
    let product = (user.low ^ seeds.0).multipliedFullWidth(by: user.high ^ seeds.1)
    return Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
  }
}

/// A map from whole numbers to small ones; several times as fast as `Dictionary`, which hashes against
/// attackers where here nobody chooses the keys.
struct IntegerMap {
  private var keys: [Int64]
  /// -1: free.
  private var values: [Int32]
  private(set) var count = 0

  init() {
    keys = Array(repeating: 0, count: 16)
    values = Array(repeating: -1, count: 16)
  }

  @inline(__always)
  private func home(_ key: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
  }

  /// The value of a key; -1 when there is none.
  @inline(__always)
  func value(of key: Int64) -> Int32 {
    var slot = home(key)
    while values[slot] >= 0 {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & (keys.count - 1)
    }
    return -1
  }

  /// Adds a key that is not there yet.
  mutating func insert(_ key: Int64, _ value: Int32) {
    if count * 2 >= keys.count { grow() }
    place(key, value)
    count += 1
  }

  /// Forgets everything and keeps the room.
  mutating func removeAll() {
    if count == 0 { return }
    for slot in values.indices { values[slot] = -1 }
    count = 0
  }

  private mutating func place(_ key: Int64, _ value: Int32) {
    var slot = home(key)
    while values[slot] >= 0 { slot = (slot + 1) & (keys.count - 1) }
    keys[slot] = key
    values[slot] = value
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: oldKeys.count * 4)
    values = Array(repeating: -1, count: oldKeys.count * 4)
    for slot in oldKeys.indices where oldValues[slot] >= 0 { place(oldKeys[slot], oldValues[slot]) }
  }
}

import Foundation

/// A map from byte strings to numbers that takes no more memory than allowed: a cache of a dictionary
/// table. When it is full it forgets everything and starts again; what it lacks is asked of SQLite.
struct BytesMap {
  private struct Entry {
    var hash: UInt64
    var offset: Int
    var count: Int
    var value: Int64
  }

  private var slots: [Int32]
  private var entries: [Entry] = []
  private var arena: [UInt8] = []
  private let capacity: Int
  private let seed = UInt64.random(in: .min ... .max)

  /// Creates an empty map that keeps at most `capacity` bytes of keys.
  init(capacity: Int) {
    self.capacity = capacity
    slots = Array(repeating: -1, count: 256)
  }

  /// Forgets everything.
  mutating func removeAll() {
    slots = Array(repeating: -1, count: 256)
    entries = []
    arena = []
  }

  func value(of bytes: UnsafeRawBufferPointer) -> Int64? {
    let hash = Self.hash(bytes, seed: seed)
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if entry.hash == hash, entry.count == bytes.count, equals(entry, bytes) { return entry.value }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Adds what is not there yet.
  mutating func insert(_ bytes: UnsafeRawBufferPointer, _ value: Int64) {
    // A key as long as a good part of the room would push all others out.
    guard bytes.count <= capacity / 64 else { return }
    if arena.count + bytes.count + entries.count * 48 > capacity { removeAll() }
    if entries.count * 2 >= slots.count { grow() }
    let hash = Self.hash(bytes, seed: seed)
    entries.append(Entry(hash: hash, offset: arena.count, count: bytes.count, value: value))
    arena.append(contentsOf: bytes)
    place(Int32(entries.count - 1), hash)
  }

  private mutating func place(_ index: Int32, _ hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = index
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for index in entries.indices { place(Int32(index), entries[index].hash) }
  }

  private func equals(_ entry: Entry, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let other = bytes.baseAddress else { return entry.count == 0 }
    return arena.withUnsafeBytes { arena in
      guard let base = arena.baseAddress else { return entry.count == 0 }
      return memcmp(base + entry.offset, other, entry.count) == 0
    }
  }

  /// Folds eight bytes at a time by a 128-bit product. Seeded, so that nobody can choose texts that collide.
  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var state = seed ^ UInt64(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      state = fold(
        state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0x9E37_79B9_7F4A_7C15)
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return fold(state ^ rest, 0xD6E8_FEB8_6659_FD93 ^ seed)
  }

  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

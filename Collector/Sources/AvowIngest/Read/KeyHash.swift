/// Hashes and compares keys eight bytes at a time.
///
/// The hash need not resist an attacker: tables hold only names the operator's catalogs declare, and a
/// match is confirmed byte by byte.
enum KeyHash {
  @inline(__always)
  static func hash(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    let raw = UnsafeRawPointer(base)
    var low: UInt64
    var high: UInt64
    if count >= 8 {
      low = raw.loadUnaligned(as: UInt64.self)
      high = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
      var offset = 8
      while offset + 8 < count {
        low = (low ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        low ^= low >> 29
        offset += 8
      }
    } else if count >= 4 {
      low = UInt64(raw.loadUnaligned(as: UInt32.self))
      high = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    } else if count > 0 {
      low = UInt64(base[0]) << 16 | UInt64(base[count / 2]) << 8 | UInt64(base[count - 1])
      high = 0
    } else {
      low = 0
      high = 0
    }
    var mixed = (low ^ (high << 32 | high >> 32) ^ UInt64(count)) &* 0xD6E8_FEB8_6659_FD93
    mixed ^= mixed >> 32
    return UInt32(truncatingIfNeeded: mixed)
  }

  static func hash(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { hash($0) }
  }

  static func hash(_ bytes: Bytes) -> UInt32 {
    // An empty buffer may have no address; its hash is what the general way gives for no bytes.
    bytes.baseAddress.map { hash($0, bytes.count) } ?? 0
  }

  @inline(__always)
  static func same(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let a = UnsafeRawPointer(left)
    let b = UnsafeRawPointer(right)
    if count >= 8 {
      var offset = 0
      while offset + 8 < count {
        if a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        {
          return false
        }
        offset += 8
      }
      // The last eight may overlap the ones before: cheaper than a loop over the rest.
      return a.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        == b.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    }
    if count >= 4 {
      return a.loadUnaligned(as: UInt32.self) == b.loadUnaligned(as: UInt32.self)
        && a.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
          == b.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
    }
    for offset in 0..<count where left[offset] != right[offset] { return false }
    return true
  }
}

extension KeyHash {
  /// Whether a key is this word.
  @inline(__always)
  static func same(_ key: Bytes, _ word: StaticString) -> Bool {
    guard key.count == word.utf8CodeUnitCount, let base = key.baseAddress else { return false }
    return same(base, word.utf8Start, key.count)
  }
}

/// Finds the number of a declared name from its bytes; names may repeat under different scopes.
struct KeyTable: Sendable {
  private struct Entry {
    var hash: UInt32
    var scope: UInt32
    var offset: UInt32
    var length: UInt32
    var value: Int32
  }

  private var entries: [Entry]
  private var names: [UInt8] = []
  private let mask: Int

  /// Creates a table; of a name that comes twice in a scope the first counts.
  init(_ pairs: [(scope: Int, name: String, value: Int)]) {
    var size = 8
    while size < pairs.count * 2 { size *= 2 }
    mask = size - 1
    entries = Array(repeating: Entry(hash: 0, scope: 0, offset: 0, length: 0, value: -1), count: size)
    for pair in pairs {
      let hash = KeyHash.hash(pair.name)
      var slot = position(hash, UInt32(pair.scope))
      var isKnown = false
      while entries[slot].value >= 0 {
        let entry = entries[slot]
        let known = names[Int(entry.offset)..<Int(entry.offset + entry.length)]
        if entry.scope == UInt32(pair.scope), known.elementsEqual(pair.name.utf8) {
          isKnown = true
          break
        }
        slot = (slot + 1) & mask
      }
      if isKnown { continue }
      entries[slot] = Entry(
        hash: hash, scope: UInt32(pair.scope), offset: UInt32(names.count),
        length: UInt32(pair.name.utf8.count), value: Int32(pair.value))
      names.append(contentsOf: pair.name.utf8)
    }
  }

  /// Creates a table of names in one scope, each with its position.
  init(names: [String]) {
    self.init(names.enumerated().map { (0, $1, $0) })
  }

  @inline(__always)
  private func position(_ hash: UInt32, _ scope: UInt32) -> Int {
    Int((hash ^ scope &* 0x9E37_79B1)) & mask
  }

  /// Returns the number of a name, -1 for one that is not declared.
  @inline(__always)
  func find(_ key: Bytes, hash: UInt32, scope: Int = 0) -> Int {
    var slot = position(hash, UInt32(truncatingIfNeeded: scope))
    while true {
      let entry = entries[slot]
      if entry.value < 0 { return -1 }
      if entry.hash == hash, entry.scope == UInt32(truncatingIfNeeded: scope), Int(entry.length) == key.count
      {
        let matches = names.withUnsafeBufferPointer { names in
          guard let base = names.baseAddress, let key = key.baseAddress else { return entry.length == 0 }
          return KeyHash.same(base + Int(entry.offset), key, Int(entry.length))
        }
        if matches { return Int(entry.value) }
      }
      slot = (slot + 1) & mask
    }
  }

  /// Returns the number of a name, -1 for one that is not declared.
  func find(_ name: String) -> Int {
    var name = name
    return name.withUTF8 { find($0, hash: KeyHash.hash($0)) }
  }
}

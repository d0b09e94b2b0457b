/// A name as two words and a length: equal up to 16 bytes when these are.
struct NameKey: Equatable {
  var first: UInt64
  var last: UInt64
  var count: Int

  @inline(__always)
  init(_ bytes: UnsafePointer<UInt8>, count: Int) {
    self.count = count
    let raw = UnsafeRawPointer(bytes)
    if count >= 8 {
      first = raw.loadUnaligned(as: UInt64.self)
      last = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    } else if count >= 4 {
      first = UInt64(raw.loadUnaligned(as: UInt32.self))
      last = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    } else if count > 0 {
      first = UInt64(bytes[0])
      last = UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
    } else {
      first = 0
      last = 0
    }
  }

  /// A place in a table of a power of two.
  @inline(__always)
  func slot(_ mask: Int) -> Int {
    let mixed =
      (first ^ (last &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93 &+ UInt64(truncatingIfNeeded: count)
    return Int(truncatingIfNeeded: mixed >> 40) & mask
  }
}

/// A declared name that lives as long as its table.
struct TableName {
  let key: NameKey
  let bytes: UnsafeMutablePointer<UInt8>

  init(_ text: String) {
    let utf8 = Array(text.utf8)
    bytes = .allocate(capacity: max(1, utf8.count))
    bytes.update(from: utf8, count: utf8.count)
    key = NameKey(bytes, count: utf8.count)
  }

  @inline(__always)
  func equals(_ other: NameKey, _ otherBytes: UnsafePointer<UInt8>) -> Bool {
    guard key.first == other.first, key.last == other.last, key.count == other.count else { return false }
    return key.count <= 16 || isMiddleEqual(otherBytes)
  }

  /// Whether a long name is the same between its first and its last word.
  private func isMiddleEqual(_ otherBytes: UnsafePointer<UInt8>) -> Bool {
    for index in 8..<key.count - 8 where bytes[index] != otherBytes[index] { return false }
    return true
  }
}

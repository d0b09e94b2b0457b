import AvowWire

/// The textual form of a UUID.
enum UUIDText {
  /// Returns 16 bytes as lower-case digits with dashes.
  static func text(of bytes: [UInt8]) -> String {
    let groups = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
    return groups.map { hexadecimal($0) }.joined(separator: "-")
  }

  /// Returns a UUID of version 1, as Python's `uuid1()` makes it: the clock and the network card's address.
  static func version1(milliseconds: Int64, node: UInt64, sequence: UInt64) -> String {
    // RFC 9562, section 5.1: 100 ns intervals since 1582-10-15.
    let ticks = UInt64(milliseconds + 12_219_292_800_000) * 10_000 + sequence % 10_000
    let clock = UInt16(truncatingIfNeeded: sequence >> 16) & 0x3FFF | 0x8000
    let bytes =
      bytes(of: ticks, 4, shift: 0) + bytes(of: ticks, 2, shift: 32)
      + bytes(of: ticks >> 48 & 0x0FFF | 0x1000, 2, shift: 0) + bytes(of: UInt64(clock), 2, shift: 0)
      + bytes(of: node, 6, shift: 0)
    return text(of: bytes)
  }

  private static func bytes(of word: UInt64, _ count: Int, shift: UInt64) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: word >> (shift + UInt64($0) * 8)) }
  }
}

/// 128 bits that name something without saying anything about it.
///
/// Event identifiers and pseudonyms are such values; as text they are 32 hexadecimal digits.
public struct Identifier128: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  /// Creates an identifier from its halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Takes the first 16 of `bytes`, big-endian. Precondition: there are at least 16.
  @inlinable
  public init(bytes: some Collection<UInt8>) { self.init(bytes: Array(bytes.prefix(16))) }

  /// Takes the first 16 of `bytes`, big-endian. Precondition: there are at least 16.
  public init(bytes: [UInt8]) {
    precondition(bytes.count >= 16, "an identifier needs 16 bytes")
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<8 {
      high = high << 8 | UInt64(bytes[index])
      low = low << 8 | UInt64(bytes[index + 8])
    }
    self.init(high: high, low: low)
  }

  /// Reads 32 hexadecimal digits, with or without the dashes of a UUID; `nil` for anything else.
  @inlinable
  public init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8)) }

  /// Reads 32 hexadecimal digits, with or without the dashes of a UUID; `nil` for anything else.
  public init?(utf8: [UInt8]) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0
    for byte in utf8 {
      if byte == UInt8(ascii: "-") { continue }
      guard let digit = hexadecimalDigit(byte), count < 32 else { return nil }
      if count < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      count += 1
    }
    guard count == 32 else { return nil }
    self.init(high: high, low: low)
  }

  /// Big-endian, 16 bytes.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { bytes, count in
      for index in 0..<16 {
        let word = index < 8 ? high : low
        bytes.initializeElement(at: index, to: UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8)))
      }
      count = 16
    }
  }

  public var description: String { hexadecimal(bytes) }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// The value of a hexadecimal digit in either case; `nil` for another byte.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
  default: nil
  }
}

/// 128 bits that name something without saying anything about it.
///
/// Event identifiers and pseudonyms are such values; as text they are 32 hexadecimal digits.
public struct Identifier128: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var high: UInt64
  public var low: UInt64

  /// Creates an identifier from its halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Takes the first 16 of `bytes`, big-endian. Precondition: there are at least 16.
  public init(bytes: some Collection<UInt8>) {
    precondition(bytes.count >= 16, "an identifier needs 16 bytes")
    var high: UInt64 = 0
    var low: UInt64 = 0
    for (index, byte) in bytes.prefix(16).enumerated() {
      if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
    }
    self.init(high: high, low: low)
  }

  /// Reads 32 hexadecimal digits, with or without the dashes of a UUID; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "-") { continue }
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, count < 32 else {
        return nil
      }
      if count < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      count += 1
    }
    guard count == 32 else { return nil }
    self.init(high: high, low: low)
  }

  /// Big-endian, 16 bytes.
  public var bytes: [UInt8] {
    [high, low].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
    }
  }

  public var description: String { hexadecimal(bytes) }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

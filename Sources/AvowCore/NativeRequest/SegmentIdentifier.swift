/// The 96 random bits a spool segment draws; with an event's number they are the event's identifier.
///
/// As text they are 24 hexadecimal digits.
public struct SegmentIdentifier: Sendable, Hashable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt32

  /// Creates an identifier from its parts.
  public init(high: UInt64, low: UInt32) {
    self.high = high
    self.low = low
  }

  /// Reads 24 hexadecimal digits; `nil` for anything else.
  @inlinable
  public init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8)) }

  /// Reads 24 hexadecimal digits; `nil` for anything else.
  public init?(utf8: [UInt8]) {
    guard utf8.count == 24,
      let whole = Identifier128(utf8: utf8 + [UInt8](repeating: UInt8(ascii: "0"), count: 8))
    else { return nil }
    self.init(high: whole.high, low: UInt32(truncatingIfNeeded: whole.low >> 32))
  }

  /// Returns the identifier of the event with this number.
  public func event(_ number: UInt32) -> Identifier128 {
    Identifier128(high: high, low: UInt64(low) << 32 | UInt64(number))
  }

  public var description: String { String(event(0).description.prefix(24)) }
}

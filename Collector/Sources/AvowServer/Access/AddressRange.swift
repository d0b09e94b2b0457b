#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Addresses that begin alike, such as `10.0.0.0/8` or one single address.
public struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let bits: Int

  /// Reads an address with or without a length; `nil` when it is neither.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.bytes(String(parts[0])) else { return nil }
    let length = parts.count == 2 ? Int(parts[1]) : bytes.count * 8
    guard let length, (0...bytes.count * 8).contains(length) else { return nil }
    self.bytes = bytes
    bits = length
  }

  /// Whether the range holds an address.
  func contains(_ address: String) -> Bool {
    guard let other = Self.bytes(address), other.count == bytes.count else { return false }
    for index in 0..<bits / 8 where bytes[index] != other[index] { return false }
    guard bits % 8 > 0 else { return true }
    let mask = ~(UInt8.max >> UInt8(bits % 8))
    return bytes[bits / 8] & mask == other[bits / 8] & mask
  }

  /// The bytes of an address; an IPv4 one inside IPv6 is the IPv4 one.
  static func bytes(_ address: String) -> [UInt8]? {
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, address, &four) == 1 { return four }
    var six = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, address, &six) == 1 else { return nil }
    let isMapped = six[0..<10].allSatisfy { $0 == 0 } && six[10] == 0xFF && six[11] == 0xFF
    return isMapped ? Array(six[12...]) : six
  }

  /// The address of what a proxy says of a sender, with or without a port: `203.0.113.5:1234`, `[2001:db8::1]:443`.
  static func address(_ text: String) -> String? {
    if bytes(text) != nil { return text }
    var address = Substring(text)
    if address.first == "[", let end = address.firstIndex(of: "]") {
      address = address[..<end].dropFirst()
    } else if let colon = address.lastIndex(of: ":") {
      address = address[..<colon]
    }
    return bytes(String(address)) == nil ? nil : String(address)
  }

  /// This machine itself.
  static let loopback = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }
}

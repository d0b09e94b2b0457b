#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reduces a connection's address to its network: /24 of IPv4, /48 of IPv6.
enum NetworkPart {
  /// `192.0.2.0/24` or `2001:db8:1::/48`; `nil` for what is no address.
  static func of(_ address: String) -> String? {
    let bare = address.prefix { $0 != "%" }
    var four = in_addr()
    if inet_pton(AF_INET, String(bare), &four) == 1 {
      let bytes = withUnsafeBytes(of: four) { Array($0) }
      return "\(bytes[0]).\(bytes[1]).\(bytes[2]).0/24"
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, String(bare), &six) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: six) { Array($0) }
    // An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2): /48 of it would be the same for everybody.
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
      return "\(bytes[12]).\(bytes[13]).\(bytes[14]).0/24"
    }
    let groups = stride(from: 0, to: 6, by: 2).map {
      String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
    }
    return groups.joined(separator: ":") + "::/48"
  }
}

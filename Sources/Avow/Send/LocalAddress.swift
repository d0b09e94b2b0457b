/// A collector on this machine: `http://` to a loopback name, or a unix socket.
struct LocalAddress: Equatable {
  enum Place: Equatable {
    case loopback(families: [Int32], port: UInt16)
    case unix(path: String)
  }

  var place: Place
  var host: String
  /// What the request line asks for.
  var target: String

  /// Reads an address; `nil` for one that is not on this machine or needs TLS.
  ///
  /// A unix socket is written `unix:/run/avow.sock:/v1/events`, or with its path as the percent-encoded host:
  /// `http+unix://%2Frun%2Favow.sock/v1/events`.
  init?(_ url: String) {
    if url.hasPrefix("unix:") {
      let rest = url.dropFirst(5)
      guard rest.hasPrefix("/"), let colon = rest.firstIndex(of: ":") else { return nil }
      self.init(socket: String(rest[..<colon]), target: rest[rest.index(after: colon)...])
      return
    }
    if url.lowercased().hasPrefix("http+unix://") {
      let rest = url.dropFirst(12)
      let encoded = rest.prefix { $0 != "/" && $0 != "?" }
      guard let path = Self.percentDecoded(encoded), path.hasPrefix("/") else { return nil }
      self.init(socket: path, target: rest.dropFirst(encoded.count))
      return
    }
    guard url.lowercased().hasPrefix("http://") else { return nil }
    let rest = url.dropFirst(7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    var name = authority
    var port: UInt16 = 80
    if let colon = authority.lastIndex(of: ":"), authority[colon...].dropFirst().allSatisfy(\.isNumber),
      !authority.hasSuffix("]")
    {
      guard let number = PlainText.number(authority[authority.index(after: colon)...]),
        let known = UInt16(exactly: number)
      else { return nil }
      port = known
      name = authority[..<colon]
    }
    let families: [Int32]
    switch name.lowercased() {
    case "127.0.0.1": families = [4]
    case "[::1]": families = [6]
    case "localhost": families = [4, 6]
    default: return nil
    }
    self.init(
      place: .loopback(families: families, port: port), host: String(authority),
      target: rest.dropFirst(authority.count))
  }

  private init(socket: String, target: Substring) {
    self.init(place: .unix(path: socket), host: "localhost", target: target)
  }

  private init(place: Place, host: String, target: Substring) {
    self.place = place
    self.host = host
    self.target = Self.rooted(target)
  }

  private static func rooted(_ target: Substring) -> String {
    target.hasPrefix("/") ? String(target) : "/" + target
  }

  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = PlainText.number(Substring(rest.prefix(2)), radix: 16).flatMap({ UInt8(exactly: $0) })
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// The path and query of a request, percent-decoded.
struct RequestTarget: Sendable {
  var path: String
  var query: [(name: String, value: String)]

  /// Splits the target of a request line; broken escapes stay as they are.
  init(_ target: String) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.decode(parts.first ?? "/", plusIsSpace: false)
    query = []
    if parts.count == 2 { query = Self.pairs(parts[1]) }
  }

  /// Reads `a=1&b=2`, as in queries and forms.
  static func pairs(_ text: some StringProtocol) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        decode(halves[0], plusIsSpace: true),
        halves.count == 2 ? decode(halves[1], plusIsSpace: true) : ""
      )
    }
  }

  /// The first value called `name`.
  func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

  private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "%")) || (plusIsSpace && bytes.contains(UInt8(ascii: "+"))) else {
      return String(text)
    }
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
        let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
      {
        decoded.append(UInt8(high << 4 | low))
        index += 3
      } else {
        decoded.append(
          plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}

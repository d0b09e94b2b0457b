import AvowWire

/// The one stylesheet, inline in every page: two palettes, one column on a phone, up to three on a desk.
enum Stylesheet {
  /// Colours by name, for light and for dark; tests hold them to the contrast of WCAG 2.2 AA.
  static let palette: [(name: String, light: String, dark: String)] = [
    ("paper", "#f7f6f3", "#121417"), ("card", "#ffffff", "#1a1d21"), ("ink", "#1c1e22", "#eceae5"),
    ("soft", "#5b606a", "#a3a8b1"), ("rule", "#e6e3dd", "#2c3036"), ("edge", "#dcd8d0", "#30353c"),
    ("accent", "#0b6b63", "#5cc8b8"), ("tint", "#e2efed", "#1d3330"), ("column", "#2a8c82", "#4aa99b"),
    ("warn", "#8a5a00", "#e3b565"),
  ]

  /// The text of the `style` element. It holds no `<` and no `&`, so that a page is well-formed XML too.
  static let text = """
    :root{color-scheme:light dark;\(variables(\.light))}
    @media (prefers-color-scheme:dark){:root{\(variables(\.dark))}}
    \(rules)
    """

  /// The digest for `style-src`, base64 of SHA-256.
  static let hash = base64(SHA256.hash(text.utf8))

  private static func variables(_ side: (((name: String, light: String, dark: String)) -> String)) -> String {
    palette.map { "--\($0.name):\(side($0))" }.joined(separator: ";")
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        result.append(
          place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

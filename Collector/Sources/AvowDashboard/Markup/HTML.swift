import AvowStore

/// Markup that is safe by construction: what is written literally is markup, what is interpolated is text.
///
/// Only another `HTML` value is interpolated as it is; every other value is escaped, so that forgetting to
/// escape is not something a page can do.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
  var text: String

  static let empty = HTML(text: "")

  init(text: String) { self.text = text }
  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  static func + (left: HTML, right: HTML) -> HTML { HTML(text: left.text + right.text) }
  static func += (left: inout HTML, right: HTML) { left.text += right.text }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 32 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ html: HTML) { text += html.text }
    mutating func appendInterpolation(_ html: HTML?) { text += html?.text ?? "" }
    mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
    mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }
    mutating func appendInterpolation(_ path: FieldPath) { text += HTML.escaped(path.description) }
    mutating func appendInterpolation(_ value: Int) { text += String(value) }
    /// A coordinate or percentage, to a hundredth.
    mutating func appendInterpolation(_ value: Double) { text += Decimal.shortest(value, places: 2) }
  }

  /// Escapes text for content and for quoted attributes; characters that markup cannot hold become U+FFFD.
  static func escaped(_ value: String) -> String {
    var result = ""
    result.reserveCapacity(value.utf8.count + 8)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
        result.unicodeScalars.append("\u{FFFD}")
      // Marks that turn the direction of the text after them could disguise what a value says.
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Sequence {
  /// Markup for each element, one after the other.
  func html(_ transform: (Element) -> HTML) -> HTML {
    var result = HTML.empty
    for element in self { result += transform(element) }
    return result
  }
}

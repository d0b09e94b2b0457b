/// An expression of generated code, laid out as `swift format` leaves it.
indirect enum SwiftExpression {
  case atom(String)
  case call(String, [(label: String?, value: SwiftExpression)])
  case array([SwiftExpression])

  static let width = 110

  static func string(_ text: String) -> SwiftExpression { .atom(literal(text)) }

  static func strings(_ texts: [String]) -> SwiftExpression { .array(texts.map { .string($0) }) }

  /// A Swift string literal; whatever could end or interpolate it is escaped.
  static func literal(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": literal += "\\\\"
      case "\"": literal += "\\\""
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F || (0x2028...0x2029).contains(scalar.value) {
          literal += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          literal.unicodeScalars.append(scalar)
        }
      }
    }
    return literal + "\""
  }

  /// An integer literal with its digits in groups of three, as the house writes them.
  static func literal(_ value: Int64) -> String {
    let digits = String(value.magnitude)
    guard digits.count > 4 else { return String(value) }
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "_" }
      grouped.append(digit)
    }
    return (value < 0 ? "-" : "") + grouped
  }

  /// The expression on one line.
  var flat: String {
    switch self {
    case .atom(let text): text
    case .call(let name, let arguments):
      name + "(" + arguments.map { Self.labelled($0.label, $0.value.flat) }.joined(separator: ", ") + ")"
    case .array(let elements): "[" + elements.map(\.flat).joined(separator: ", ") + "]"
    }
  }

  private static func labelled(_ label: String?, _ text: String) -> String {
    label.map { "\($0): \(text)" } ?? text
  }

  /// The expression beginning at `column` of a line indented by `indent`, with `trailing` characters to
  /// come after it; broken at every argument when it does not fit.
  func laidOut(indent: Int, column: Int, trailing: Int) -> String {
    let line = flat
    if column + line.count + trailing <= Self.width { return line }
    let inner = String(repeating: " ", count: indent + 2)
    switch self {
    case .atom: return line
    case .call(let name, let arguments):
      guard !arguments.isEmpty else { return line }
      let lines = arguments.enumerated().map { index, argument in
        let label = argument.label.map { $0 + ": " } ?? ""
        let after = index == arguments.count - 1 ? trailing + 1 : 1
        let column = indent + 2 + label.count
        // A text cannot be broken; when it is too long it gets a line of its own.
        if !label.isEmpty, case .atom(let text) = argument.value, column + text.count + after > Self.width {
          return "\(inner)\(label.dropLast())\n\(inner)  \(text)"
        }
        return inner + label + argument.value.laidOut(indent: indent + 2, column: column, trailing: after)
      }
      return "\(name)(\n" + lines.joined(separator: ",\n") + ")"
    case .array(let elements):
      guard !elements.isEmpty else { return line }
      // A line as long as may be with its comma is broken by the formatter all the same; to break early is
      // always right.
      let lines = elements.map { inner + $0.laidOut(indent: indent + 2, column: indent + 2, trailing: 2) }
      let comma = elements.count > 1 ? "," : ""
      return "[\n" + lines.joined(separator: ",\n") + "\(comma)\n" + String(repeating: " ", count: indent)
        + "]"
    }
  }
}

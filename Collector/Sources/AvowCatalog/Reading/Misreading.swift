/// Scalars that other YAML readers take for something else than the text that stands there.
enum Misreading {
  /// Returns what YAML makes of an unquoted text, `nil` when it stays what it is.
  ///
  /// Dates and plain numbers are left alone: they say the same in either reading.
  static func of(_ text: String) -> String? {
    switch isOneCase(text) ? text.lowercased() : text {
    case "on", "yes", "true": return "true"
    case "off", "no", "false": return "false"
    case ".nan", ".inf", "-.inf", "+.inf": return "a number"
    default: break
    }
    let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard let first = unsigned.utf8.first, (48...57).contains(first) || first == UInt8(ascii: ".") else {
      return nil
    }
    if unsigned.hasPrefix("0x") || unsigned.hasPrefix("0b") || unsigned.hasPrefix("0o") { return "a number" }
    let digits = unsigned.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    if digits {
      let isOctal = unsigned.count > 1 && first == 48 && !unsigned.contains("8") && !unsigned.contains("9")
      return isOctal || unsigned.contains("_") || text.hasPrefix("+") ? "another number" : nil
    }
    if isSexagesimal(unsigned) { return "a number of seconds" }
    return fraction(unsigned)
  }

  /// `12:30` and `1:02:03` are numbers to the base of 60.
  private static func isSexagesimal(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return false }
    return parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
      && parts.dropFirst().allSatisfy { $0.count <= 2 && (Int($0) ?? 60) < 60 }
  }

  /// `0.10` becomes 0.1, `1.0` may become 1, `1e3` becomes 1000.
  private static func fraction(_ text: Substring) -> String? {
    let allowed = text.utf8.allSatisfy {
      (48...57).contains($0) || [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains($0)
        || [UInt8(ascii: "-"), UInt8(ascii: "+")].contains($0)
    }
    guard allowed, let value = Double(text) else { return nil }
    if text.contains("e") || text.contains("E") || text.hasSuffix("0") || text.hasSuffix(".") {
      return "the number \(value)"
    }
    return nil
  }

  private static func isOneCase(_ text: String) -> Bool {
    text == text.lowercased() || text == text.uppercased()
      || text == text.prefix(1).uppercased() + text.dropFirst().lowercased()
  }

  /// Warns of an unquoted text that other readers take for something else.
  static func check(_ text: String, isPlain: Bool, at position: Position, report: Report) {
    guard isPlain, let reading = of(text) else { return }
    report.warning(
      "A117", "unquoted, \(text) is \(reading) to other readers of YAML", hint: "put it in quotes",
      at: position)
  }
}

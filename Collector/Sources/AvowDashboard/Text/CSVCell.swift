/// Text as one cell of CSV (RFC 4180), which no spreadsheet program takes for a formula.
public enum CSVCell {
  /// Quotes what needs it. An empty text is `""`, to tell it from an absent one.
  public static func text(_ text: String) -> String {
    // A cell that begins like a formula would be run by spreadsheet programs; values come from clients.
    let isFormula =
      switch text.utf8.first {
      case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "@"), 0x09, 0x0D: true
      case UInt8(ascii: "-"): Double(text) == nil
      default: false
      }
    let safe = isFormula ? "'" + text : text
    let needsQuotes =
      safe.isEmpty || safe.first == " " || safe.last == " "
      || safe.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else { return safe }
    // By scalars: a mark that combines with a quotation mark must not hide it.
    var doubled = String.UnicodeScalarView()
    for scalar in safe.unicodeScalars {
      doubled.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar])
    }
    return "\"\(String(doubled))\""
  }
}

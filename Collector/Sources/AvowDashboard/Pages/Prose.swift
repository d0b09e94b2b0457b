import AvowWire

/// Text of a catalog, cut and set for a page.
enum Prose {
  /// The first sentence, or the first 180 characters at a word's end.
  static func short(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let end = line.firstRange(of: ". ") { return String(line[..<end.lowerBound]) + "." }
    guard line.count > 180 else { return line }
    let cut = line.prefix(179)
    return (cut.lastIndex(of: " ").map { String(cut[..<$0]) } ?? String(cut)) + "…"
  }

  /// What a field is and why it is collected.
  static func about(_ field: Field, why inherited: String? = nil) -> HTML {
    let description = field.description ?? field.source?.description
    let why = field.why ?? inherited
    guard description != nil || why != nil else { return .empty }
    return """
      <p class="about">\(description.map { "\($0) " })\(why.map { "<span class=\"why\">Why: \($0)</span>" })</p>
      """
  }

  /// A field's type in words: `number in s`, `one of 3 words`, `list of text`.
  static func type(_ field: Field) -> String {
    let unit = field.unit.map { " in \($0)" } ?? ""
    return words(field.type) + unit
  }

  private static func words(_ type: FieldType) -> String {
    switch type {
    case .boolean: "true or false"
    case .integer: "whole number"
    case .number: "number"
    case .text(.oneOf(let values)): values.count == 1 ? "always one word" : "one of \(values.count) words"
    case .text(.pattern): "text of a declared form"
    case .text(.free): "free text"
    case .version: "version"
    case .list(let element, _): "list, each \(words(element))"
    case .records(let columns, _): "list of rows with \(columns.map(\.name).joined(separator: ", "))"
    }
  }
}

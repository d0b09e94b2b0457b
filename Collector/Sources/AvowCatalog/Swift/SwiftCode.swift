/// Lines of generated code with their indentation.
struct SwiftCode {
  private(set) var text = ""
  private var indent = 0

  mutating func line(_ line: String = "") {
    text += line.isEmpty ? "\n" : String(repeating: " ", count: indent) + line + "\n"
  }

  /// Writes `head {`, what `body` writes one step further in, and `}`.
  mutating func block(_ head: String, _ body: (inout SwiftCode) -> Void) {
    line(head + " {")
    nested(&self, body)
    line("}")
  }

  private func nested(_ code: inout SwiftCode, _ body: (inout SwiftCode) -> Void) {
    code.indent += 2
    body(&code)
    code.indent -= 2
  }

  /// Writes more lines one step further in.
  mutating func indented(_ body: (inout SwiftCode) -> Void) { nested(&self, body) }

  /// Writes a documentation comment, folded at the line's end.
  ///
  /// `prefix` stands before the first line, `hanging` spaces before the others.
  mutating func comment(_ text: String, prefix: String = "", hanging: Int = 0) {
    let limit = SwiftExpression.width - indent - 4 - prefix.count
    var current = ""
    var isFirst = true
    func flush(_ code: inout SwiftCode) {
      code.line("/// " + (isFirst ? prefix : String(repeating: " ", count: hanging)) + current)
      isFirst = false
      current = ""
    }
    for word in text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }) {
      if !current.isEmpty, current.count + 1 + word.count + (isFirst ? 0 : hanging) > limit { flush(&self) }
      current += (current.isEmpty ? "" : " ") + word
    }
    if !current.isEmpty { flush(&self) }
  }

  /// Writes `head` and an expression.
  mutating func assign(_ head: String, _ expression: SwiftExpression) {
    line(head + expression.laidOut(indent: indent, column: indent + head.count, trailing: 0))
  }

  /// Writes a declaration or pattern with a list in brackets: on one line when it fits, else a line each.
  mutating func list(_ head: String, _ items: [String], _ tail: String, omitsEmptyList: Bool = false) {
    if items.isEmpty, omitsEmptyList {
      line(head + tail)
      return
    }
    let flat = head + "(" + items.joined(separator: ", ") + ")" + tail
    if indent + flat.count <= SwiftExpression.width || items.isEmpty {
      line(flat)
      return
    }
    line(head + "(")
    indented { code in
      for (index, item) in items.enumerated() { code.line(item + (index == items.count - 1 ? "" : ",")) }
    }
    line(")" + tail)
  }
}

/// A page before it is Markdown or HTML.
struct PageDocument {
  enum Inline {
    case text(String)
    case code(String)
    case strong(String)
    case emphasis(String)
    case link(String, to: String)
  }

  enum Block {
    case heading(Int, String, anchor: String)
    case paragraph([Inline])
    case list([[Inline]])
    case code(String, language: String)
    case quote([Inline])
    case table([String], rows: [[[Inline]]])
    /// Two columns of facts, for the top of the page.
    case facts([(String, [Inline])])
  }

  var title: String
  var blocks: [Block] = []

  mutating func heading(_ level: Int, _ text: String, _ anchor: String) {
    blocks.append(.heading(level, text, anchor: anchor))
  }

  mutating func paragraph(_ inlines: Inline...) { blocks.append(.paragraph(inlines)) }

  /// Adds a maintainer's text, a paragraph for each line that folding left.
  mutating func prose(_ text: String) {
    for line in text.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
      blocks.append(.paragraph([.text(String(line))]))
    }
  }
}

extension PageDocument.Inline: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  init(stringLiteral value: String) { self = .text(value) }
}

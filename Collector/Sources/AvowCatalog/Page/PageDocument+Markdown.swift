extension PageDocument {
  /// The page as GitHub-flavoured Markdown.
  var markdown: String {
    var text = "# \(Self.escaped(title))\n"
    for block in blocks { text += "\n" + Self.markdown(block) }
    return text
  }

  private static func markdown(_ block: Block) -> String {
    switch block {
    case .heading(let level, let text, let anchor):
      return "\(String(repeating: "#", count: level)) <a id=\"\(anchor)\"></a>\(escaped(text))\n"
    case .paragraph(let inlines): return markdown(inlines) + "\n"
    case .quote(let inlines): return "> " + markdown(inlines) + "\n"
    case .list(let items): return items.map { "- " + markdown($0) + "\n" }.joined()
    case .code(let text, let language):
      let fence = text.contains("```") ? "~~~~" : "```"
      return "\(fence)\(language)\n\(text)\n\(fence)\n"
    case .facts(let facts):
      return table(["", ""], facts.map { [[.strong($0.0)], $0.1] })
    case .table(let header, let rows): return table(header, rows)
    }
  }

  private static func table(_ header: [String], _ rows: [[[Inline]]]) -> String {
    var lines = ["| " + header.map(escaped).joined(separator: " | ") + " |"]
    lines.append("|" + String(repeating: " --- |", count: header.count))
    for row in rows {
      lines.append(
        "| " + row.map { markdown($0).replacing("|", with: "\\|") }.joined(separator: " | ") + " |")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func markdown(_ inlines: [Inline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text): escaped(text)
      case .code(let text): code(text)
      case .strong(let text): "**\(escaped(text))**"
      case .emphasis(let text): "*\(escaped(text))*"
      case .link(let text, let address):
        if address.hasPrefix("#") {
          "[\(escaped(text))](\(address))"
        } else {
          isSafe(address) ? "[\(escaped(text))](<\(address)>)" : escaped(text)
        }
      }
    }.joined()
  }

  /// A code span; more backticks around a text that holds some.
  private static func code(_ text: String) -> String {
    guard text.contains("`") else { return "`\(text)`" }
    return "`` \(text) ``"
  }

  /// Escapes what Markdown or HTML would read as something else.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\", "*", "`", "[", "]": escaped += "\\\(character)"
      case "<": escaped += "&lt;"
      case "&": escaped += "&amp;"
      case "\n", "\r": escaped += " "
      default: escaped.append(character)
      }
    }
    return escaped
  }

  /// Whether an address may become a link: nothing but the web and mail, nothing that could break out.
  static func isSafe(_ address: String) -> Bool {
    ["https://", "http://", "mailto:"].contains { address.hasPrefix($0) }
      && !address.unicodeScalars.contains { $0.value <= 0x20 || $0 == "<" || $0 == ">" || $0 == "\"" }
  }
}

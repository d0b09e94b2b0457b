extension PageDocument {
  /// The page as one HTML file: no script, no request, light and dark.
  func html(note: String) -> String {
    var body = "<h1>\(Self.escapedHTML(title))</h1>\n"
    var contents = ""
    for block in blocks {
      if case .heading(2, let text, let anchor) = block {
        contents += "<li><a href=\"#\(anchor)\">\(Self.escapedHTML(text))</a></li>\n"
      }
    }
    var isFirst = true
    for block in blocks {
      if isFirst, case .heading = block {
        isFirst = false
        body += "<nav aria-label=\"On this page\">\n<ul>\n\(contents)</ul>\n</nav>\n"
      }
      body += Self.html(block)
    }
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="color-scheme" content="light dark">
      <title>\(Self.escapedHTML(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <main>
      \(body)</main>
      </body>
      </html>
      \(note)

      """
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .heading(let level, let text, let anchor):
      return "<h\(level) id=\"\(anchor)\">\(escapedHTML(text))</h\(level)>\n"
    case .paragraph(let inlines): return "<p>\(html(inlines))</p>\n"
    case .quote(let inlines): return "<blockquote><p>\(html(inlines))</p></blockquote>\n"
    case .list(let items):
      return "<ul>\n" + items.map { "<li>\(html($0))</li>\n" }.joined() + "</ul>\n"
    case .code(let text, _): return "<pre tabindex=\"0\"><code>\(escapedHTML(text))</code></pre>\n"
    case .facts(let facts):
      let rows = facts.map { "<dt>\(escapedHTML($0.0))</dt><dd>\(html($0.1))</dd>\n" }
      return "<dl>\n" + rows.joined() + "</dl>\n"
    case .table(let header, let rows):
      var text = "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr>"
      text += header.map { "<th scope=\"col\">\(escapedHTML($0))</th>" }.joined() + "</tr></thead>\n<tbody>\n"
      for row in rows { text += "<tr>" + row.map { "<td>\(html($0))</td>" }.joined() + "</tr>\n" }
      return text + "</tbody>\n</table></div>\n"
    }
  }

  private static func html(_ inlines: [Inline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text): escapedHTML(text)
      case .code(let text): "<code>\(escapedHTML(text))</code>"
      case .strong(let text): "<strong>\(escapedHTML(text))</strong>"
      case .emphasis(let text): "<em>\(escapedHTML(text))</em>"
      case .link(let text, let address):
        isSafe(address) || address.hasPrefix("#")
          ? "<a href=\"\(escapedHTML(address))\">\(escapedHTML(text))</a>" : escapedHTML(text)
      }
    }.joined()
  }

  private static func escapedHTML(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  private static let style = """
    :root { --ink: #1c2024; --soft: #5b6570; --line: #dfe3e7; --paper: #fff; --tint: #f4f6f8; --link: #0b62b8; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e7eaed; --soft: #9aa5b1; --line: #30363d; --paper: #14171a; --tint: #1d2125; --link: #7ab8ff; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
    main { max-width: 50rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
    h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
    h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
    p, ul { margin: .6rem 0; }
    a { color: var(--link); }
    code, pre { font: .875em/1.5 ui-monospace, monospace; }
    code { background: var(--tint); border-radius: .25rem; padding: .1em .3em; overflow-wrap: anywhere; }
    pre { background: var(--tint); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; }
    pre code { background: none; padding: 0; overflow-wrap: normal; }
    blockquote { margin: .8rem 0; padding: .1rem 1rem; border-left: 3px solid var(--line); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 1.25rem 0; }
    dt { color: var(--soft); } dd { margin: 0; }
    nav { background: var(--tint); border-radius: .5rem; padding: .4rem 1rem; margin: 1.5rem 0; }
    nav ul { columns: 14rem; list-style: none; padding: 0; }
    .table { overflow-x: auto; margin: .8rem 0; }
    table { border-collapse: collapse; width: 100%; font-size: .94rem; }
    th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); }
    th { color: var(--soft); font-weight: 600; }
    td:first-child { white-space: nowrap; }
    @media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
    """
}

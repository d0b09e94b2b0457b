import AvowCatalog
import AvowWire
import Foundation
import Testing

/// `Documentation/seed-pages.md`: what the tools' own pages say, and where the generated ones say it.
struct SeedPagesTests {
  struct Row {
    var statement: String
    var name: String
    /// `nil`: above the first heading.
    var anchor: String?
    var words: String
  }

  static func rows() throws -> [Row] {
    let file = Catalogs.folder.deletingLastPathComponent().appending(path: "Documentation/seed-pages.md")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line -> Row? in
      guard
        let match = line.wholeMatch(
          of: /\| (.+) \| \[[^\]]*\]\(\.\.\/Catalogs\/([a-z]+)\.md(#[^)]*)?\) \| (.+) \|/)
      else { return nil }
      return Row(
        statement: String(match.1), name: String(match.2), anchor: match.3.map { String($0.dropFirst()) },
        words: String(match.4).replacing("\\|", with: "|"))
    }
  }

  /// The text from an anchor to the next, or from the page's start to the first.
  private func section(_ anchor: String?, of page: String) -> Substring? {
    var start = page.startIndex
    if let anchor {
      guard let found = page.firstRange(of: "<a id=\"\(anchor)\">") else { return nil }
      start = found.upperBound
    }
    let end = page[start...].firstRange(of: "<a id=")?.lowerBound ?? page.endIndex
    return page[start..<end]
  }

  @Test func `every statement of the tools' own pages stands where the table says`() throws {
    let rows = try Self.rows()
    #expect(rows.count == 169)
    var missing: [String] = []
    for name in Catalogs.names {
      let page = CatalogPage.markdown(try Catalogs.catalog(name))
      for row in rows where row.name == name {
        guard let section = section(row.anchor, of: page) else {
          missing.append("\(name): no section \(row.anchor ?? "")")
          continue
        }
        if !section.contains(row.words) { missing.append("\(name)#\(row.anchor ?? ""): \(row.words)") }
      }
    }
    #expect(missing == [])
  }

  @Test func `every part of the tools' pages has rows`() throws {
    let rows = try Self.rows()
    let wanted: [String: [String]] = [
      "blindai": [
        "why", "never", "switch-off", "how", "deletion", "identifiers", "context", "should-i-opt-out",
      ],
      "jina": ["why", "switch-off", "context", "identifiers", "example", "older", "should-i-opt-out"],
      "speedster": ["why", "switch-off", "example", "older", "should-i-opt-out", "context"],
      "evidently": [
        "why", "scope", "never", "context", "notice", "switch-off", "switch-on", "source", "example",
        "identifiers",
        "should-i-opt-out",
      ],
    ]
    for (name, anchors) in wanted {
      let has = Set(rows.filter { $0.name == name }.compactMap(\.anchor))
      #expect(Set(anchors).subtracting(has) == [], "\(name)")
    }
  }
}

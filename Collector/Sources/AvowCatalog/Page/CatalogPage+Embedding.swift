public import AvowWire

extension CatalogPage {
  /// Begins the page's block in another Markdown file.
  public static let blockStart = "<!-- avow:begin -->"
  /// Ends the page's block in another Markdown file.
  public static let blockEnd = "<!-- avow:end -->"

  /// Returns `text` with the page between the markers, its headings one level down; `nil` without markers.
  ///
  /// Whatever stands outside of the markers stays as it is.
  public static func embedding(_ catalog: Catalog, in text: String) -> String? {
    guard let start = text.firstRange(of: blockStart),
      let end = text[start.upperBound...].firstRange(of: blockEnd)
    else { return nil }
    var document = CatalogPage(catalog: catalog).document
    document.blocks = document.blocks.map { block in
      if case .heading(let level, let text, let anchor) = block {
        return .heading(level + 1, text, anchor: anchor)
      }
      return block
    }
    let page = "#" + document.markdown
    return text[..<start.upperBound] + "\n" + page + "\n" + note(catalog, page) + "\n"
      + text[end.lowerBound...]
  }
}

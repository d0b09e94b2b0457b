import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page read as XML, which fails on any tag that is not closed or attribute that is not quoted.
final class Document: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    var raw = ""
    /// All text inside, white space folded.
    var text: String { raw.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    /// The names of the elements around it, the outermost first.
    var path: [String]
  }

  private(set) var elements: [Element] = []
  private(set) var fault: String?
  private var open: [Int] = []

  init(_ html: String) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    if !parser.parse() {
      fault = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "not well-formed")"
    }
  }

  func all(_ name: String, class wanted: String? = nil) -> [Element] {
    elements.filter { element in
      element.name == name
        && (wanted.map { (element.attributes["class"] ?? "").split(separator: " ").contains(Substring($0)) }
          ?? true)
    }
  }

  /// Where links and forms lead.
  var addresses: [String] {
    elements.flatMap { element in
      ["href", "src", "action", "xlink:href"].compactMap { element.attributes[$0] }
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    elements.append(Element(name: name, attributes: attributes, path: open.map { elements[$0].name }))
    open.append(elements.count - 1)
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?)
  {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for index in open { elements[index].raw += text }
  }
}

import AvowCatalog
import AvowWire
import Foundation
import Testing

struct PageTests {
  /// `AVOW_UPDATE_GOLDEN=1 swift test` writes the committed pages anew.
  static let isUpdating = ProcessInfo.processInfo.environment["AVOW_UPDATE_GOLDEN"] != nil

  @Test(arguments: Catalogs.names)
  func `the committed page is what the catalog says`(name: String) throws {
    let page = CatalogPage.markdown(try Catalogs.catalog(name))
    let file = Catalogs.folder.appending(path: "\(name).md")
    if Self.isUpdating { try page.write(to: file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: file, encoding: .utf8) == page)
  }

  @Test(arguments: Catalogs.names)
  func `every declared name stands on both pages`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    let pages = [CatalogPage.markdown(catalog), CatalogPage.html(catalog)]
    for page in pages {
      for event in catalog.events {
        #expect(page.contains(event.name))
        for property in event.properties { #expect(page.contains(property.name), "\(property.name)") }
      }
      for field in catalog.context { #expect(page.contains(field.name)) }
      for variable in catalog.consent.variables { #expect(page.contains("unset \(variable.name)")) }
      for dropped in catalog.accepts.flatMap({ $0.dropFields + $0.dropEvents }) {
        #expect(page.contains(dropped))
      }
      for anchor in [
        "why", "collected", "context", "identifiers", "never", "switch-off", "switch-on", "notice", "how",
        "recipient",
        "deletion", "example", "older", "should-i-opt-out", "source",
      ] { #expect(page.contains("id=\"\(anchor)\""), "\(anchor)") }
    }
  }

  @Test(arguments: Catalogs.names)
  func `the HTML asks nothing of the network and runs no script`(name: String) throws {
    let page = CatalogPage.html(try Catalogs.catalog(name))
    for forbidden in ["<script", "src=", "<link", "@import", "url("] { #expect(!page.contains(forbidden)) }
    #expect(page.contains("prefers-color-scheme: dark"))
  }

  @Test(arguments: Catalogs.names)
  func `the example payload is what the encoder writes, of declared names only`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    let page = CatalogPage.markdown(catalog)
    let start = try #require(page.firstRange(of: "```json\n"))
    let rest = page[start.upperBound...]
    let end = try #require(rest.firstRange(of: "\n```"))
    let json = try JSONValue(parsing: String(rest[..<end.lowerBound]))
    #expect(json["catalog"]?["digest"]?.stringValue == catalog.digest)
    #expect((json["user"] == nil) == (catalog.identity.user == .none))
    let declared = Set(catalog.context.map(\.name))
    let context = Set((json["context"]?.objectValue ?? [:]).keys)
    #expect(context.isSubset(of: declared))
    for event in json["events"]?.arrayValue ?? [] {
      let declaration = try #require(catalog.event(named: event["name"]?.stringValue ?? ""))
      let sent = Set((event["properties"]?.objectValue ?? [:]).keys)
      #expect(sent == Set(declaration.properties.map(\.name)))
    }
  }

  @Test func `what a maintainer wrote cannot become markup or a script`() {
    let evil = "<img src=x onerror=alert(1)> | [a](javascript:alert(1)) `x`"
    let catalog = Catalog(
      app: "tool", name: evil, version: 1, contact: "javascript:alert(1)", purpose: evil,
      source: ["javascript:alert(1)"],
      recipient: .init(name: evil, url: "javascript:alert(1)"),
      events: [
        EventDeclaration("ran", description: evil, properties: [Field("a", .boolean, description: evil)])
      ])
    let html = CatalogPage.html(catalog)
    #expect(!html.contains("<img"))
    #expect(!html.contains("href=\"javascript"))
    let markdown = CatalogPage.markdown(catalog)
    #expect(!markdown.contains("<img"))
    #expect(!markdown.contains("[a](javascript"))
    #expect(!markdown.contains("](<javascript"))
  }

  @Test func `a catalog that says little gets standard texts and no empty section`() {
    let page = CatalogPage.markdown(
      Catalog(app: "tool", name: "Tool", version: 1, events: [EventDeclaration("ran")]))
    #expect(page.contains("The maintainers of Tool"))
    #expect(page.contains("export DO\\_NOT\\_TRACK=1") || page.contains("export DO_NOT_TRACK=1"))
    #expect(
      page.contains("Tool reports usage data. To switch it off, set the environment variable DO_NOT_TRACK=1.")
    )
    #expect(!page.contains("## <a id=\"older\">"))
  }
}

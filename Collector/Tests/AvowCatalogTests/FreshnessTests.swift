import AvowCatalog
import AvowWire
import Testing

struct FreshnessTests {
  private func artifacts(_ catalog: Catalog) -> [CatalogFreshness.Artifact] {
    [
      .init(.page, path: "telemetry.md", text: CatalogPage.markdown(catalog)),
      .init(.html, path: "telemetry.html", text: CatalogPage.html(catalog)),
      .init(.swift, path: "Telemetry.swift", text: SwiftGenerator.generate(catalog)),
      .init(
        .block, path: "README.md",
        text: CatalogPage.embedding(
          catalog, in: "# Tool\n\(CatalogPage.blockStart)\nold\n\(CatalogPage.blockEnd)\nThe rest.\n")),
    ]
  }

  @Test(arguments: Catalogs.names)
  func `what was just written is fresh`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    #expect(CatalogFreshness.stale(catalog, artifacts(catalog)).map(\.description) == [])
  }

  @Test(arguments: Catalogs.names)
  func `a change of any one item makes page and code stale`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    var changes: [Catalog] = []
    for index in catalog.events.indices {
      var changed = catalog
      changed.events.remove(at: index)
      changes.append(changed)
      for property in catalog.events[index].properties.indices {
        changed = catalog
        changed.events[index].properties.remove(at: property)
        changes.append(changed)
      }
    }
    for index in catalog.context.indices {
      var changed = catalog
      changed.context.remove(at: index)
      changes.append(changed)
    }
    for index in catalog.consent.optOut.indices {
      var changed = catalog
      changed.consent.optOut[index].meaning = changed.consent.optOut[index].meaning == .set ? .truthy : .set
      changes.append(changed)
    }
    var changed = catalog
    changed.retention = .days(1)
    changes.append(changed)
    changed = catalog
    changed.consent.enabledNotice = "Other words."
    changes.append(changed)
    let old = artifacts(catalog).filter { $0.product == .page || $0.product == .swift }
    for change in changes {
      #expect(CatalogFreshness.stale(change, old).map(\.path) == old.map(\.path))
    }
  }

  @Test func `a missing file, a file without markers and a change by hand are told apart`() throws {
    let catalog = try Catalogs.catalog("jina")
    let page = CatalogPage.markdown(catalog).replacing("Why", with: "Because")
    let stale = CatalogFreshness.stale(
      catalog,
      [
        .init(.page, path: "a.md", text: page), .init(.swift, path: "b.swift", text: nil),
        .init(.block, path: "c.md", text: "# Tool\n"),
      ])
    #expect(stale.map(\.path) == ["a.md", "b.swift", "c.md"])
    #expect(stale[0].description == "a.md: it differs from the catalog at line 13 (run `avow docs`)")
    #expect(stale[1].reason == "there is no such file")
    #expect(stale[2].hint.contains("<!-- avow:begin -->"))
  }

  @Test func `embedding leaves everything outside of the markers alone`() throws {
    let catalog = try Catalogs.catalog("speedster")
    let text = "# Tool\n\n\(CatalogPage.blockStart)\nold\n\(CatalogPage.blockEnd)\nThe rest.\n"
    let once = try #require(CatalogPage.embedding(catalog, in: text))
    #expect(once.hasPrefix("# Tool\n\n\(CatalogPage.blockStart)\n## Telemetry in Speedster"))
    #expect(once.hasSuffix("\(CatalogPage.blockEnd)\nThe rest.\n"))
    #expect(CatalogPage.embedding(catalog, in: once) == once)
  }
}

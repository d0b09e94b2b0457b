import AvowCatalog
import AvowWire
import Testing

struct TemplateTests {
  @Test(arguments: ["My Tool", "tool", "3rd \"party\": tool # {x}", "Ünïcödé", "a\nb", "-", "*star"])
  func `a first catalog passes without a word`(name: String) throws {
    let template = CatalogTemplate(
      name: name, purpose: "To see: \"what\" is used # really\\.", contact: "privacy@example.org",
      events: ["started", "command"], consent: .ask, to: "https://telemetry.example.org")
    let reading = CatalogFile.read(template.yaml, file: "telemetry.yaml")
    #expect(reading.diagnostics.map(\.description) == [])
    let catalog = try #require(reading.catalog)
    #expect(catalog.name == name.replacing("\n", with: "\n"))
    #expect(catalog.purpose == template.purpose)
    #expect(catalog.consent.default == .ask)
    #expect(catalog.events.map(\.name) == ["started", "command"])
    #expect(catalog.delivery.to == "https://telemetry.example.org")
  }

  @Test func `the identifier and the variable follow from the name`() throws {
    #expect(CatalogTemplate.app(from: "My Tool!") == "my_tool")
    #expect(CatalogTemplate.app(from: "3D Viewer") == "tool_3d_viewer")
    let template = CatalogTemplate(name: "My Tool", purpose: "p", contact: "c")
    let catalog = try #require(CatalogFile.read(template.yaml, file: "t").catalog)
    #expect(catalog.consent.optOut == [.init(name: "MY_TOOL_TELEMETRY_OFF", meaning: .truthy)])
  }
}

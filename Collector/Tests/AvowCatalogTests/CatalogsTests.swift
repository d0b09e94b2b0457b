import AvowCatalog
import AvowWire
import Testing

struct CatalogsTests {
  @Test(arguments: Catalogs.names)
  func `a seed catalog reads without an error and warns only of its open paths`(name: String) throws {
    let reading = try Catalogs.reading(name)
    #expect(reading.errors.map(\.description) == [])
    #expect(Set(reading.warnings.map(\.code)).subtracting(["A102"]) == [], "\(reading.warnings)")
    #expect(reading.catalog?.app == name)
  }

  @Test func `each variable switches off with exactly the values of its page`() throws {
    let expected: [String: [Catalog.Consent.Variable]] = [
      "blindai": [
        .init(name: "BLINDAI_DISABLE_TELEMETRY", meaning: .set), .init(name: "DO_NOT_TRACK", meaning: .set),
      ],
      "jina": [
        .init(name: "JINA_OPTOUT_TELEMETRY", meaning: .set), .init(name: "DO_NOT_TRACK", meaning: .set),
      ],
      "speedster": [
        .init(name: "SPEEDSTER_DISABLE_TELEMETRY", meaning: .truthy),
        .init(name: "DO_NOT_TRACK", meaning: .set),
      ],
      "evidently": [.init(name: "DO_NOT_TRACK", meaning: .set)],
    ]
    for (name, variables) in expected { #expect(try Catalogs.catalog(name).consent.variables == variables) }
  }

  @Test func `Evidently declares its fifteen actions and which of them are dormant`() throws {
    let events = try Catalogs.catalog("evidently").events
    #expect(events.count == 15)
    #expect(
      Set(events.filter { $0.status == .dormant }.map(\.name)) == [
        "search_projects", "update_project_info", "get_snapshot_graph_data", "get_snapshot_data",
        "list_project_dashboard_panels", "add_snapshot",
      ])
  }
}

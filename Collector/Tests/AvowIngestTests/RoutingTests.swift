import AvowIngest
import AvowWire
import Testing

struct RoutingTests {
  private func catalog(_ app: String, _ paths: [String], _ formats: [Acceptance.Format] = [.json]) -> Catalog
  {
    Catalog(
      app: app, name: app, version: 1, events: [EventDeclaration("run")],
      accepts: [Acceptance(formats: formats, paths: paths, events: .always("run"))])
  }

  @Test func `two catalogs cannot claim one path, and the error names both and the path`() throws {
    let error = #expect(throws: IngestSetupError.self) {
      try World.ingest([catalog("one", ["/x"]), catalog("two", ["/x/"])])
    }
    let message = try #require(error?.message)
    #expect(message.contains("one") && message.contains("two") && message.contains("/x"))
  }

  @Test
  func `a catalog cannot claim what every app shares, nor a path without a slash, nor json without one`() {
    for (paths, word) in [(["/v1/events"], "/v1/events"), (["x"], "slash"), ([], "path")] {
      let error = #expect(throws: IngestSetupError.self) { try World.ingest([catalog("one", paths)]) }
      #expect(error?.message.contains(word) == true)
    }
    #expect(throws: IngestSetupError.self) {
      try World.ingest([catalog("one", ["/a"]), catalog("one", ["/b"])])
    }
  }

  @Test func `one entry may have several paths and formats`() throws {
    let ingest = try World.ingest([catalog("one", ["/a", "/c"], [.amplitude, .json])])
    #expect(ingest.receive(World.post("/a", #"[{"event_type":"x"}]"#)).json?["code"] == 200)
    #expect(ingest.receive(World.post("/c/", #"{"q":1}"#)).json?["accepted"] == 1)
  }

  @Test func `other paths and other methods at a declared path are not ours`() throws {
    let ingest = try World.ingest([catalog("one", ["/"])])
    guard case .notMine = ingest.receive(World.post("/elsewhere", "{}")) else {
      Issue.record("claimed")
      return
    }
    var request = World.post("/", "{}")
    request.method = "GET"
    guard case .notMine = ingest.receive(request) else {
      Issue.record("claimed")
      return
    }
    #expect(
      ingest.claims(path: "/") && ingest.claims(path: "/2/httpapi/")
        && ingest.claims(path: "/v1/projects/k/settings"))
    #expect(!ingest.claims(path: "/apps"))
  }

  @Test func `Segment's and PostHog's clients find what they ask for at their start`() throws {
    let ingest = try World.ingest([])
    for path in ["/v1/projects/key/settings", "/array/key/config"] {
      var request = World.post(path, "")
      request.method = "GET"
      #expect(ingest.receive(request).answer?.status == 200)
    }
  }
}

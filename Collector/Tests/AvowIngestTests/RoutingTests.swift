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

  @Test func `RudderStack's pixel is a call, and whoever loads it sees a pixel`() throws {
    let ingest = try World.ingest([Demo.catalog()])
    func load(_ path: String, _ query: [(name: String, value: String)]) -> Received {
      ingest.receive(
        IngestRequest(method: "GET", path: path, query: query, received: World.received))
    }
    let key = (name: "writeKey", value: "demo_key")
    let page = load("/pixel/v1/page", [key, ("anonymousId", "ada"), ("properties.name", "start")])
    #expect(page.events.map(\.properties) == [["page": "start"]])
    #expect(page.events.first?.entry.user != nil && page.answer?.contentType == "image/gif")
    let track = load("/pixel/v1/track", [key, ("event", "demo.tool.run"), ("anonymousId", "ada")])
    #expect(track.events.map(\.event) == ["tool_run"])
    let unknown = load("/pixel/v1/track", [("writeKey", "nobody's"), ("event", "demo.tool.run")])
    #expect(unknown.answer?.contentType == "image/gif" && unknown.answer?.status == 200)
  }

  @Test func `PostHog's log records come with the token in the query`() throws {
    let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"demo.tool.run"}]}]}]}"#
    let ingest = try World.ingest([Demo.catalog()])
    let request = World.post("/i/v1/logs", body, query: [("token", "demo_key")])
    #expect(ingest.receive(request).events.map(\.event) == ["tool_run"])
  }

  @Test func `Segment's and PostHog's clients find what they ask for at their start`() throws {
    let ingest = try World.ingest([])
    for path in ["/v1/projects/key/settings", "/array/key/config", "/array/key/config.js"] {
      var request = World.post(path, "")
      request.method = "GET"
      #expect(ingest.receive(request).answer?.status == 200)
    }
  }
}

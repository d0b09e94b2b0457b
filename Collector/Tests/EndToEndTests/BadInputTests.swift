import AvowDemo
import AvowWire
import Glibc
import Testing

/// What goes wrong at the door, and that nothing else suffers.
@Suite(.serialized)
struct BadInputTests {
  @Test func `a port in use is one line and a failure`() throws {
    let first = try BuiltCollector()
    try first.start()
    let second = try BuiltCollector()
    let outcome = try BuiltCollector.command([
      "serve", "--listen", "127.0.0.1:\(first.port)", "--data", second.data, "--catalog",
      BuiltCollector.catalogs,
    ]).run(timeout: .seconds(20))
    Self.expectOneLine(outcome, naming: "\(first.port)")
    #expect(try LoopbackClient(port: first.port).send(method: "GET", target: "/health").status == 200)
  }

  @Test func `a data folder that another collector holds is one line and a failure`() throws {
    let first = try BuiltCollector()
    try first.start()
    let outcome = try BuiltCollector.command([
      "serve", "--listen", "127.0.0.1:0", "--data", first.data, "--catalog", BuiltCollector.catalogs,
    ]).run(timeout: .seconds(20))
    Self.expectOneLine(outcome, naming: first.data)
    #expect(try LoopbackClient(port: first.port).send(method: "GET", target: "/health").status == 200)
  }

  @Test(arguments: [
    (added: "evnts: {}\n", naming: "evnts"), (added: "purpose: again\n", naming: "purpose"),
    (added: "never: [x\n", naming: "YAML"), (added: "contact: a\tb: [\n", naming: "YAML"),
  ])
  func `a catalog with a fault is named with its place`(added: String, naming: String) throws {
    let collector = try BuiltCollector()
    let path = collector.folder + "/broken.yaml"
    try Files.write(Files.text(BuiltCollector.catalogs + "/blindai.yaml") + added, to: path)
    let outcome = try BuiltCollector.command([
      "serve", "--listen", "127.0.0.1:0", "--data", collector.data, "--catalog", path,
    ]).run(timeout: .seconds(20))
    Self.expectOneLine(outcome, naming: naming)
    #expect(BuiltCollector.errors(outcome).contains(/broken\.yaml:[0-9]+:[0-9]+: error/))
  }

  @Test func `a missing catalog and an unknown app are one line and a failure`() throws {
    let collector = try BuiltCollector()
    let outcome = try BuiltCollector.command([
      "serve", "--listen", "127.0.0.1:0", "--data", collector.data, "--catalog", "/no/such/place.yaml",
    ]).run(timeout: .seconds(20))
    Self.expectOneLine(outcome, naming: "/no/such/place.yaml")
    try collector.start()
    Self.expectOneLine(try collector.run("keys", "add", "nonsense"), naming: "nonsense")
  }

  @Test func `bad requests are answered as their client understands and lose nothing else`() throws {
    let collector = try BuiltCollector()
    try collector.start()
    let keys = try collector.keys()
    let clients = SeedClients(
      seed: 2, keys: keys, firstDay: Timestamp(milliseconds: Int64(time(nil)) * 1000).day - 59)
    let samples = clients.samples()
    let connection = LoopbackClient(port: collector.port)
    var stored: [String: Int] = [:]
    func sendGood() throws {
      for app in SeedClients.apps {
        let request = try #require(samples.first { $0.app == app && $0.events > 0 })
        #expect(try connection.send(request).status == 200)
        stored[app, default: 0] += request.events
      }
    }
    try sendGood()
    for app in SeedClients.apps {
      var request = try #require(samples.first { $0.app == app && $0.events > 0 })
      let whole = request.body

      request.body = Array("no JSON at all".utf8)
      let nonsense = try connection.send(request)
      #expect((400..<500).contains(nonsense.status), "\(app): \(nonsense.text)")
      #expect(!nonsense.text.contains("no JSON at all"), "\(app) quotes what it was sent")

      request.body = Array(whole.dropLast(whole.count / 3))
      #expect((400..<500).contains(try connection.send(request).status), "\(app): truncated body")

      // The connection breaks before the body is whole.
      let broken = LoopbackClient(port: collector.port)
      let head = "POST \(request.target) HTTP/1.1\r\nHost: x\r\nContent-Length: \(whole.count)\r\n\r\n"
      try broken.abandon(Array(head.utf8) + whole.prefix(10))
    }
    try sendGood()

    let evidently = try #require(samples.first { $0.app == "evidently" && $0.events == 1 })
    var wrong = evidently
    wrong.query = [("ip_policy", "strict"), ("token", "wk_nobody")]
    let refused = try connection.send(wrong)
    #expect(refused.status == 401)
    #expect(!refused.text.contains("wk_nobody"))
    #expect(try JSONValue(parsing: refused.body)["message"]?.stringValue != nil)

    let blindAI = try #require(samples.first { $0.generation == "0.3.0" && $0.events > 0 })
    wrong = blindAI
    wrong.body = Array(
      String(decoding: blindAI.body, as: UTF8.self)
        .replacing(keys["blindai"] ?? "-", with: "wk_nobody").utf8)
    let invalid = try connection.send(wrong)
    #expect(invalid.status == 400)
    let error = try JSONValue(parsing: invalid.body)
    #expect(error["code"] == 400)
    #expect(error["error"]?.stringValue?.hasPrefix("Invalid API key") == true)

    wrong = evidently
    wrong.body = Array(
      String(decoding: evidently.body, as: UTF8.self)
        .replacing(/"action": "[a-z_]+"/, with: #""action": "read_mail""#).utf8)
    // An SDK that is told "no" would send for ever what no catalog will ever take.
    #expect(try connection.send(wrong).status == 200)

    for app in SeedClients.apps {
      #expect(try collector.export(app).count == stored[app], "\(app)")
    }
  }

  private static func expectOneLine(_ outcome: HostProcess.Outcome, naming word: String) {
    // What a catalog is warned of stands in the log as well, and is no error.
    let errors = BuiltCollector.errors(outcome).split(separator: "\n").filter {
      !$0.contains(" warning avow: ")
    }
    #expect(outcome.status != 0)
    #expect(errors.count == 1, "\(errors)")
    #expect(errors.last?.contains(word) == true, "\(errors)")
  }
}

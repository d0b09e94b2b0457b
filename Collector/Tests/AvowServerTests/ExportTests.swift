import AvowServer
import AvowWire
import Testing

struct ExportTests {
  /// The next version: without the event `weave`, the property and the field `os_name`.
  private static let next = """
    avow: 1
    app: weaver
    name: Weaver
    version: 2
    purpose: To test.
    delivery: {key: wk_x}
    context: {app_version: {why: x}}
    events:
      dye: {description: A cloth was dyed., why: x, expires: never}
    """

  @Test func `what only an older catalog declared is handed out, with its fields`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      _ = try await running.record(key: key, n: 1)
      try running.folder.write(Self.next, to: "weaver.yaml")
      #expect(try await running.admin("POST", "reload", []).status == 200)
      let lines = try await running.admin("GET", "export", [("app", "weaver"), ("event", "weave")])
      #expect(lines.status == 200)
      #expect(lines.text.contains("\"loom\":\"hand\"") && lines.text.contains("\"os_name\":\"linux\""))
      let csv = try await running.admin(
        "GET", "export", [("app", "weaver"), ("event", "weave"), ("format", "csv")]
      ).text.split(separator: "\r\n")
      #expect(csv.first?.hasSuffix(",sent,ephemeral,context.app_version,context.os_name,loom,rows") == true)
      #expect(csv.count == 2 && csv.last?.hasSuffix(",,1.2.3,linux,hand,7") == true, "\(csv)")
      let whole = try await running.admin("GET", "export", [("app", "weaver"), ("format", "csv")])
      #expect(whole.text.contains("context.os_name,properties\r\n"))
      // A question about it says where it is.
      let asked = try await running.admin("GET", "ask", [("app", "weaver"), ("q", "weave by loom")])
      #expect(asked.status == 400)
      #expect(asked.text.contains("declared until version 1") && asked.text.contains("--event weave"))
      let filtered = try await running.admin(
        "GET", "export", [("app", "weaver"), ("event", "weave"), ("where", "loom = hand")])
      #expect(filtered.status == 400 && filtered.text.contains("declared until version 1"))
      let none = try await running.admin("GET", "export", [("app", "weaver"), ("event", "wave")])
      #expect(none.status == 404 && none.text.contains("it declares dye"))
    }
  }

  @Test func `conditions choose what is handed out, in the words of a question`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      for n in 1...3 { _ = try await running.record(key: key, n: n) }
      func export(_ conditions: String) async throws -> (status: Int, text: String) {
        try await running.admin("GET", "export", [("app", "weaver"), ("where", conditions)])
      }
      func count(_ conditions: String) async throws -> Int {
        let answer = try await export(conditions)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.text.split(separator: "\n").count
      }
      #expect(try await count("loom = hand") == 3)
      #expect(try await count("rows between 1 and 7 and app_version >= 1.2") == 3)
      #expect(try await count("rows > 7") == 0)
      for (wrong, said) in [
        ("loom = hand by day", "where takes conditions alone"),
        ("loom = hand last 3 days", "conditions alone"),
        ("cloth = red", "cloth"), ("loom", ""),
      ] {
        let answer = try await export(wrong)
        #expect(answer.status == 400 && answer.text.contains(said), "\(answer.text)")
      }
    }
  }
}

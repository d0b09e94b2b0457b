import AvowDemo
import AvowWire
import Testing

/// Three of the tools whose telemetry is received, with their own published code: not what was recorded of them.
@Suite(.enabled(if: SDKEnvironment.toolsPython != nil, "Scripts/sdk-environment has no tools to offer"))
struct ToolTests {
  @Test func `what Evidently, Jina and Speedster say by themselves is stored, and nobody's name or address`()
    async throws
  {
    let collector = try BuiltCollector()
    try collector.start()
    let key = try collector.key(for: "evidently")
    let said = try await SDKEnvironment.sendTools(
      ["http://127.0.0.1:\(collector.port)", key], home: collector.folder)

    #expect(said["jina"]?["statuses"] == [200, 200, 200, 200, 200])
    let jina = try collector.export("jina")
    #expect(
      jina.compactMap { $0["event"]?.stringValue }.sorted() == [
        "client_start", "executor_start", "flow_start", "gateway_start", "runtime_start",
      ])
    let metas = try #require(said["jina"]?["metas"])
    for line in jina {
      #expect(line["context"]?["app_version"] == "3.7.13")
      #expect(line["context"]?["protobuf"]?.stringValue == metas["protobuf"]?.stringValue)
      #expect(line["context"]?["proto_backend"] == "python")
    }
    // Its events have one user, and one session by the time the process began.
    #expect(Set(jina.compactMap { $0["user"]?.stringValue }).count == 1)
    #expect(Set(jina.compactMap { $0["session"]?.stringValue }).count == 1)

    #expect(said["speedster"]?["status"] == 200)
    let speedster = try #require(try collector.export("speedster").first)
    #expect(speedster["event"] == "optimization")
    #expect(speedster["properties"]?["model_name"] == "ResNet")
    #expect(speedster["properties"]?["model_size"] == 102_230_000)
    #expect(speedster["properties"]?["optimizations"]?.arrayValue?.count == 2)
    #expect(speedster["context"]?["nebullvm_version"] == "0.7.3")
    #expect(speedster["user"] == .null || speedster["user"] == nil)

    // Processes that nobody waits for: they come when they come, in any order.
    var evidently: [JSONValue] = []
    try Patience.until("Evidently's five events") {
      evidently = try collector.export("evidently")
      return evidently.count >= 5
    }
    #expect(
      evidently.compactMap { $0["properties"]?["reports_count"]?.integerValue }.sorted() == [0, 1, 2, 3, 4])
    #expect(
      evidently.allSatisfy { $0["event"] == "list_reports" && $0["context"]?["app_version"] == "0.4.2" })

    let user = try #require(said["evidently"]?["user"]?.stringValue)
    let uid = try #require(metas["uid"]?.integerValue)
    let secrets = [
      user, String(uid), try #require(said["speedster"]?["ip_address"]?.stringValue), "MyOwnExecutor",
    ]
    #expect(collector.terminate() == 0)
    // Evidently's client keeps its own file with the identifier in its user's home.
    for path in Files.all(in: collector.data) + [collector.log] {
      let bytes = Files.bytes(path)
      for secret in secrets where Files.contains(bytes, secret) {
        Issue.record("a secret stands in \(path.dropFirst(collector.folder.count))")
      }
    }
  }
}

import AvowWire
import Foundation
import Testing

/// The four example hosts as their users see them.
struct HostTests {
  /// What a host is and what its tool's page says.
  struct Host: Sendable, CustomTestStringConvertible {
    var program: String
    var app: String
    var variable: String
    /// Values of the variable that leave telemetry on.
    var harmless: Set<String> = []
    /// What the program says when it is off.
    var disabled: String
    var events: Set<String>
    var testDescription: String { program }
  }

  static let hosts = [
    Host(
      program: "inference-server", app: "blindai", variable: "BLINDAI_DISABLE_TELEMETRY",
      disabled: "BlindAI telemetry is disabled.",
      events: ["started", "send_model", "run_model"]),
    Host(
      program: "flow", app: "jina", variable: "JINA_OPTOUT_TELEMETRY", disabled: "Jina reports no usage.",
      events: ["flow_start", "gateway_start", "runtime_start", "executor_start", "client_start"]),
    Host(
      program: "optimizer", app: "speedster", variable: "SPEEDSTER_DISABLE_TELEMETRY",
      harmless: ["", "0", "false"],
      disabled: "Speedster's usage statistics are disabled.",
      events: ["optimization"]),
    Host(
      program: "monitoring-service", app: "evidently", variable: "DO_NOT_TRACK",
      disabled: "Anonymous usage reporting is disabled",
      events: [
        "startup", "index", "list_projects", "get_project_info", "project_dashboard", "list_reports",
        "list_test_suites", "get_snapshot_download", "add_project", "search_projects", "get_snapshot_data",
        "get_snapshot_graph_data", "update_project_info", "list_project_dashboard_panels", "add_snapshot",
      ]),
  ]

  /// Shows what would be sent and sends nothing.
  static let shown = ["AVOW_DEBUG": "print", "AVOW_URL": "http://127.0.0.1:9", "AVOW_KEY": "wk_test"]

  @Test(arguments: hosts)
  func `a host sends exactly the events it says it recorded, all of its page`(host: Host) throws {
    let outcome = try ExampleProgram(name: host.program).run(
      ["--actions", "60", "--seed", "5", "--version", "9.8.7"], environment: Self.shown)
    #expect(outcome.status == 0)
    let recorded = try Self.recorded(outcome, app: host.app)
    #expect(Set(recorded.keys) == host.events)
    var sent: [String: Int] = [:]
    for body in Self.bodies(outcome) {
      #expect(body["app"]?.stringValue == host.app)
      #expect(body["context"]?["app_version"] == "9.8.7")
      for event in body["events"]?.arrayValue ?? [] {
        sent[try #require(event["name"]?.stringValue), default: 0] += 1
      }
    }
    #expect(sent == recorded)
  }

  @Test(arguments: hosts, ["", "0", "1", "true", "false", "maybe"])
  func `a host honours its own variable, says so, and leaves nothing behind`(host: Host, value: String) throws
  {
    let isOff = !host.harmless.contains(value)
    let outcome = try ExampleProgram(name: host.program).run(
      environment: Self.shown.merging([host.variable: value]) { $1 })
    #expect(outcome.status == 0)
    #expect(try Self.recorded(outcome, app: host.app).isEmpty == isOff)
    #expect(Self.bodies(outcome).isEmpty == isOff)
    #expect(outcome.errors.contains(host.disabled) == isOff)
    #expect(outcome.errors.contains(host.variable) == !isOff)
    if isOff { #expect(outcome.files.isEmpty) }
  }

  @Test(arguments: hosts)
  func `a host prints its notice once and only on stderr`(host: Host) throws {
    let outcome = try ExampleProgram(name: host.program).run(environment: Self.shown)
    #expect(outcome.output.split(separator: "\n").count == 1)
    let notice = outcome.errors.components(separatedBy: host.variable)
    #expect(notice.count == 2, "the notice names \(host.variable) once: \(outcome.errors)")
  }

  @Test(arguments: hosts)
  func `a wrong argument is one line and a failure`(host: Host) throws {
    for arguments in [["--actions", "many"], ["--colour", "red"], ["--seed"]] {
      let outcome = try ExampleProgram(name: host.program).run(arguments)
      #expect(outcome.status == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(outcome.errors.contains(arguments[0]))
      #expect(outcome.files.isEmpty)
    }
  }

  @Test(arguments: hosts)
  func `a host answers what its users ask about telemetry, without notice or traces`(host: Host) throws {
    let program = ExampleProgram(name: host.program)
    let status = try program.run(["telemetry"], environment: Self.shown)
    #expect(status.status == 0 && status.errors.isEmpty && status.files.isEmpty)
    #expect(status.output.contains(": telemetry is enabled\n") && status.output.contains(host.variable))
    let off = try program.run(["telemetry", "status"], environment: [host.variable: "1"])
    #expect(off.output.contains(": telemetry is disabled\n") && off.errors.isEmpty && off.files.isEmpty)
    #expect(try program.run(["telemetry", "explode"]).status == 2)
    let help = try program.run(["--help"])
    #expect(help.status == 0 && help.output.contains("telemetry [help]"))
  }

  @Test func `a compiler that fails has no latency and the others have one`() throws {
    let outcome = try ExampleProgram(name: "optimizer").run(
      ["--actions", "40", "--seed", "3"], environment: Self.shown)
    let rows = Self.bodies(outcome).flatMap { $0["events"]?.arrayValue ?? [] }
      .flatMap { $0["properties"]?["optimizations"]?.arrayValue ?? [] }
    let latencies = rows.map { $0["latency"]?.numberValue }
    #expect(latencies.contains { $0 == nil })
    #expect(latencies.contains { ($0 ?? 0) > 0 })
    #expect(rows.allSatisfy { $0["latency"] != nil || ["blocked", "vectorized"].contains($0["compiler"]) })
  }

  /// The last line of the output: what the host says it recorded.
  private static func recorded(_ outcome: ExampleProgram.Outcome, app: String) throws -> [String: Int] {
    let line = try #require(outcome.output.split(separator: "\n").last)
    let document = try JSONValue(parsing: line.utf8)
    #expect(document["app"]?.stringValue == app)
    let members = try #require(document["recorded"]?.objectValue)
    return members.compactMapValues { $0.integerValue.map { Int($0) } }
  }

  /// The bodies shown on stderr, between the words of the notice.
  private static func bodies(_ outcome: ExampleProgram.Outcome) -> [JSONValue] {
    outcome.errors.split(separator: "\n").compactMap { line in
      guard let start = line.firstIndex(of: "{") else { return nil }
      return try? JSONValue(parsing: line[start...].utf8)
    }
    .filter { $0["events"] != nil }
  }
}

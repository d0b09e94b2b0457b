import AvowDemo
import AvowWire
import Dispatch
import Glibc

/// Other programs' TLS and databases, and the vendors' own SDKs, as Python has them.
enum SDKEnvironment {
  static let root = BuiltCollector.catalogs.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/")

  /// The interpreter that has them, `nil` where Python or the packages cannot be had; the script says why.
  static let python = interpreter([])

  /// The one that has three of the tools whose telemetry is received.
  static let toolsPython = interpreter(["tools"])

  private static func interpreter(_ arguments: [String]) -> String? {
    var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"]
    // Package indexes and interpreters may be configured by the environment.
    for name in ["PATH", "HOME", "AVOW_SDK_ENVIRONMENT", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PYENV_ROOT"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let outcome = try? HostProcess(
      program: root + "/Scripts/sdk-environment", arguments: arguments, environment: environment
    ).run(timeout: .seconds(180))
    guard let outcome, outcome.status == 0 else {
      print(outcome.map(BuiltCollector.errors) ?? "Scripts/sdk-environment did not run")
      return nil
    }
    return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").last.map(String.init)
  }

  /// Runs the script that drives the SDKs and reads the JSON it prints; not on the threads tests share.
  static func send(
    _ arguments: [String], home: String, environment: [String: String] = [:],
    timeout: Duration = .seconds(150)
  ) async throws -> JSONValue {
    try await run(python, "sdk-send.py", arguments, home, environment, timeout)
  }

  /// The same for the script that drives the tools.
  static func sendTools(_ arguments: [String], home: String) async throws -> JSONValue {
    try await run(toolsPython, "tools-send.py", arguments, home, [:], .seconds(150))
  }

  private static func run(
    _ python: String?, _ script: String, _ arguments: [String], _ home: String,
    _ environment: [String: String], _ timeout: Duration
  ) async throws -> JSONValue {
    let program = python ?? "python3"
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "sdk").async {
        continuation.resume(
          with: Result {
            let outcome = try HostProcess(
              program: program, arguments: [root + "/Scripts/" + script] + arguments,
              environment: ["PATH": "/usr/bin:/bin", "HOME": home].merging(environment) { $1 }
            ).run(timeout: timeout)
            guard outcome.status == 0, let line = outcome.output.split(separator: UInt8(ascii: "\n")).last
            else {
              throw BuiltCollector.Failure(
                description: "the driver ended with \(outcome.status): \(BuiltCollector.errors(outcome))")
            }
            return try JSONValue(parsing: Array(line))
          })
      }
    }
  }

  static func marks(_ value: JSONValue?) -> [Int64] { value?.arrayValue?.compactMap(\.integerValue) ?? [] }

  /// A catalog for what the driver sends.
  static let catalog = """
    avow: 1
    app: sdks
    name: SDKs
    version: 1
    purpose: To test the vendors' own SDKs.
    contact: sdks@example.org
    identity: {user: installation, rotate: never, session: none}
    retention: 13 months
    context:
      app_version: {why: To test.}
    events:
      run:
        description: A run.
        why: To test.
        properties:
          mark: &mark {type: integer, min: 0, description: The event's number.}
          note: &note {type: text, free: To test text beyond ASCII., max_length: 200, description: A text.}
      page_view:
        description: A page.
        why: To test.
        properties: {mark: *mark, note: *note}
      signed_in:
        description: An identify call.
        why: To test.
        properties: {mark: *mark, note: *note}
    accepts:
      - format: [amplitude, segment, posthog, otlp]
        events:
          tool run: run
          a page: page_view
          $page: page_view
          $pageview: page_view
          $identify: signed_in
          $set: signed_in
        flatten: [user_properties.$set]
      - format: jitsu
        events: {tool run: run}
        flatten: extra
        fields: {event: action, user: user_id, app_version: tool_version}
        drop: {fields: [interface, tool_name, group_id, error, python_version, os_name, os_version]}
    """
}

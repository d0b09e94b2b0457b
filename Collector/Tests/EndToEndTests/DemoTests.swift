import AvowDemo
import Glibc
import Testing

/// `avow demo` with the example hosts, as a new user runs it.
struct DemoTests {
  private static let root = BuiltCollector.catalogs.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/")
  private static let examples = root + "/Examples/.build/debug"
  private static let isBuilt = access(examples + "/monitoring-service", X_OK) == 0

  @Test(.enabled(if: isBuilt, "the example hosts are not built"))
  func `two weeks of made-up users are stored as they were sent`() throws {
    let outcome = try HostProcess(
      program: BuiltCollector.program,
      arguments: [
        "demo", "--days", "14", "--catalogs", BuiltCollector.catalogs, "--examples", Self.examples,
      ], environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "DEMO_EXIT": "1"]
    ).run(timeout: .seconds(120))
    let output = String(decoding: outcome.output, as: UTF8.self)
    #expect(outcome.status == 0, "\(output)\(BuiltCollector.errors(outcome))")
    let rows = output.split(separator: "\n").filter { $0.hasSuffix("agrees") }
    #expect(
      rows.compactMap { $0.split(separator: " ").first }.sorted() == [
        "blindai", "evidently", "jina", "speedster",
      ])
    // The rows taken over from Jitsu arrive twice.
    #expect(rows.contains { $0.hasPrefix("evidently") && $0.contains(" 24 ") })
  }
}

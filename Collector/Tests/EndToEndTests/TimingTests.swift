import Avow
import AvowCatalog
import AvowDemo
import Testing

/// A timing all the way: declared, turned into code, measured, sent, admitted, stored, asked.
struct TimingTests {
  private static let declaration = """
    avow: 1
    app: loom
    name: Loom
    version: 1
    contact: privacy@example.org
    purpose: To test timings from end to end.
    consent: {default: enabled, ci: enabled}
    never: [identity]
    context:
      app_version: {why: To tell releases apart.}
    events:
      weave:
        description: A piece was woven.
        why: To see how long users wait.
        expires: never
        properties:
          count: {type: integer, min: 0, unit: pieces, description: How many pieces were woven.}
          durations:
            type: list
            of: {type: number, min: 0}
            unit: ms
            max_items: 200
            description: How long it took, as a sample of at most 200 pieces.

    """

  @Test func `what a program measured is answered as a distribution`() throws {
    let collector = try BuiltCollector()
    collector.catalogs = collector.folder + "/loom.yaml"
    try Files.write(Self.declaration, to: collector.catalogs)
    let reading = CatalogFile.read(Self.declaration, file: "loom.yaml")
    #expect(reading.diagnostics.filter { $0.severity == .error } == [])
    let catalog = try #require(reading.catalog)
    let source = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let generated = source.joined(separator: "/") + "/Generated/Loom.swift"
    #expect(SwiftGenerator.generate(catalog) == Files.text(generated))
    try collector.start()
    let key = try collector.key(for: "loom")
    let telemetry = Telemetry(
      Loom.self, version: "1.2.3", lifetime: .service,
      environment: TelemetryEnvironment(variables: [
        "AVOW_STATE": collector.folder + "/state", "AVOW_URL": "http://127.0.0.1:\(collector.port)",
        "AVOW_KEY": key,
      ]), notice: .none)
    for number in 1...100 { telemetry.record(.weave, duration: .milliseconds(number)) }
    #expect(telemetry.time(.weave) { 6 * 7 } == 42)
    #expect(telemetry.flush(timeout: .seconds(30)))
    let lines = try collector.export("loom")
    #expect(lines.reduce(0) { $0 + ($1["properties"]?["count"]?.integerValue ?? 0) } == 101)
    let outcome = try collector.run("ask", "loom", "distribution of weave.durations", "--format", "json")
    let answer = try JSONValue(parsing: outcome.output)
    let spread = try #require(answer["distributions"]?.arrayValue?.first, "\(BuiltCollector.errors(outcome))")
    #expect(spread["count"] == 101)
    for (quantile, exact) in [("p50", 50.0), ("p90", 90), ("p99", 99), ("max", 100)] {
      let found = try #require(spread[quantile]?.numberValue)
      #expect(abs(found - exact) / exact < 0.07, "\(quantile) is \(found)")
    }
  }
}

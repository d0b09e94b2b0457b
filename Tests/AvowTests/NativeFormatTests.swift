#if !ForeignFormats
  import AvowTesting
  import Testing

  @testable import Avow

  @Suite struct NativeFormatTests {
    @Test func `a program without the formats of others sends in the native one`() throws {
      let bench = Bench()
      let telemetry = bench.telemetry()
      telemetry.record(.listReports(reportsCount: 19))
      bench.tick()
      try bench.transport.expectEvent("list_reports", ["reports_count": 19])
    }

    @Test func `where another is meant nothing leaves, and the status says why`() {
      let bench = Bench()
      let telemetry = bench.telemetry(["AVOW_URL": "https://h", "AVOW_FORMAT": "jitsu"])
      telemetry.record(.listReports(reportsCount: 19))
      bench.tick()
      #expect(bench.transport.requests.isEmpty)
      #expect(telemetry.status.description.contains("built without the formats of others (jitsu)"))
      let own = Destination.problem(
        Workshop.catalog, given: Destination(url: "https://h", format: .otlp),
        TelemetryEnvironment(variables: [:]))
      #expect(own?.contains("(otlp)") == true)
      // The address alone means a collector of our own.
      let ours = Destination.problem(
        Workshop.catalog, given: Destination(url: "https://h", format: .otlp),
        TelemetryEnvironment(variables: ["AVOW_URL": "https://ours"]))
      #expect(ours == nil)
    }
  }
#endif

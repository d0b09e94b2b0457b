#if ArgumentParser
  import ArgumentParser
  import Avow
  import AvowArgumentParser
  import AvowTesting
  import Testing

  @Suite struct TelemetrySubcommandTests {
    enum Tool: DeclaredCatalog {
      static let catalog = Catalog(app: "tool", name: "Tool", version: 1)
      static let digest = catalog.digest
      struct Context: DeclaredContext { func encode(into encoder: inout EventEncoder) {} }
      enum Event: DeclaredEvent { func encode(into encoder: inout EventEncoder) {} }
    }

    struct Program: ParsableCommand, TelemetryHost {
      static let telemetry = Telemetry(
        Tool.self, version: "1.0", lifetime: .command,
        environment: TelemetryEnvironment(variables: ["DO_NOT_TRACK": "1"]), clock: ManualClock(),
        transport: InMemoryTransport(), notice: .none)
      static let configuration = CommandConfiguration(subcommands: [TelemetrySubcommand<Program>.self])
    }

    @Test func `every action parses, and status is the one that needs no word`() throws {
      for action in TelemetryAction.allCases {
        #expect(try Program.parseAsRoot(["telemetry", action.rawValue]) is TelemetrySubcommand<Program>)
      }
      var command = try Program.parseAsRoot(["telemetry"])
      try command.run()
      #expect(throws: (any Error).self) { try Program.parseAsRoot(["telemetry", "explode"]) }
    }

    @Test func `what cannot be done exits with a failure`() throws {
      var command = try Program.parseAsRoot(["telemetry", "enable"])
      #expect(throws: ExitCode(1)) { try command.run() }
    }
  }
#endif

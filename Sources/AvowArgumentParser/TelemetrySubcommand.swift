#if ArgumentParser
  public import ArgumentParser
  public import Avow

  /// A program whose users can look after its telemetry on the command line.
  public protocol TelemetryHost {
    associatedtype Declared: DeclaredCatalog
    /// The program's one telemetry value.
    static var telemetry: Telemetry<Declared> { get }
  }

  extension TelemetryAction: ExpressibleByArgument {}

  /// The subcommand `telemetry`, for a host's `subcommands`.
  ///
  /// ```swift
  /// static let configuration = CommandConfiguration(subcommands: [TelemetrySubcommand<Tool>.self])
  /// ```
  public struct TelemetrySubcommand<Host: TelemetryHost>: ParsableCommand {
    public static var configuration: CommandConfiguration {
      CommandConfiguration(
        commandName: "telemetry", abstract: "See and decide what this program reports about its use.",
        discussion: TelemetryAction.allCases.map { "\($0.rawValue): \($0.summary)" }
          .joined(separator: "\n"))
    }

    @Argument(help: "What to do.")
    var action: TelemetryAction = .status

    /// Creates the subcommand.
    public init() {}

    public func run() throws {
      let (output, status) = Host.telemetry.perform(action)
      print(output)
      if status != 0 { throw ExitCode(status) }
    }
  }
#endif

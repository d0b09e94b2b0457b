import Avow
import AvowTesting
import Foundation
import Synchronization

/// One program with telemetry, its state in a folder of its own that goes with the value.
final class Bench: Sendable {
  let folder: String
  let clock: ManualClock
  let transport = InMemoryTransport()
  let notices = Mutex<[String]>([])

  init(clock: ManualClock = ManualClock()) {
    self.clock = clock
    folder = FileManager.default.temporaryDirectory.path + "/avow-" + UUID().uuidString
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var state: String { folder + "/state" }

  func telemetry(
    _ variables: [String: String] = [:], lifetime: TelemetryLifetime = .service, policy: String? = nil,
    context: Workshop.Context = .init(), version: String = "0.4.2", terminal: TelemetryTerminal = .none,
    isFirstRunOnly: Bool = false
  ) -> Telemetry<Workshop> {
    telemetry(
      Workshop.self, variables, lifetime: lifetime, policy: policy, context: context, version: version,
      terminal: terminal, isFirstRunOnly: isFirstRunOnly)
  }

  func telemetry<Declared: DeclaredCatalog>(
    _ declared: Declared.Type, _ variables: [String: String] = [:], lifetime: TelemetryLifetime = .service,
    policy: String? = nil, context: Declared.Context = .init(), version: String = "0.4.2",
    terminal: TelemetryTerminal = .none, isFirstRunOnly: Bool = false
  ) -> Telemetry<Declared> {
    var variables = variables
    if variables["AVOW_STATE"] == nil { variables["AVOW_STATE"] = state }
    if variables["AVOW_STATE"]?.isEmpty == true { variables["AVOW_STATE"] = nil }
    let notice = TelemetryNotice.custom { [self] line in notices.withLock { $0.append(line) } }
    return Telemetry(
      declared, version: version, lifetime: lifetime, context: context,
      environment: TelemetryEnvironment(variables: variables, policyPath: policy, terminal: terminal),
      clock: clock, transport: transport, notice: isFirstRunOnly ? notice.firstRunOnly : notice)
  }

  /// One interval of the catalog's.
  func tick() { clock.advance(by: .seconds(2)) }

  /// The spool's files.
  var segments: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: state + "/spool")) ?? []).sorted()
  }
}

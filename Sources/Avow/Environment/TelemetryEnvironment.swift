import CAvowShims

/// What the client sees of the world: variables, the machine's policy, where state is kept.
///
/// Programs use `.process`; tests make their own.
public struct TelemetryEnvironment: Sendable {
  private let variables: [String: String]?
  /// The administrator's file; `nil` where there is none to look at.
  public var policyPath: String?
  /// Who sees what is printed and can be asked.
  public var terminal: TelemetryTerminal

  /// The process's own environment.
  public static let process = TelemetryEnvironment(
    variables: nil, policyPath: "/etc/avow/policy", terminal: .process)

  /// Creates an environment of its own.
  public init(
    variables: [String: String], policyPath: String? = nil, terminal: TelemetryTerminal = .none
  ) {
    self.init(variables: Optional(variables), policyPath: policyPath, terminal: terminal)
  }

  private init(variables: [String: String]?, policyPath: String?, terminal: TelemetryTerminal) {
    self.variables = variables
    self.policyPath = policyPath
    self.terminal = terminal
  }

  /// Whether this is the process's own, and not one made for a test.
  var isOfProcess: Bool { variables == nil }

  /// A variable's value.
  func value(_ name: String) -> String? {
    if let variables { return variables[name] }
    return name.withCString { avow_environment($0).map { String(cString: $0) } }
  }

  /// As `value`, but nothing in a set-uid process: for what decides where files and events go.
  func trustedValue(_ name: String) -> String? {
    if let variables { return variables[name] }
    return name.withCString { avow_secure_environment($0).map { String(cString: $0) } }
  }

  /// The folder for an app's state; `nil` where there is no home.
  func statePath(app: String) -> String? {
    if let path = trustedValue("AVOW_STATE"), !path.isEmpty { return path }
    // The base directory specification: a path that is not absolute is to be ignored.
    if let base = trustedValue("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/avow/" + app }
    if let home = trustedValue("HOME"), home.hasPrefix("/") { return home + "/.local/state/avow/" + app }
    return nil
  }
}

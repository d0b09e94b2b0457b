/// What a program's telemetry does right now and why, for showing to its user.
public struct TelemetryStatus: Sendable, CustomStringConvertible {
  /// The tool's name.
  public internal(set) var name: String
  public internal(set) var mode: TelemetryMode
  /// All who could decide, and what each said.
  public internal(set) var decision: ConsentDecision
  /// What stands for this user now; to be quoted when asking the recipient for erasure.
  public internal(set) var user: Identifier128?
  public internal(set) var session: Identifier128?
  /// The collector's address; `nil` when the tool has none yet.
  public internal(set) var destination: String?
  /// What the collector takes; `nil` when there is none.
  public internal(set) var format: Catalog.Delivery.Format?
  /// The folder with what is remembered on this machine; `nil` where there is none.
  public internal(set) var stateFolder: String?
  public internal(set) var requests: Int
  public internal(set) var accepted: Int
  public internal(set) var duplicates: Int
  public internal(set) var refused: Int
  /// Events dropped because the spool was full.
  public internal(set) var lost: Int
  /// Texts and lists cut to their limit, values refused for being out of range.
  public internal(set) var trimmed: Int
  /// Names and types given to `record(_:_:)` that the catalog does not declare; left out.
  public internal(set) var undeclared: Int
  public internal(set) var isNetworkDown: Bool
  /// What keeps events from being kept or sent, in words.
  public internal(set) var problem: String?

  public var description: String {
    var lines = ["\(name): telemetry is \(mode.rawValue)"]
    for step in decision.trace {
      let arrow = step.says.map { " -> \($0.rawValue)" } ?? ""
      lines.append("  \(step.source): \(step.finding)\(arrow)")
    }
    let form = format.flatMap { $0 == .avow ? nil : ", in the format \($0.rawValue)" } ?? ""
    let none = problem == nil ? "nowhere yet, no address is declared" : "nowhere"
    lines.append("  sent to: \(destination.map { $0 + form } ?? none)")
    if let user { lines.append("  user identifier: \(user)") }
    if let session { lines.append("  session: \(session)") }
    if let stateFolder { lines.append("  kept in: \(stateFolder)") }
    if mode == .enabled {
      if requests + lost + trimmed > 0 {
        lines.append(
          "  this process: \(accepted) accepted in \(requests) requests, \(duplicates) known already, "
            + "\(refused) refused, \(lost) lost, \(trimmed) values cut")
      }
      lines.append("  a crash of the program loses nothing recorded; a power cut may lose the last seconds")
    }
    if undeclared > 0 { lines.append("  \(undeclared) names or types were recorded that are not declared") }
    if isNetworkDown { lines.append("  the collector cannot be reached; trying again now and then") }
    if let problem { lines.append("  \(problem)") }
    return lines.joined(separator: "\n")
  }
}

extension ConsentDecision.Source: CustomStringConvertible {
  public var description: String {
    switch self {
    case .policy: "policy of this machine"
    case .variable(let name): "variable \(name)"
    case .continuousIntegration: "continuous integration"
    case .choice: "your choice"
    case .default: "default"
    }
  }
}

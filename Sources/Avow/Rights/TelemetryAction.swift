/// What a user can do about a tool's telemetry, as words of a subcommand.
public enum TelemetryAction: String, Sendable, Hashable, CaseIterable {
  case status, preview, log, verify, enable, disable, local, forget

  /// One line for a list of commands.
  public var summary: String {
    switch self {
    case .status: "whether it reports, why, and under which identifiers"
    case .preview: "what waits, byte for byte as it would be sent"
    case .log: "what was sent, with the collector's receipts"
    case .verify: "compare what was sent with what the collector received"
    case .enable: "report usage"
    case .disable: "record nothing, and wipe what was not sent"
    case .local: "record on this machine, send nothing"
    case .forget: "ask the collector to erase all it has of you"
    }
  }
}

extension Telemetry {
  /// Does what the user asked for; returns what to print and the status to exit with.
  public func perform(_ action: TelemetryAction) -> (output: String, exitStatus: Int32) {
    switch action {
    case .status: return (status.description, 0)
    case .preview:
      let bodies = previews()
      return (bodies.isEmpty ? "nothing waits" : bodies.joined(separator: "\n"), 0)
    case .log:
      let lines = log.map(\.description)
      return (lines.isEmpty ? "nothing was sent from this machine" : lines.joined(separator: "\n"), 0)
    case .verify: return verification
    case .enable: return chosen(.enabled, enable())
    case .disable: return chosen(.disabled, disable())
    case .local: return chosen(.local, local())
    case .forget: return forgotten
    }
  }

  private var verification: (String, Int32) {
    let found = verify()
    var lines = [
      "\(found.matching) requests were received as they were sent, \(found.withoutReceipt) have no receipt"
    ]
    lines += found.differing.map { "received as something else: \($0)" }
    return (lines.joined(separator: "\n"), found.isGood ? 0 : 1)
  }

  private func chosen(_ wanted: TelemetryMode, _ now: TelemetryMode) -> (String, Int32) {
    guard now != wanted else { return ("telemetry is \(now.rawValue)", 0) }
    let reasons = status.decision.trace.filter { $0.says == now }
      .map { "\($0.source) (\($0.finding))" }
    let who = reasons.isEmpty ? "the choice could not be kept" : reasons.joined(separator: ", ")
    return ("telemetry is \(now.rawValue), not \(wanted.rawValue): \(who)", 1)
  }

  private var forgotten: (String, Int32) {
    let names = pseudonyms
    switch forget() {
    case .requested:
      let list = names.map { "  \($0)" }.joined(separator: "\n")
      return ("the collector was asked to erase everything under\n\(list)", 0)
    case .nothingToForget:
      return ("this machine has no identifier that lasts, so there is nothing to quote", 0)
    case .failed(let reason): return ("the request did not get there: \(reason)", 1)
    }
  }
}

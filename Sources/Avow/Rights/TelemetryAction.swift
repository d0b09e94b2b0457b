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
    case .status: return (situation, 0)
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

  /// The status with what a look from outside of the running program adds.
  private var situation: String {
    var lines = [status.description]
    if engine.decision.mode > .disabled {
      let count = engine.waitingEvents
      lines.append("  waiting: \(count == 0 ? "nothing" : "\(count) \(count == 1 ? "event" : "events")")")
    }
    if let last = log.last {
      let count = last.events.values.reduce(0, +)
      lines.append("  last sent: \(last.moment), \(count) \(count == 1 ? "event" : "events")")
    }
    return lines.joined(separator: "\n")
  }

  private var verification: (String, Int32) {
    let found = verify()
    var lines = ["received as it was sent: \(requests(found.matching))"]
    if found.withoutReceipt > 0 {
      lines.append("without a receipt: \(requests(found.withoutReceipt)); only Avow's collector gives one")
    }
    lines += found.differing.map { "received as something else: \($0)" }
    return (lines.joined(separator: "\n"), found.isGood ? 0 : 1)
  }

  private func requests(_ count: Int) -> String { count == 1 ? "1 request" : "\(count) requests" }

  private func chosen(_ wanted: TelemetryMode, _ now: TelemetryMode) -> (String, Int32) {
    guard now != wanted else {
      let means =
        switch now {
        case .enabled: ""
        case .local: ": usage is recorded on this machine and not sent"
        case .disabled: ", and what was not sent yet is gone"
        }
      return ("telemetry is \(now.rawValue)\(means)", 0)
    }
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
    case .failed(let reason):
      let whom = engine.catalog.contact.map { " at \($0)" } ?? ""
      let list = names.map { "\n  \($0)" }.joined()
      return ("nothing was erased: \(reason)\ntry again, or ask the makers\(whom) and quote\(list)", 1)
    }
  }
}

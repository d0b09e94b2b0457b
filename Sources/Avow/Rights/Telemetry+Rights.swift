/// What a user may see and decide; a host offers these as it likes.
extension Telemetry {
  /// Returns the JSON that would be sent next; `nil` when nothing waits. The same function makes both.
  ///
  /// While telemetry is `local`, it is the first of what was recorded and is not sent.
  public func preview() -> String? { engine.preview().map { String(decoding: $0, as: UTF8.self) } }

  /// Returns all bodies that wait on this machine, the next one first.
  public func previews() -> [String] { engine.previews().map { String(decoding: $0, as: UTF8.self) } }

  /// Asks the user, once, whether the tool may report; returns what holds then.
  ///
  /// For catalogs whose default is `ask`, which are off until there is an answer. Asks only on a terminal
  /// outside continuous integration, and only when nobody has decided yet; Enter means no.
  @discardableResult
  public func ask() -> TelemetryMode { engine.ask() }

  /// Keeps the choice that usage is reported; returns what now holds, which a variable may keep lower.
  @discardableResult
  public func enable() -> TelemetryMode { choose(.enabled) }

  /// Keeps the choice that nothing is recorded, and wipes what was not sent yet.
  @discardableResult
  public func disable() -> TelemetryMode { choose(.disabled) }

  /// Keeps the choice that usage is recorded on this machine and not sent.
  @discardableResult
  public func local() -> TelemetryMode { choose(.local) }

  /// What was sent from this machine, oldest first, as far as the bounded log goes back.
  public var log: [SentRecord] { engine.log }

  /// Compares what was sent with what the collector says it received.
  public func verify() -> TelemetryVerification { TelemetryVerification(log) }

  /// All identifiers this user ever had towards the collector, oldest first: what `forget` names.
  public var pseudonyms: [Identifier128] { engine.allPseudonyms }

  /// Asks the collector to erase everything under this user's identifiers, and begins new ones.
  ///
  /// The only connection ever made while telemetry is off, and only because the user asked for it.
  public func forget(timeout: Duration = .seconds(30)) -> ForgetOutcome { engine.forget(timeout: timeout) }

  private func choose(_ mode: TelemetryMode) -> TelemetryMode {
    _ = engine.store(mode)
    return engine.decision.mode
  }
}

/// What became of a request to erase.
public enum ForgetOutcome: Sendable, Equatable {
  /// The collector took the request for this many identifiers.
  case requested(identifiers: Int)
  /// This machine has no lasting identifier, so there is nothing to quote.
  case nothingToForget
  /// It did not get there; the identifiers are kept so that it can be asked again.
  case failed(String)
}

/// Where the one sentence goes that tells a user whether the tool reports.
public struct TelemetryNotice: Sendable {
  let print: @Sendable (String) -> Void
  /// Whether the sentence stays away once this catalog was shown on this machine.
  var isFirstRunOnly = false
  /// Whether it goes anywhere.
  var isPrinted = true

  /// To standard error, where it is in nobody's pipe; a full or closed pipe there costs the sentence, no
  /// more.
  public static let standardError = TelemetryNotice { StandardError.write($0 + "\n") }

  /// Nowhere; for a host that shows the sentence itself.
  public static let none = TelemetryNotice(print: { _ in }, isPrinted: false)

  /// To a function of the host's.
  public static func custom(_ print: @escaping @Sendable (String) -> Void) -> TelemetryNotice {
    TelemetryNotice(print: print)
  }

  /// Only when telemetry is on and the user of this machine was not shown this catalog yet.
  ///
  /// What a wider catalog adds is said all the same.
  public var firstRunOnly: TelemetryNotice {
    var notice = self
    notice.isFirstRunOnly = true
    return notice
  }

  /// Not when the user asked about telemetry itself, as `handle(arguments:)` understands it: the answer says
  /// more than the notice, and after `disable` the notice would even be wrong.
  public func quietWhenAsked(_ arguments: [String]) -> TelemetryNotice {
    arguments.dropFirst().first == "telemetry" ? .none : self
  }

  /// Says what there is to say, in one piece.
  func announce(_ catalog: Catalog, _ mode: TelemetryMode, _ acquaintance: Acquaintance) {
    guard isPrinted else { return }
    let isSpared = isFirstRunOnly && (mode == .disabled || acquaintance.isKnown)
    var text = isSpared ? "" : Self.text(catalog, mode)
    if mode > .disabled, let sentence = acquaintance.sentence {
      text += text.isEmpty ? sentence : "\n" + sentence
    }
    if !text.isEmpty { print(text) }
  }

  /// Returns the sentence for a mode: the catalog's own words, else the standard ones.
  static func text(_ catalog: Catalog, _ mode: TelemetryMode) -> String {
    switch mode {
    case .enabled:
      catalog.consent.enabledNotice
        ?? "\(catalog.name) reports anonymous usage. To switch that off, set \(optOut(catalog.consent))."
    case .local:
      "\(catalog.name) records its usage on this machine and sends nothing."
    case .disabled:
      catalog.consent.disabledNotice ?? "\(catalog.name) reports no usage."
    }
  }

  private static func optOut(_ consent: Catalog.Consent) -> String {
    let variable = consent.variables.first
    return (variable?.name ?? "DO_NOT_TRACK") + "=1"
  }
}

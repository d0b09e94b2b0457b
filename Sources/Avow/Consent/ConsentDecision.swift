/// Whether a program records and sends, and why: the outcome of one pure function.
public struct ConsentDecision: Sendable, Equatable {
  /// Who may say something.
  public enum Source: Sendable, Equatable {
    /// The machine's administrator, in `/etc/avow/policy`.
    case policy
    /// An environment variable.
    case variable(String)
    /// A continuous-integration service runs the program.
    case continuousIntegration
    /// The choice the user stored.
    case choice
    /// The catalog's default, which speaks only when nobody else did.
    case `default`
  }

  /// What one source was found to say.
  public struct Step: Sendable, Equatable {
    public internal(set) var source: Source
    /// What was seen there, in words, without values.
    public internal(set) var finding: String
    /// What follows from it; `nil` when the source says nothing.
    public internal(set) var says: TelemetryMode?
  }

  public internal(set) var mode: TelemetryMode
  /// Off by a variable or by continuous integration: this process touches nothing on this machine.
  public internal(set) var isForThisProcessOnly: Bool
  /// All sources in the order they were asked.
  public internal(set) var trace: [Step]

  /// Decides: the lowest of those who spoke wins, disabled before local before enabled; the default speaks
  /// only when none did.
  ///
  /// A policy or choice that cannot be understood counts as a "no": somebody wanted to say something.
  public static func decide(_ rule: Catalog.Consent, _ sources: ConsentSources) -> ConsentDecision {
    var trace: [Step] = []
    for variable in rule.variables {
      let value = sources.variables[variable.name]
      let isOff = variable.meaning.switchesOff(value)
      trace.append(
        Step(
          source: .variable(variable.name),
          finding: value == nil
            ? "not set" : isOff ? "set, which switches off" : "set to a value that means nothing",
          says: isOff ? .disabled : nil))
    }
    if let vendor = sources.continuousIntegration {
      trace.append(
        Step(
          source: .continuousIntegration, finding: "runs under \(vendor)",
          says: rule.reportsInCI ? nil : .disabled))
    } else {
      trace.append(Step(source: .continuousIntegration, finding: "not seen", says: nil))
    }
    let isForThisProcessOnly = isOffForThisProcess(rule, sources)
    trace.append(sources.policy.step(.policy))
    trace.append(sources.choice.step(.choice))
    if let lowest = trace.compactMap(\.says).min() {
      trace.append(Step(source: .default, finding: "not asked", says: nil))
      return ConsentDecision(mode: lowest, isForThisProcessOnly: isForThisProcessOnly, trace: trace)
    }
    let mode: TelemetryMode
    let finding: String
    switch rule.default {
    case .enabled: (mode, finding) = (.enabled, "on unless switched off")
    case .local: (mode, finding) = (.local, "recorded here, not sent")
    case .disabled: (mode, finding) = (.disabled, "off until switched on")
    case .ask: (mode, finding) = (.disabled, "off until you answer")
    }
    trace.append(Step(source: .default, finding: finding, says: mode))
    return ConsentDecision(mode: mode, isForThisProcessOnly: false, trace: trace)
  }

  /// Whether a variable or continuous integration says no, so that nothing else needs to be looked at.
  static func isOffForThisProcess(_ rule: Catalog.Consent, _ sources: ConsentSources) -> Bool {
    if sources.continuousIntegration != nil, !rule.reportsInCI { return true }
    for variable in rule.variables where variable.meaning.switchesOff(sources.variables[variable.name]) {
      return true
    }
    return false
  }
}

/// What the machine, the environment and the user were found to say.
public struct ConsentSources: Sendable, Equatable {
  /// What a file says.
  public enum Statement: Sendable, Equatable {
    /// Not looked at, because nothing it says could matter.
    case notRead
    /// There is no such file, or it does not speak of this tool.
    case absent
    case says(TelemetryMode)
    /// It is there, and cannot be read or understood.
    case unclear

    fileprivate func step(_ source: ConsentDecision.Source) -> ConsentDecision.Step {
      switch self {
      case .notRead: .init(source: source, finding: "not looked at", says: nil)
      case .absent: .init(source: source, finding: "says nothing", says: nil)
      case .says(let mode): .init(source: source, finding: "says \(mode.rawValue)", says: mode)
      case .unclear: .init(source: source, finding: "cannot be understood", says: .disabled)
      }
    }
  }

  public var policy: Statement
  /// The variables the catalog names that are set.
  public var variables: [String: String]
  /// The service's name when one runs the program.
  public var continuousIntegration: String?
  public var choice: Statement

  /// Creates a set of findings.
  public init(
    policy: Statement = .absent, variables: [String: String] = [:], continuousIntegration: String? = nil,
    choice: Statement = .absent
  ) {
    self.policy = policy
    self.variables = variables
    self.continuousIntegration = continuousIntegration
    self.choice = choice
  }
}

extension ConsentSources.Statement {
  /// Reads a policy: lines `MODE` for all tools or `APP: MODE` for one, which wins; `#` begins a comment.
  init(policy bytes: [UInt8], app: String) {
    var forAll: TelemetryMode?
    var forApp: TelemetryMode?
    for line in PlainText.words(Substring(String(decoding: bytes, as: UTF8.self)), between: "\r\n") {
      let words = PlainText.words(line.prefix { $0 != "#" }, between: ":" + PlainText.blanks)
      guard !words.isEmpty else { continue }
      guard words.count <= 2, let last = words.last, let mode = TelemetryMode(rawValue: String(last)) else {
        self = .unclear
        return
      }
      if words.count == 1 {
        forAll = min(forAll ?? mode, mode)
      } else if words[0] == app {
        forApp = min(forApp ?? mode, mode)
      }
    }
    self = (forApp ?? forAll).map(Self.says) ?? .absent
  }

  /// Reads a stored choice.
  init(choice bytes: [UInt8]) { self = StoredChoice(parsing: bytes).map { .says($0.mode) } ?? .unclear }
}

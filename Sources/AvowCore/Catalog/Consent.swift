extension Catalog {
  /// How users are asked and told, and which variables switch reporting off.
  public struct Consent: Sendable, Equatable {
    /// What holds when neither the user nor the machine said anything.
    public enum Default: String, Sendable, Hashable, CaseIterable {
      /// Reports unless switched off (opt-out).
      case enabled
      /// Off until the user answered a question.
      case ask
      /// Off until the user switches it on (opt-in).
      case disabled
      /// Records for the user's own eyes and never sends.
      case local
    }

    /// Which values of a variable switch reporting off.
    public enum Meaning: String, Sendable, Hashable, CaseIterable {
      /// Any value, even empty or `0`.
      case set
      /// Any value but empty, `0`, `f`, `false`, `n`, `no`, `off` (in any case).
      case truthy

      /// Returns whether a variable with this value switches off; `nil` means not set.
      public func switchesOff(_ value: String?) -> Bool {
        guard let value else { return false }
        switch self {
        case .set: return true
        case .truthy:
          switch value.lowercased() {
          case "", "0", "f", "false", "n", "no", "off": return false
          default: return true
          }
        }
      }
    }

    /// A variable that switches reporting off.
    public struct Variable: Sendable, Equatable {
      public var name: String
      public var meaning: Meaning

      /// Creates an opt-out variable.
      public init(name: String, meaning: Meaning) {
        self.name = name
        self.meaning = meaning
      }
    }

    public var `default`: Default
    /// The catalog's variables; `DO_NOT_TRACK` is honoured besides, as `set`.
    public var optOut: [Variable]
    /// Whether continuous-integration machines report.
    public var reportsInCI: Bool
    /// Printed to stderr when reporting is on; `nil` prints the standard text.
    public var enabledNotice: String?
    /// Printed to stderr when reporting is off; `nil` prints the standard text.
    public var disabledNotice: String?

    /// Creates a consent rule; the defaults are the grammar's.
    public init(
      default: Default = .enabled, optOut: [Variable] = [], reportsInCI: Bool = false,
      enabledNotice: String? = nil, disabledNotice: String? = nil
    ) {
      self.default = `default`
      self.optOut = optOut
      self.reportsInCI = reportsInCI
      self.enabledNotice = enabledNotice
      self.disabledNotice = disabledNotice
    }

    /// All variables that switch off, `DO_NOT_TRACK` included, in the order they are consulted.
    public var variables: [Variable] {
      optOut.contains { $0.name == "DO_NOT_TRACK" }
        ? optOut : optOut + [Variable(name: "DO_NOT_TRACK", meaning: .set)]
    }
  }
}

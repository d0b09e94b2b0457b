/// One thing that an examination of a data folder found, and how to mend it; safe to print.
public struct Finding: Sendable, Hashable {
  public enum Severity: String, Sendable, Comparable {
    /// As it should be.
    case fine
    /// Works, but needs attention.
    case warning
    /// Something is lost, damaged or open to others.
    case error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int {
      switch self {
      case .fine: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  public var severity: Severity
  /// The file or matter it is about, such as `main.db`.
  public var subject: String
  public var text: String
  /// What to do; `nil` where nothing is to be done.
  public var remedy: String?

  /// Creates a finding.
  public init(_ severity: Severity, _ subject: String, _ text: String, remedy: String? = nil) {
    self.severity = severity
    self.subject = subject
    self.text = text
    self.remedy = remedy
  }
}

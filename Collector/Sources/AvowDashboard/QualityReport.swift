public import AvowWire

/// How much of what arrived for an app was kept, and what was not, and why. It never holds a value.
public struct QualityReport: Sendable, Hashable {
  /// What became of something that arrived.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// An event the catalog does not declare: nothing of it was kept.
    case refused
    /// A field that is undeclared or not of its declared type: the event was kept without it.
    case removed
    /// An event or a field that the catalog's `drop` names.
    case dropped
    /// A call of a vendor's SDK that is no event (`$identify`, `$group` ...): answered and not stored.
    case control
    /// An event that was stored before: a retry.
    case duplicate
    /// Events that came by an address that asks for no key.
    case unauthenticated
    /// Events whose time was implausible, so that the time of receipt stands for it.
    case clock
    /// Fields of an older catalog version.
    case retired
    /// Fields of a newer catalog version than this collector has.
    case newer
  }

  /// How often one thing happened.
  public struct Line: Sendable, Hashable {
    public var outcome: Outcome
    /// The event concerned; `(other)` where names are no longer kept apart; `nil` when it is about the whole
    /// app.
    public var event: String?
    /// The field concerned.
    public var field: String?
    /// A short constant text such as `unknown field`, `not an integer`.
    public var reason: String
    public var count: Int
    /// The version of the tool that sent it.
    public var appVersion: String?
    public var first: Timestamp
    public var last: Timestamp

    /// Creates a line.
    public init(
      _ outcome: Outcome, event: String? = nil, field: String? = nil, reason: String, count: Int,
      appVersion: String? = nil, first: Timestamp, last: Timestamp
    ) {
      self.outcome = outcome
      self.event = event
      self.field = field
      self.reason = reason
      self.count = count
      self.appVersion = appVersion
      self.first = first
      self.last = last
    }
  }

  /// Events stored since `since`.
  public var stored: Int
  /// When the counting began.
  public var since: Timestamp?
  public var lines: [Line]

  /// Creates a report.
  public init(stored: Int, since: Timestamp? = nil, lines: [Line] = []) {
    self.stored = stored
    self.since = since
    self.lines = lines
  }

  /// The sum of an outcome's lines.
  public func count(of outcome: Outcome) -> Int {
    lines.reduce(0) { $1.outcome == outcome ? $0 + $1.count : $0 }
  }
}

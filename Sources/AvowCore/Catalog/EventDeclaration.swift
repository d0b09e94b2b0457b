/// One thing that happens in a tool and is reported.
public struct EventDeclaration: Sendable, Equatable {
  /// Whether the tool sends the event today.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    case active
    /// Declared, not sent today.
    case dormant
  }

  /// When recording stops and stored data goes.
  public enum Expiry: Sendable, Equatable {
    case never
    /// `YYYY-MM-DD`, UTC: recording stops and stored data is purged that day.
    case date(String)
    /// That build and later ones do not record.
    case version(String)
  }

  /// `[a-z][a-z0-9_]{0,63}`.
  public var name: String
  public var description: String?
  public var why: String?
  public var status: Status
  /// Why the event is dormant, or whatever else users should know.
  public var note: String?
  public var expires: Expiry?
  public var since: String?
  /// Overrides the catalog's retention.
  public var retention: Catalog.Retention?
  public var properties: [Field]

  /// Creates an event declaration.
  public init(
    _ name: String, description: String? = nil, why: String? = nil, status: Status = .active,
    note: String? = nil, expires: Expiry? = nil, since: String? = nil,
    retention: Catalog.Retention? = nil, properties: [Field] = []
  ) {
    self.name = name
    self.description = description
    self.why = why
    self.status = status
    self.note = note
    self.expires = expires
    self.since = since
    self.retention = retention
    self.properties = properties
  }

  /// Returns the property called `name`.
  public func property(named name: String) -> Field? {
    properties.first { $0.name == name }
  }
}

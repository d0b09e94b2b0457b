/// How requests of foreign clients map to a catalog's events (`accepts:`).
public struct Acceptance: Sendable, Equatable {
  /// A wire format the collector reads.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    case amplitude, segment, posthog, jitsu, otlp, json
  }

  /// How a foreign event name becomes one of the catalog's.
  public enum EventNames: Sendable, Equatable {
    /// The body names the event as the catalog does.
    case same
    /// Every request is this event.
    case always(String)
    /// Foreign name or glob to event, in the order of the file; exact before glob, first glob wins.
    case mapped([Rule])

    /// One foreign name and its event.
    public struct Rule: Sendable, Equatable {
      /// A name, or a glob with `*` and `?`.
      public var foreign: String
      public var event: String

      /// Creates a rule.
      public init(_ foreign: String, _ event: String) {
        self.foreign = foreign
        self.event = event
      }
    }
  }

  /// Where the values of one of our fields are found, best first.
  public struct Mapping: Sendable, Equatable {
    /// Our name, or one of `event id time user session`.
    public var field: String
    public var candidates: [Candidate]

    /// Creates a mapping.
    public init(_ field: String, _ candidates: [Candidate]) {
      self.field = field
      self.candidates = candidates
    }
  }

  /// One place a value may be found.
  public struct Candidate: Sendable, Equatable {
    /// Dotted; at each step the whole rest is tried as one key first. `*` any key, `<name>` any key kept as a field.
    public var path: String
    /// The unit of a bare number found there.
    public var unit: String?
    /// For records: the columns and where they are, relative to `path` (`.` is the value itself).
    public var fields: [Mapping]

    /// Creates a candidate.
    public init(_ path: String, unit: String? = nil, fields: [Mapping] = []) {
      self.path = path
      self.unit = unit
      self.fields = fields
    }
  }

  /// The formats this entry speaks of; listing one opens that door for the app's key.
  public var formats: [Format]
  /// Further addresses that belong to this app alone; no key is asked there.
  public var paths: [String]
  /// For `json`: the path of the list of events inside the body.
  public var items: String?
  public var events: EventNames
  /// Objects whose members are read as if at the top; added to the format's own.
  public var flatten: [String]
  public var fields: [Mapping]
  /// Further values that mean "none", beside `null`, `""` and `{}`.
  public var nullValues: [String]
  /// Foreign events dropped by declaration and counted apart.
  public var dropEvents: [String]
  /// Foreign fields dropped by declaration and counted apart.
  public var dropFields: [String]

  /// Creates an entry; all but the formats is optional.
  public init(
    formats: [Format], paths: [String] = [], items: String? = nil, events: EventNames = .same,
    flatten: [String] = [], fields: [Mapping] = [], nullValues: [String] = [],
    dropEvents: [String] = [], dropFields: [String] = []
  ) {
    self.formats = formats
    self.paths = paths
    self.items = items
    self.events = events
    self.flatten = flatten
    self.fields = fields
    self.nullValues = nullValues
    self.dropEvents = dropEvents
    self.dropFields = dropFields
  }
}

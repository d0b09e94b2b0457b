/// Where a foreign format's requests hold what a catalog declares, when a tool's history has made that
/// differ from the format's own places.
///
/// The mirror of `accepts`: what an entry there lets a collector find, this puts in that place. All paths
/// are dotted and count from the top of an event.
public struct WireLayout: Sendable, Equatable {
  public var event: String?
  public var id: String?
  public var time: String?
  public var user: String?
  public var session: String?
  /// The object that holds an event's properties; a `*` in it becomes the event's name in UpperCamelCase,
  /// as the tagged enums of several languages write it.
  public var properties: String?
  /// The object that holds the context.
  public var context: String?
  /// Foreign names of events, by ours.
  public var events: [String: String]
  /// Where single fields go, by our names.
  public var fields: [String: String]
  /// Members that every event has besides.
  public var constants: [String: JSONValue]
  /// Version fields written as `{"major":3,"minor":11,"patch":5}`.
  public var splitVersions: Set<String>

  /// Creates a layout; what is left out is in the format's own place.
  public init(
    event: String? = nil, id: String? = nil, time: String? = nil, user: String? = nil,
    session: String? = nil, properties: String? = nil, context: String? = nil,
    events: [String: String] = [:], fields: [String: String] = [:], constants: [String: JSONValue] = [:],
    splitVersions: Set<String> = []
  ) {
    self.event = event
    self.id = id
    self.time = time
    self.user = user
    self.session = session
    self.properties = properties
    self.context = context
    self.events = events
    self.fields = fields
    self.constants = constants
    self.splitVersions = splitVersions
  }
}

#if ForeignFormats
  extension WireLayout {
    /// Creates the layout that an entry of `accepts` reads back.
    public init(reading entry: Acceptance) {
      self.init()
      for mapping in entry.fields {
        // The first candidate is the newest form; a path with a wildcard names no single place.
        guard let path = mapping.candidates.first?.path, !path.contains("*"), !path.contains("<"), path != "."
        else { continue }
        switch mapping.field {
        case "event": event = path
        case "id": id = path
        case "time": time = path
        case "user": user = path
        case "session": session = path
        default: fields[mapping.field] = path
        }
        // A version that arrives as an object names its parts.
        if mapping.candidates[0].fields.contains(where: { $0.field == "major" }) {
          splitVersions.insert(mapping.field)
        }
      }
      // With several objects nothing says which of them a property belongs to; all are read at the top too.
      if entry.flatten.count == 1 { properties = entry.flatten[0] }
      if case .mapped(let rules) = entry.events {
        for rule in rules where events[rule.event] == nil {
          let isName = !rule.foreign.contains("*") && !rule.foreign.contains("?")
          // `$identify` and its like mean something else to the servers that have them.
          if isName, !rule.foreign.hasPrefix("$") { events[rule.event] = rule.foreign }
        }
      }
    }

    /// The layout of the catalog's first entry for this family of formats; `nil` when it accepts none.
    public init?(_ catalog: Catalog, _ format: Catalog.Delivery.Format) {
      guard let family = Acceptance.Format(rawValue: format.rawValue),
        let entry = catalog.accepts.first(where: { $0.formats.contains(family) })
      else { return nil }
      self.init(reading: entry)
    }
  }
#endif

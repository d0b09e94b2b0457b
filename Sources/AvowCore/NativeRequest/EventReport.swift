/// What one request carries, before a destination gives it its form: events of one segment, with what
/// is common to them.
///
/// Every encoder is a pure function of this value, so that a preview shows the bytes that are sent and
/// a retry has the same ones.
public struct EventReport: Sendable, Equatable {
  /// A name with its value, in the order of the catalog.
  public struct Member: Sendable, Equatable {
    public var name: String
    /// Choices as text, records as an array of objects.
    public var value: JSONValue

    /// Creates a member.
    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// One event.
  public struct Event: Sendable, Equatable {
    /// Its number in the segment; not dense.
    public var number: UInt32
    public var name: String
    public var time: Timestamp
    public var properties: [Member]
    /// Context values that change while a program runs, such as `uptime`, as they were at that moment.
    public var context: [Member]

    /// Creates an event.
    public init(
      number: UInt32, name: String, time: Timestamp, properties: [Member] = [], context: [Member] = []
    ) {
      self.number = number
      self.name = name
      self.time = time
      self.properties = properties
      self.context = context
    }
  }

  public var app: String
  public var catalogVersion: Int
  public var catalogDigest: String
  public var segment: SegmentIdentifier
  public var user: Identifier128?
  public var session: Identifier128?
  /// The client has no lasting state, so its user identifier means nothing beyond this run.
  public var isEphemeral: Bool
  /// How many events the client had to drop before these because its spool was full.
  public var lost: Int
  public var context: [Member]
  public var events: [Event]

  /// Creates a report.
  public init(
    app: String, catalogVersion: Int, catalogDigest: String, segment: SegmentIdentifier,
    user: Identifier128? = nil, session: Identifier128? = nil, isEphemeral: Bool = false, lost: Int = 0,
    context: [Member] = [], events: [Event] = []
  ) {
    self.app = app
    self.catalogVersion = catalogVersion
    self.catalogDigest = catalogDigest
    self.segment = segment
    self.user = user
    self.session = session
    self.isEphemeral = isEphemeral
    self.lost = lost
    self.context = context
    self.events = events
  }
}

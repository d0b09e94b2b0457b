public import AvowWire

/// A request as one of the four tools' own clients sends it, and what must become of it.
public struct ForeignRequest: Sendable {
  /// A value of the body that the collector removes from an event it keeps.
  public struct Removal: Sendable, Hashable {
    /// The event of the catalog.
    public var event: String
    /// The declared field whose value does not fit, or the client's key when no field is declared for it.
    public var field: String

    /// Creates a removal.
    public init(event: String, field: String) {
      self.event = event
      self.field = field
    }
  }

  /// The app of the catalog that accepts it.
  public var app: String
  /// Which release of the client writes this form.
  public var generation: String
  /// When it is sent.
  public var time: Timestamp
  public var method: String
  public var path: String
  public var query: [(name: String, value: String)]
  /// Without `Host` and `Content-Length`, which belong to the connection.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// How many events of the body are stored.
  public var events: Int
  /// How many events of the body are recognised as stored already; most of these clients name no event.
  public var duplicates: Int
  /// How many events of the body are dropped by declaration.
  public var dropped: Int
  /// How many values of the stored events are dropped by declaration.
  public var droppedValues: Int
  /// How many events of the body the catalog does not declare.
  public var refused: Int
  /// The status of the right answer: 200 unless nothing of the body is declared and the format can say so.
  public var status: Int
  /// The values the collector removes from the events it stores.
  public var removed: [Removal]
  /// Raw identifiers and addresses in it, none of which may be found anywhere afterwards.
  public var secrets: [String]

  /// Creates a request of which everything is stored.
  public init(
    app: String, generation: String, time: Timestamp, method: String = "POST", path: String,
    query: [(name: String, value: String)] = [], headers: [(name: String, value: String)],
    body: [UInt8], events: Int, duplicates: Int = 0, dropped: Int = 0, droppedValues: Int = 0,
    refused: Int = 0, status: Int = 200,
    removed: [Removal] = [], secrets: [String] = []
  ) {
    self.app = app
    self.generation = generation
    self.time = time
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.events = events
    self.duplicates = duplicates
    self.dropped = dropped
    self.droppedValues = droppedValues
    self.refused = refused
    self.status = status
    self.removed = removed
    self.secrets = secrets
  }

  /// Path and query as they stand in the request line.
  public var target: String {
    guard !query.isEmpty else { return path }
    return path + "?"
      + query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      // RFC 3986, section 2.3: unreserved characters.
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default: escaped += "%" + hexadecimal([byte]).uppercased()
      }
    }
    return escaped
  }
}

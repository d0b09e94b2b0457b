/// Events of one app that passed admission, on their way into the store.
///
/// Texts lie in one byte buffer and values in flat arrays, so that a batch of a hundred events is a
/// handful of allocations and the store can bind texts without making a `String`.
public struct EventBatch: Sendable {
  /// One value, its text a range of the batch's bytes.
  public struct Slot: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
      case boolean, integer, number, text, list, records
    }
    /// The index of the field among the event's properties, the context's fields, or a record's fields.
    public var field: UInt16
    public var kind: Kind
    /// For a cell of a record: which row, from 0. For an element of a list: which position.
    public var row: UInt32
    /// A boolean, an integer, the bits of a number, or (first, count) of a text or of the batch's `items`.
    public var payload: UInt64

    /// Creates a value.
    public init(field: Int, kind: Kind, row: Int = 0, payload: UInt64) {
      self.field = UInt16(field)
      self.kind = kind
      self.row = UInt32(row)
      self.payload = payload
    }

    /// The range of `bytes` (text) or `items` (list, records) this value covers.
    public var range: Range<Int> {
      let first = Int(payload >> 32)
      return first..<first + Int(payload & 0xFFFF_FFFF)
    }
    public var boolean: Bool { payload != 0 }
    public var integer: Int64 { Int64(bitPattern: payload) }
    public var number: Double { Double(bitPattern: payload) }
  }

  /// One event.
  public struct Entry: Sendable {
    /// The index of the event in the catalog.
    public var event: Int
    /// What the client named the event by, `nil` when it named it by nothing.
    public var id: Identifier128?
    /// When it happened by the client's own clock, exactly as written: for recognising a retry only. 0: not said.
    public var sentTime: Timestamp
    /// When it happened, for questions: the client's time corrected by what is known of its clock.
    public var time: Timestamp
    public var user: Identifier128?
    public var session: Identifier128?
    /// The client has no lasting state, so its user identifier means nothing beyond this run.
    public var isEphemeral: Bool
    /// Where its properties are in `values`.
    public var properties: Range<Int>
    /// Where its context is in `values`; events of one request may share it.
    public var context: Range<Int>

    /// Creates an entry.
    public init(
      event: Int, id: Identifier128?, sentTime: Timestamp, time: Timestamp, user: Identifier128?,
      session: Identifier128?, isEphemeral: Bool = false, properties: Range<Int>, context: Range<Int>
    ) {
      self.event = event
      self.id = id
      self.sentTime = sentTime
      self.time = time
      self.user = user
      self.session = session
      self.isEphemeral = isEphemeral
      self.properties = properties
      self.context = context
    }
  }

  /// The catalog the events were admitted under.
  public let catalog: Catalog
  /// Its digest, computed once where the catalog was compiled.
  public let digest: String
  /// When the request arrived.
  public let received: Timestamp
  public var entries: [Entry] = []
  public var values: [Slot] = []
  /// The elements of lists and the cells of records.
  public var items: [Slot] = []
  public var bytes: [UInt8] = []

  /// Creates an empty batch.
  public init(catalog: Catalog, digest: String, received: Timestamp) {
    self.catalog = catalog
    self.digest = digest
    self.received = received
  }

  /// Adds UTF-8 text to the batch's bytes and returns the payload that says where.
  public mutating func intern(_ utf8: some Sequence<UInt8>) -> UInt64 {
    let first = bytes.count
    bytes.append(contentsOf: utf8)
    return UInt64(first) << 32 | UInt64(bytes.count - first)
  }

  /// Returns the text of a slot whose kind is `text`.
  public func text(of slot: Slot) -> String {
    String(decoding: bytes[slot.range], as: UTF8.self)
  }
}

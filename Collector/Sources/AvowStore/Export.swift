public import AvowWire

/// Which events to hand out.
public struct ExportRequest: Sendable, Hashable {
  public var app: String
  /// Only this event.
  public var event: String?
  /// Only these days.
  public var interval: DayInterval?
  /// Only this user's: the right to a copy.
  public var user: Identifier128?
  /// Only what they let pass, as in a question: events that do not declare the fields they name are left out.
  public var filters: [Filter]

  /// Creates a request; what is left out does not limit.
  public init(
    app: String, event: String? = nil, interval: DayInterval? = nil, user: Identifier128? = nil,
    filters: [Filter] = []
  ) {
    self.app = app
    self.event = event
    self.interval = interval
    self.user = user
    self.filters = filters
  }

  /// The filters held against a catalog; `nil` without any.
  ///
  /// - Throws: `StoreError.unanswerable` when the catalog declares no such field, or not of that type.
  public func resolved(_ catalog: Catalog) throws(StoreError) -> ResolvedQuestion? {
    if filters.isEmpty { return nil }
    return try ResolvedQuestion(
      Question(
        app: app, .events(byEvent: true), event: event, interval: interval ?? DayInterval(first: 0, last: 0),
        period: .total, filters: filters), catalog: catalog)
  }
}

/// One event as stored, for export.
public struct StoredEvent: Sendable, Equatable {
  public var id: Identifier128
  public var event: String
  public var time: Timestamp
  public var received: Timestamp
  /// The time by which a second sending is recognised, where that is not `time`: what the client wrote, or
  /// the receipt when that was implausible.
  public var sent: Timestamp?
  public var user: Identifier128?
  /// Names the run among its user's: `shortened`.
  public var session: Identifier128?
  /// The client had no lasting state, so its user means nothing beyond that run.
  public var isEphemeral: Bool
  /// By field name, only those present.
  public var context: JSONValue
  public var properties: JSONValue

  /// Creates an event.
  public init(
    id: Identifier128, event: String, time: Timestamp, received: Timestamp, sent: Timestamp? = nil,
    user: Identifier128?, session: Identifier128?, isEphemeral: Bool = false, context: JSONValue,
    properties: JSONValue
  ) {
    self.id = id
    self.event = event
    self.time = time
    self.received = received
    self.sent = sent == time ? nil : sent
    self.user = user
    self.session = session
    self.isEphemeral = isEphemeral
    self.context = context
    self.properties = properties
  }
}

extension Identifier128 {
  /// The part of a session that stores keep: the first 48 bits, enough to tell one user's runs apart.
  public var shortened: Identifier128 { Identifier128(high: high & ~0xFFFF, low: 0) }
}

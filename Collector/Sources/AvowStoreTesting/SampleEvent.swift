public import AvowWire

/// An event as a test writes it down: values by name.
public struct SampleEvent: Sendable, Equatable {
  public var event: String
  public var id: Identifier128?
  public var sentTime: Timestamp
  public var time: Timestamp
  public var user: Identifier128?
  public var session: Identifier128?
  public var isEphemeral: Bool
  public var context: [String: JSONValue]
  public var properties: [String: JSONValue]

  /// Creates an event; one without a `sentTime` of its own was sent at `time` by its client's clock.
  public init(
    _ event: String, id: Identifier128?, time: Timestamp, sentTime: Timestamp? = nil,
    user: Identifier128? = nil, session: Identifier128? = nil, isEphemeral: Bool = false,
    context: [String: JSONValue] = [:], properties: [String: JSONValue] = [:]
  ) {
    self.event = event
    self.id = id
    self.sentTime = sentTime ?? time
    self.time = time
    self.user = user
    self.session = session
    self.isEphemeral = isEphemeral
    self.context = context
    self.properties = properties
  }
}

extension EventBatch {
  /// Creates a batch of events written down by name, as admission would have made it.
  ///
  /// Events with the same context in a row share its slots. Precondition: the catalog declares them all.
  ///
  /// - Parameter digest: The catalog's, when it is known already.
  public init(_ events: [SampleEvent], catalog: Catalog, digest: String? = nil, received: Timestamp) {
    self.init(catalog: catalog, digest: digest ?? catalog.digest, received: received)
    var shared: (context: [String: JSONValue], range: Range<Int>)?
    for event in events {
      guard let index = catalog.events.firstIndex(where: { $0.name == event.event }) else {
        preconditionFailure("the catalog declares no event \(event.event)")
      }
      let context: Range<Int>
      if let shared, shared.context == event.context {
        context = shared.range
      } else {
        context = append(event.context, fields: catalog.context)
        shared = (event.context, context)
      }
      let properties = append(event.properties, fields: catalog.events[index].properties)
      entries.append(
        Entry(
          event: index, id: event.id, sentTime: event.sentTime, time: event.time, user: event.user,
          session: event.session, isEphemeral: event.isEphemeral, properties: properties,
          context: context))
    }
  }

  private mutating func append(_ members: [String: JSONValue], fields: [Field]) -> Range<Int> {
    let first = values.count
    for (index, field) in fields.enumerated() {
      guard let value = members[field.name] else { continue }
      values.append(slot(index, field.type, value))
    }
    precondition(values.count - first == members.count, "every value of a sample event is declared")
    return first..<values.count
  }

  private mutating func slot(_ field: Int, _ type: FieldType, _ value: JSONValue, row: Int = 0) -> Slot {
    switch (type, value) {
    case (.boolean, .boolean(let flag)):
      return Slot(field: field, kind: .boolean, row: row, payload: flag ? 1 : 0)
    case (.integer, .integer(let number)):
      return Slot(field: field, kind: .integer, row: row, payload: UInt64(bitPattern: number))
    case (.number, _):
      return Slot(field: field, kind: .number, row: row, payload: (value.numberValue ?? 0).bitPattern)
    case (.text, .string(let text)), (.version, .string(let text)):
      return Slot(field: field, kind: .text, row: row, payload: intern(text.utf8))
    case (.list(let element, _), .array(let elements)):
      let slots = elements.enumerated().map { slot(0, element, $1, row: $0) }
      return Slot(field: field, kind: .list, row: row, payload: append(items: slots))
    case (.records(let columns, _), .array(let rows)):
      var slots: [Slot] = []
      for (row, members) in rows.enumerated() {
        for (index, column) in columns.enumerated() {
          if let cell = members[column.name] { slots.append(slot(index, column.type, cell, row: row)) }
        }
      }
      return Slot(field: field, kind: .records, row: row, payload: append(items: slots))
    default:
      preconditionFailure("a sample value has another type than its field")
    }
  }

  private mutating func append(items slots: [Slot]) -> UInt64 {
    let first = items.count
    items.append(contentsOf: slots)
    return UInt64(first) << 32 | UInt64(slots.count)
  }
}

public import Avow

/// An event as it arrived in a request of the native protocol.
public struct RecordedEvent: Sendable, Equatable {
  public var name: String
  public var id: Identifier128
  public var time: Timestamp
  public var user: String?
  public var session: String?
  public var properties: [String: JSONValue]
  public var context: [String: JSONValue]
}

/// What a test expected of recorded events and did not find.
public struct ExpectationFailure: Error, Sendable, CustomStringConvertible {
  public let description: String
}

extension InMemoryTransport {
  /// All events of all native requests, answered well or not, in order of arrival.
  public var events: [RecordedEvent] { requests.flatMap(RecordedEvent.events(in:)) }

  /// Returns the one event with this name.
  ///
  /// - Throws: `ExpectationFailure` when there is none, or more than one.
  public func expectEvent(_ name: String) throws -> RecordedEvent {
    let found = events.filter { $0.name == name }
    guard found.count == 1 else {
      let names = events.map(\.name).joined(separator: ", ")
      throw ExpectationFailure(
        description: "expected one event \(name), found \(found.count) among [\(names)]")
    }
    return found[0]
  }

  /// Checks that there is one event with this name and exactly these properties.
  ///
  /// - Throws: `ExpectationFailure` that names what differs.
  @discardableResult
  public func expectEvent(_ name: String, _ properties: [String: JSONValue]) throws -> RecordedEvent {
    let event = try expectEvent(name)
    guard event.properties == properties else {
      let keys = Set(event.properties.keys).union(properties.keys)
        .filter { event.properties[$0] != properties[$0] }.sorted()
      let differences = keys.map { key in
        "\(key): expected \(properties[key]?.text ?? "none"), found \(event.properties[key]?.text ?? "none")"
      }
      throw ExpectationFailure(description: "\(name): \(differences.joined(separator: "; "))")
    }
    return event
  }

  /// Checks that these events came, in this order, and no others.
  ///
  /// - Throws: `ExpectationFailure` with what came instead.
  public func expectEvents(_ names: [String]) throws {
    let found = events.map(\.name)
    guard found == names else {
      throw ExpectationFailure(
        description:
          "expected [\(names.joined(separator: ", "))], found [\(found.joined(separator: ", "))]")
    }
  }

  /// Checks that nothing was sent at all, not even an empty request.
  ///
  /// - Throws: `ExpectationFailure` when a request was made.
  public func expectSilence() throws {
    guard let first = requests.first else { return }
    throw ExpectationFailure(
      description: "expected no request, found \(requests.count), the first to \(first.url)")
  }
}

extension RecordedEvent {
  /// Returns the events of one native request; none when it is something else.
  public static func events(in request: TransportRequest) -> [RecordedEvent] {
    guard let body = try? JSONValue(parsing: request.body) else { return [] }
    return events(inBody: body)
  }

  /// Returns the events of the body of a native request.
  public static func events(inBody body: JSONValue) -> [RecordedEvent] {
    guard let segment = body["segment"]?.stringValue.flatMap({ SegmentIdentifier($0) }) else { return [] }
    let common = body["context"]?.objectValue ?? [:]
    return (body["events"]?.arrayValue ?? []).compactMap { event in
      guard let name = event["name"]?.stringValue, let number = event["n"]?.integerValue,
        let number = UInt32(exactly: number), let time = event["time"]?.integerValue
      else { return nil }
      return RecordedEvent(
        name: name, id: segment.event(number), time: Timestamp(milliseconds: time),
        user: body["user"]?.stringValue, session: body["session"]?.stringValue,
        properties: event["properties"]?.objectValue ?? [:],
        context: common.merging(event["context"]?.objectValue ?? [:]) { $1 })
    }
  }
}

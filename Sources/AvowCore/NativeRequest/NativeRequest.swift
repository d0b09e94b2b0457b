/// The native protocol's requests: `POST /v1/events` and `POST /v1/deletions`.
///
/// Headers of both: `Authorization: Bearer KEY`, `Content-Type: application/json`, and
/// `Content-Encoding: gzip` when compressed. Events have `Avow-Sent` besides, the client's clock at the
/// moment of sending in milliseconds since the epoch; it stays out of the body so that a retry has the
/// same bytes.
public enum NativeRequest {
  /// Where events go, below the collector's base address.
  public static let eventsPath = "/v1/events"
  /// Where requests to erase go.
  public static let deletionsPath = "/v1/deletions"
  /// The header with the client's clock at the moment of sending.
  public static let sentHeader = "Avow-Sent"

  /// Returns the body that reports `report`.
  ///
  /// ```
  /// {"app":"x","catalog":{"version":4,"digest":"<64 hex>"},"segment":"<24 hex>","user":"<32 hex>",
  ///  "session":"<32 hex>","ephemeral":true,"lost":12,"context":{"os_name":"linux"},
  ///  "events":[{"n":40,"name":"run","time":1766000000000,"properties":{"size":3},
  ///             "context":{"uptime":17}}]}
  /// ```
  /// `user`, `session`, `ephemeral`, `lost`, an event's `properties` and `context` are left out when
  /// there is nothing to say. An event's own `context` wins over the request's.
  public static func body(of report: EventReport) -> [UInt8] {
    var writer = JSONWriter(capacity: 512 + report.events.count * 192)
    writer.beginObject()
    writer.key("app")
    writer.string(report.app)
    writer.key("catalog")
    writer.beginObject()
    writer.key("version")
    writer.integer(report.catalogVersion)
    writer.key("digest")
    writer.string(report.catalogDigest)
    writer.endObject()
    writer.key("segment")
    writer.string(report.segment.description)
    if let user = report.user {
      writer.key("user")
      writer.string(user.description)
    }
    if let session = report.session {
      writer.key("session")
      writer.string(session.description)
    }
    if report.isEphemeral {
      writer.key("ephemeral")
      writer.boolean(true)
    }
    if report.lost > 0 {
      writer.key("lost")
      writer.integer(report.lost)
    }
    writer.key("context")
    write(report.context, to: &writer)
    writer.key("events")
    writer.beginArray()
    for event in report.events {
      writer.beginObject()
      writer.key("n")
      writer.integer(event.number)
      writer.key("name")
      writer.string(event.name)
      writer.key("time")
      writer.integer(event.time.milliseconds)
      if !event.properties.isEmpty {
        writer.key("properties")
        write(event.properties, to: &writer)
      }
      if !event.context.isEmpty {
        writer.key("context")
        write(event.context, to: &writer)
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  /// Returns the body that asks for everything under these pseudonyms to be erased.
  public static func deletion(app: String, users: [Identifier128]) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("app")
    writer.string(app)
    writer.key("users")
    writer.beginArray()
    for user in users { writer.string(user.description) }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  private static func write(_ members: [EventReport.Member], to writer: inout JSONWriter) {
    writer.beginObject()
    for member in members {
      writer.key(member.name)
      member.value.write(to: &writer)
    }
    writer.endObject()
  }
}

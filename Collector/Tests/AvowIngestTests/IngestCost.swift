import AvowIngest
import AvowWire
import Foundation
import Testing

/// What an event costs on its way from the body to the batch, measured where a release build is asked to:
/// `AVOW_MEASURE_INGEST=1 swift test -c release -Xswiftc -enable-testing --filter IngestCost`.
@Suite(.serialized)
struct IngestCost {
  private static let isAsked = ProcessInfo.processInfo.environment["AVOW_MEASURE_INGEST"] != nil
  private static let events = 100

  /// Eight properties, three of them texts of 12 to 30 bytes; 20 users a body.
  private static func members(_ index: Int) -> [(name: String, json: String)] {
    [
      ("command", "\"build\""), ("model", "\"resnet50_v1_onnx_int8\""), ("label", "\"green\""),
      ("note", "\"a note of some length \(index)\""), ("duration", "0.\(100 + index)"),
      ("size", "\(1_000_000 + index)"), ("count", "\(index)"), ("cached", "true"),
    ]
  }

  private static func object(_ index: Int) -> String {
    "{" + members(index).map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}"
  }

  private static func request(_ format: String, _ round: Int) -> IngestRequest {
    let now = World.received.milliseconds
    let events = (0..<events).map { index -> String in
      let user = "user-\(round * 20 + index % 20)"
      switch format {
      case "native":
        return
          "{\"n\":\(index),\"name\":\"tool_run\",\"time\":\(now - Int64(index)),\"properties\":\(object(index))}"
      case "amplitude":
        return
          "{\"event_type\":\"demo.tool.run\",\"user_id\":\"\(user)\",\"insert_id\":\"\(round)-\(index)\",\"time\":\(now),\"event_properties\":\(object(index))}"
      case "segment":
        return
          "{\"type\":\"track\",\"event\":\"demo.tool.run\",\"userId\":\"\(user)\",\"messageId\":\"\(round)-\(index)\",\"timestamp\":\"2026-11-21T11:00:00.123Z\",\"properties\":\(object(index))}"
      default:
        let attributes = members(index).map { name, json in
          let kind =
            json.hasPrefix("\"")
            ? "stringValue" : json == "true" ? "boolValue" : json.contains(".") ? "doubleValue" : "intValue"
          return "{\"key\":\"\(name)\",\"value\":{\"\(kind)\":\(json)}}"
        }
        return
          "{\"timeUnixNano\":\"\(now)00000\(index % 10)\",\"eventName\":\"demo.tool.run\",\"attributes\":[\(attributes.joined(separator: ","))]}"
      }
    }.joined(separator: ",")
    switch format {
    case "native":
      return World.post(
        "/v1/events",
        "{\"app\":\"demo\",\"segment\":\"00112233445566778899aabb\",\"user\":\"\(String(format: "%032x", round))\",\"context\":{\"os_name\":\"linux\"},\"events\":[\(events)]}",
        headers: [("authorization", "Bearer demo_key")])
    case "amplitude": return World.post("/2/httpapi", "{\"api_key\":\"demo_key\",\"events\":[\(events)]}")
    case "segment":
      return World.post(
        "/v1/batch", "{\"writeKey\":\"demo_key\",\"sentAt\":\"2026-11-21T11:00:01Z\",\"batch\":[\(events)]}")
    case "otlp protobuf":
      return protobuf(round)
    default:
      return World.post(
        "/v1/logs", "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[\(events)]}]}]}",
        headers: [("x-api-key", "demo_key")])
    }
  }

  private static func protobuf(_ round: Int) -> IngestRequest {
    let writer = ProtobufWriter { request in
      request.message(1) { logs in
        logs.message(2) { scope in
          for index in 0..<events {
            scope.message(2) { record in
              record.fixed64(1, UInt64(World.received.milliseconds) * 1_000_000 + UInt64(round * 100 + index))
              record.text(12, "demo.tool.run")
              for (name, json) in members(index) {
                record.pair(6, name) { value in
                  if json.hasPrefix("\"") {
                    value.text(1, String(json.dropFirst().dropLast()))
                  } else if json == "true" {
                    value.varint(2, 1)
                  } else if json.contains(".") {
                    value.fixed64(4, (Double(json) ?? 0).bitPattern)
                  } else {
                    value.varint(3, UInt64(json) ?? 0)
                  }
                }
              }
            }
          }
        }
      }
    }
    var request = World.post(
      "/v1/logs", "", headers: [("x-api-key", "demo_key"), ("content-type", "application/x-protobuf")])
    request.body = writer.bytes
    return request
  }

  @Test(
    .enabled(if: isAsked, "set AVOW_MEASURE_INGEST to measure"),
    arguments: ["native", "amplitude", "segment", "otlp json", "otlp protobuf"])
  func `CPU an event`(_ format: String) throws {
    let ingest = try World.ingest([Demo.catalog()])
    let requests = (0..<200).map { Self.request(format, $0) }
    for request in requests { #expect(ingest.receive(request).batch?.entries.count == Self.events) }
    var best = Double.infinity
    for _ in 0..<15 {
      let start = clock()
      for request in requests { _ = ingest.receive(request) }
      best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }
    let cost = best / Double(requests.count * Self.events) * 1e6
    print(
      "\(format): \(String(format: "%.2f", cost)) us CPU an event, \(requests[0].body.count / Self.events) bytes each"
    )
  }
}

import AvowWire

extension IngestResponse {
  /// One transparent point, which is what asks for it gets shown.
  static let pixel = IngestResponse(
    status: 200, contentType: "image/gif",
    body: Array("GIF89a".utf8) + [
      1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x21, 0xF9, 4, 1, 0, 0, 0, 0,
    ]
      + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B])
}

extension IngestRequest {
  /// The list `[event, members]` a pixel's address stands for: `data` holds the event as base64, what else it
  /// says are members of their own. `nil` when `data` is no base64.
  var pixelBody: [UInt8]? {
    var event: [UInt8] = Array("{}".utf8)
    if var data = parameter("data"), !data.isEmpty {
      guard let decoded = data.withUTF8({ Base64.decode($0) }) else { return nil }
      event = decoded
    }
    var members: [String: JSONValue] = [:]
    for (name, value) in query where !Self.isPixelEnvelope(name) { members[name] = .string(value) }
    return [UInt8(ascii: "[")] + event + [UInt8(ascii: ",")] + JSONValue.object(members).bytes
      + [UInt8(ascii: "]")]
  }

  /// The call a pixel's address stands for: each pair of the query is a member, a dot in its name one of an object.
  var pixelCall: [UInt8] {
    var call: [String: JSONValue] = [:]
    for (name, value) in query where name != "writeKey" {
      Self.set(.string(value), at: name.split(separator: ".").prefix(8), in: &call)
    }
    return JSONValue.object(call).bytes
  }

  private static func set(
    _ value: JSONValue, at path: ArraySlice<Substring>, in members: inout [String: JSONValue]
  ) {
    guard let name = path.first.map(String.init) else { return }
    guard path.count > 1 else {
      members[name] = value
      return
    }
    var inner = members[name]?.objectValue ?? [:]
    set(value, at: path.dropFirst(), in: &inner)
    members[name] = .object(inner)
  }

  private static func isPixelEnvelope(_ name: String) -> Bool {
    switch name {
    case "data", "cookie_domain", "process_headers", "writekey", "writeKey", "token", "ip_policy",
      "cookie_policy":
      true
    default: name.hasPrefix("p_")
    }
  }
}

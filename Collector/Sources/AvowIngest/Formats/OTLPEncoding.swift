import AvowWire

/// The two encodings of OTLP/HTTP; an answer is written in its request's own.
enum OTLPEncoding: Equatable {
  case json, protobuf

  static let protobufType = "application/x-protobuf"

  /// The encoding a request names; what names none and begins like JSON is JSON, and `nil` is neither.
  init?(named request: IngestRequest) {
    let type = (request.header("content-type") ?? "").prefix { $0 != ";" }.lowercased()
    switch type.filter({ $0 != " " }) {
    case Self.protobufType, "application/protobuf": self = .protobuf
    case "", "application/json": self = .json
    default:
      guard request.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return nil }
      self = .json
    }
  }

  /// The encoding in which a request is answered.
  init(_ request: IngestRequest) { self = Self(named: request) ?? .json }

  /// An `ExportLogsServiceResponse`; empty when every record was taken, as the protocol demands.
  func success(rejected: Int, message: String) -> IngestResponse {
    switch self {
    case .json:
      guard rejected > 0 else { return .json(200, [:]) }
      return .json(
        200,
        [
          "partialSuccess": [
            "rejectedLogRecords": .string(String(rejected)), "errorMessage": .string(message),
          ]
        ])
    case .protobuf:
      guard rejected > 0 else {
        return IngestResponse(status: 200, contentType: Self.protobufType, body: [])
      }
      var partial: [UInt8] = [0x08] + Self.varint(UInt64(rejected))
      partial += [0x12] + Self.varint(UInt64(message.utf8.count)) + Array(message.utf8)
      return IngestResponse(
        status: 200, contentType: Self.protobufType,
        body: [0x0A] + Self.varint(UInt64(partial.count)) + partial)
    }
  }

  /// A `google.rpc.Status` with the code that belongs to an HTTP status.
  func error(_ status: Int, _ message: String, retryAfter: Int? = nil) -> IngestResponse {
    let code = Self.code(of: status)
    switch self {
    case .json:
      return .json(
        status, ["code": .integer(Int64(code)), "message": .string(message)], retryAfter: retryAfter)
    case .protobuf:
      let text = Array(message.utf8)
      return IngestResponse(
        status: status, contentType: Self.protobufType,
        body: [0x08] + Self.varint(code) + [0x12] + Self.varint(UInt64(text.count)) + text,
        retryAfter: retryAfter)
    }
  }

  /// The code of `google.rpc.Code` that says what an HTTP status says.
  private static func code(of status: Int) -> UInt64 {
    switch status {
    case 401: 16  // UNAUTHENTICATED
    case 403: 7  // PERMISSION_DENIED
    case 405, 415: 12  // UNIMPLEMENTED
    case 413, 429: 8  // RESOURCE_EXHAUSTED
    case 408, 503: 14  // UNAVAILABLE
    default: 3  // INVALID_ARGUMENT
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value > 0x7F {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }
}

import AvowWire

/// Whose answers a request in Segment's shape gets: three vendors read one body and answer differently.
enum SegmentDialect: Equatable {
  case segment
  case rudderStack
  case jitsuServer
  /// Jitsu 2 tells browsers of no error by status.
  case jitsuBrowser
  case jitsuPixel
  /// Whoever loads RudderStack's pixel gets one, whatever became of the call.
  case rudderPixel

  /// What became of a request's events.
  struct Outcome: Sendable {
    var isBatch: Bool
    var received: Int
    /// The identifiers of refused events as Jitsu writes them.
    var refused: [String]
  }

  func success(_ outcome: Outcome) -> IngestResponse {
    switch self {
    case .segment: return .json(200, ["success": true])
    case .rudderStack: return .text(200, "ok")
    case .jitsuPixel, .rudderPixel: return .pixel
    case .jitsuServer, .jitsuBrowser:
      guard outcome.isBatch else {
        guard outcome.refused.isEmpty else {
          return error(400, "unknown_event", "the catalog declares no such event")
        }
        return .json(200, ["ok": true])
      }
      return .json(
        200,
        [
          "ok": .boolean(outcome.refused.isEmpty), "receivedEvents": .integer(Int64(outcome.received)),
          "okEvents": .integer(Int64(outcome.received - outcome.refused.count)),
          "errors": .array(
            outcome.refused.prefix(100).map {
              .string("Message ID: \($0): the catalog declares no such event")
            }),
        ])
    }
  }

  /// An error in the vendor's form.
  ///
  /// Segment's has both `code` and `message`, or RudderStack's SDK would retry it ten times; to that SDK text
  /// does as well.
  func error(_ status: Int, _ code: String, _ message: String, retryAfter: Int? = nil) -> IngestResponse {
    switch self {
    case .segment:
      return .json(
        status, ["success": false, "code": .string(code), "message": .string(message)],
        retryAfter: retryAfter)
    case .rudderStack:
      let text =
        switch code {
        case "invalid_json": "invalid json"
        case "missing_key": "failed to read writekey from header"
        case "invalid_key": "invalid write key"
        case "too_large": "request size exceeds max limit"
        case "too_many_requests": "max requests limit reached"
        default: message
        }
      return .text(status, text, retryAfter: retryAfter)
    case .rudderPixel:
      return status == 429 || status == 503 ? .text(status, message, retryAfter: retryAfter) : .pixel
    case .jitsuServer, .jitsuBrowser, .jitsuPixel:
      // A browser that may come back is told so; it could do nothing about any other error.
      let isLasting = status != 429 && status != 503
      return .json(
        self != .jitsuServer && isLasting ? 200 : status, ["error": .string("\(code): \(message)")],
        retryAfter: retryAfter)
    }
  }
}

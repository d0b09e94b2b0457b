import AvowWire

/// Refusals that are not about the events: too large, too many, an encoding nobody reads.
extension Ingest {
  /// Returns the answer to a request that is turned away before its body is read, in the words of the
  /// format its path belongs to.
  ///
  /// A body that came too slowly is 503 to those that drop what gets a 408. Amplitude's are told which events a 429
  /// is about, where the body is there.
  ///
  /// Every SDK takes such an answer differently, and some retry for ever what another answer would make them
  /// drop. Only 408, 413, 429 and 503 reach Amplitude's as they are: any other 4xx they send again twelve times.
  ///
  /// - Parameters:
  ///   - request: The request, with its body where `namesEvents` asks for it.
  ///   - status: 400, 405, 408, 413, 415, 429 or 503.
  ///   - reason: What was wrong and how to mend it, in one line, without anything the client sent.
  ///   - retryAfter: Seconds, from 1 to 5: exporters of OpenTelemetry give up for more.
  public func refusal(
    _ request: IngestRequest, status asked: Int, reason: String, retryAfter: Int? = nil
  ) -> IngestResponse {
    let path = Self.normalized(request.path)
    let status = asked == 408 && drops408(path, request.path) ? 503 : asked
    let word = Self.word(for: status)
    if let door = doors[path] {
      return refusal(request, door.mappings[0].format, status, word, reason, retryAfter)
    }
    guard let route = VendorRoute(path: path, original: request.path) else {
      return Self.jsonError(status, word, reason, retryAfter: retryAfter)
    }
    switch route {
    case .native: return Self.nativeError(status, word, reason, retryAfter: retryAfter)
    case .amplitude, .amplitudeIdentify, .batch(hasSlash: false):
      return refusal(request, .amplitude, status, word, reason, retryAfter)
    case .jitsu: return refusal(request, .jitsu, status, word, reason, retryAfter)
    case .segment(_, let dialect): return dialect.error(status, word, reason, retryAfter: retryAfter)
    case .segmentSettings: return refusal(request, .segment, status, word, reason, retryAfter)
    case .posthog, .posthogStart, .batch(hasSlash: true):
      return refusal(request, .posthog, status, word, reason, retryAfter)
    case .posthogCapture: return Self.captureError(status, word, reason, retryAfter: retryAfter)
    case .otlp: return refusal(request, .otlp, status, word, reason, retryAfter)
    case .snowplow: return .text(status, reason, retryAfter: retryAfter)
    }
  }

  private func refusal(
    _ request: IngestRequest, _ format: Acceptance.Format, _ status: Int, _ word: String, _ reason: String,
    _ retryAfter: Int?
  ) -> IngestResponse {
    switch format {
    case .amplitude:
      switch status {
      case 413: .json(413, ["code": 413, "error": "Payload too large"])
      case 429 where !request.body.isEmpty:
        Self.amplitudeDelay(.tooMany(retryAfter ?? 1), events: Self.amplitudeEvents(request.body))
      case 408, 429, 503:
        .json(status, ["code": .integer(Int64(status)), "error": .string(reason)], retryAfter: retryAfter)
      default: Self.amplitudeMissing(reason, field: "body")
      }
    case .jitsu: Self.jitsuError(status, reason, word, retryAfter: retryAfter)
    case .segment: SegmentDialect.segment.error(status, word, reason, retryAfter: retryAfter)
    case .posthog: .text(status, reason, retryAfter: retryAfter)
    case .otlp: OTLPEncoding(request).error(status, reason, retryAfter: retryAfter)
    case .json: Self.jsonError(status, word, reason, retryAfter: retryAfter)
    }
  }

  /// Whether a request at this path is to be read although it is put off: without the names of its events
  /// Amplitude's SDKs are through their tries in seconds.
  public func namesEvents(path: String) -> Bool {
    let normal = Self.normalized(path)
    if let door = doors[normal] { return door.mappings[0].format == .amplitude }
    switch VendorRoute(path: normal, original: path) {
    case .amplitude, .batch(hasSlash: false): return true
    default: return false
    }
  }

  /// How many events a body of Amplitude's has.
  private static func amplitudeEvents(_ body: [UInt8]) -> Int {
    var count = 0
    _ = withDocument(body) { document in
      let events = document.nodes[0].kind == .array ? 0 : document.member("events", of: 0) ?? 0
      count = document.nodes[events].kind == .array ? document.children(of: events).count : 1
      return .notMine
    }
    return count
  }

  /// Whether the SDKs of a path give up what is answered with 408: RudderStack's, which share Segment's addresses,
  /// and OpenTelemetry's.
  private func drops408(_ path: String, _ original: String) -> Bool {
    if let door = doors[path] { return [.segment, .otlp].contains(door.mappings[0].format) }
    switch VendorRoute(path: path, original: original) {
    case .segment, .segmentSettings, .otlp: return true
    default: return false
    }
  }

  private static func word(for status: Int) -> String {
    switch status {
    case 401: "unauthorized"
    case 403: "forbidden"
    case 405: "method_not_allowed"
    case 408: "timeout"
    case 413: "too_large"
    case 415: "unsupported_encoding"
    case 429: "too_many_requests"
    case 503: "unavailable"
    default: "invalid_request"
    }
  }

  /// The largest body of a path, compressed or inflated: no less than its SDKs may send.
  public static func largestBody(path: String) -> Int {
    normalized(path).hasSuffix("/v1/logs") ? 64 << 20 : 20 << 20
  }

  /// What a client of a format that is not accepted is told, `nil` where the request is none of these.
  static func notAccepted(_ request: IngestRequest) -> IngestResponse? {
    guard isCloudEvents(request.headers) else { return nil }
    return .text(
      404, "CloudEvents are not accepted here; send JSON to a `path` that a catalog declares under `accepts`")
  }

  static func isCloudEvents(_ headers: [(name: String, value: String)]) -> Bool {
    headers.contains { header in
      header.name == "ce-specversion"
        || (header.name == "content-type" && header.value.lowercased().hasPrefix("application/cloudevents"))
    }
  }
}

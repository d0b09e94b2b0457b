import AvowWire

/// Segment's HTTP API, which RudderStack and Jitsu 2 speak too: single calls and batches.
extension Ingest {
  func segment(_ request: IngestRequest, call: String?, _ dialect: SegmentDialect, door: Opened?) -> Received
  {
    var request = request
    if dialect == .jitsuPixel {
      guard let body = request.pixelBody else {
        return .answered(dialect.error(400, "invalid_request", "the pixel's data is not base64"))
      }
      request.body = body
    } else if dialect == .rudderPixel {
      request.body = request.pixelCall
    } else if request.method != "POST" {
      return .answered(dialect.error(405, "method_not_allowed", "calls are sent with POST"))
    }
    let result = Self.withDocument(request.body) {
      segment(request, $0, call: call, dialect, door: door)
    }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(dialect.error(400, "invalid_json", error.description))
    }
  }

  func segment(
    _ request: IngestRequest, _ document: Document, call: String?, _ dialect: SegmentDialect, door: Opened?
  ) -> Received {
    let isPixel = dialect == .jitsuPixel
    guard document.nodes[0].kind == (isPixel ? .array : .object) else {
      return .answered(dialect.error(400, "invalid_request", "the body must be an object"))
    }
    let opened: Opened
    switch door.map(Opening.open) ?? openSegment(request, document) {
    case .open(let found): opened = found
    case nil: return .answered(dialect.error(401, "missing_key", "failed to read the write key"))
    case .unknownKey: return .answered(dialect.error(401, "invalid_key", "no app has this write key"))
    case .missingEntry(let sentence): return .answered(dialect.error(400, "not_accepted", sentence))
    }
    var admission = admission(opened, document: document, request: request)
    let sentAt = Self.sentAt(0, document)
    var refused: [String] = []
    func admit(_ source: Admission.Source) {
      if case .refused = admission.admit(source, mapping: opened.mapping), refused.count < 10_000 {
        refused.append(Self.jitsuMessageID(source.layers[0], document))
      }
    }
    var isBatch = false
    if isPixel {
      // What the address says itself overrides the event it carries.
      let layers = Array(document.children(of: 0).reversed())
      admission.sent = layers.lazy.compactMap { Self.sentAt($0, document) }.first
      let type = call ?? ""
      admit(Admission.Source(layers: layers, name: Self.segmentName(type)))
    } else if let batch = document.member("batch", of: 0), document.nodes[batch].kind == .array {
      isBatch = true
      for (index, item) in document.children(of: batch).enumerated() {
        admission.sent = sentAt ?? Self.sentAt(item, document)
        admit(
          Admission.Source(
            layers: [item, 0], name: Self.segmentName(document.text("type", of: item) ?? ""),
            isFirst: index == 0))
      }
    } else {
      admission.sent = sentAt
      let type = call.flatMap { $0.isEmpty ? nil : $0 } ?? document.text("type", of: 0) ?? ""
      admit(Admission.Source(layers: [0], name: Self.segmentName(type)))
    }
    let outcome = SegmentDialect.Outcome(
      isBatch: isBatch, received: admission.counters.received, refused: refused)
    return finish(
      request, admission, key: opened.key, success: { _ in dialect.success(outcome) },
      failure: { dialect.error($0.status, $0.word, $0.reason, retryAfter: $0.retryAfter) })
  }

  /// What the request's key opens, `nil` when it has none.
  private func openSegment(_ request: IngestRequest, _ document: Document) -> Opening? {
    let keys = [
      request.basicUser, document.text("writeKey", of: 0), request.header("x-write-key"),
      request.parameter("writekey"), request.parameter("writeKey"), request.bearer, request.basicText,
      request.header("x-auth-token"), request.parameter("token"),
    ]
    guard let key = keys.compactMap(\.self).first(where: { !$0.isEmpty }) else { return nil }
    // Jitsu 2 joins key and secret by a colon; a key that was taken over may have one in it.
    let opening = open(.segment, key: String(key.prefix { $0 != ":" }))
    guard case .unknownKey = opening else { return opening }
    let whole = key == request.basicUser ? request.basicPair ?? key : key
    return whole.contains(":") ? open(.segment, key: whole) : opening
  }

  private static func sentAt(_ index: Int, _ document: Document) -> Timestamp? {
    document.member("sentAt", of: index).flatMap { TimeText.timestamp($0, in: document) }
  }

  /// The common name of a call that is no `track`: `$identify`, `$page` ...
  private static func segmentName(_ type: String) -> [UInt8] {
    switch type {
    case "identify", "page", "screen", "group", "alias", "merge": Array("$\(type)".utf8)
    default: []
    }
  }

  /// A message's identifier as Jitsu keeps it: other characters become `_`, at most 64 of them.
  private static func jitsuMessageID(_ index: Int, _ document: Document) -> String {
    guard let text = document.text("messageId", of: index) else { return "none" }
    return String(
      text.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }

  /// What Swift and browser clients ask at their start: which of Segment's own destinations to load. None.
  func segmentSettings(_ request: IngestRequest) -> Received {
    .answered(
      .json(
        200,
        [
          "integrations": ["Segment.io": ["apiKey": "", "unbundledIntegrations": []]], "plan": [:],
          "edgeFunction": [:],
        ]))
  }

  /// `/batch` belongs to three vendors; the body tells whose it is.
  func ambiguousBatch(_ request: IngestRequest, hasSlash: Bool) -> Received {
    guard request.method == "POST" else {
      return hasSlash ? posthog(request, door: nil) : amplitude(request, door: nil)
    }
    let result = Self.withDocument(request.body) { document in
      if document.member("events", of: 0) != nil { return amplitude(request, document, door: nil) }
      guard document.member("batch", of: 0) != nil, !Self.isPostHogBatch(document) else {
        return document.member("batch", of: 0) == nil && !hasSlash
          ? amplitude(request, document, door: nil) : posthog(request, document, door: nil)
      }
      return segment(request, document, call: nil, .segment, door: nil)
    }
    if case .success(let received) = result { return received }
    return hasSlash
      ? posthog(request, door: nil) : .answered(Self.amplitudeInvalid(isEmpty: request.body.isEmpty))
  }

  /// PostHog's items have a `distinct_id`, Segment's a `type` of theirs.
  static func isPostHogBatch(_ document: Document) -> Bool {
    guard document.text("writeKey", of: 0) == nil else { return false }
    if document.member("api_key", of: 0) != nil || document.member("token", of: 0) != nil { return true }
    guard let batch = document.member("batch", of: 0), let first = document.children(of: batch).first else {
      return true
    }
    return document.member("distinct_id", of: first) != nil || document.member("type", of: first) == nil
  }
}

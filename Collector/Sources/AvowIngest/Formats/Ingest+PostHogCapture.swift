import AvowWire

/// PostHog's capture API, version 1: a batch with a verdict for each of its events.
extension Ingest {
  /// Headers without which PostHog refuses a request.
  private static let captureHeaders = [
    "posthog-sdk-info", "posthog-attempt", "posthog-request-id", "posthog-request-timestamp", "content-type",
    "user-agent",
  ]

  func posthogCapture(_ request: IngestRequest) -> Received {
    guard request.method == "POST" else {
      return .answered(Self.captureError(405, "method_not_allowed", "events are sent with POST"))
    }
    guard let key = request.bearer else {
      return .answered(
        Self.captureError(401, "missing_key", "send the app's write key as `Authorization: Bearer KEY`"))
    }
    let opened: Opened
    switch open(.posthog, key: key) {
    case .open(let found): opened = found
    case .unknownKey: return .answered(Self.captureError(401, "invalid_key", "no app has this write key"))
    case .missingEntry(let sentence):
      return .answered(Self.captureError(400, "not_accepted", sentence))
    }
    if let missing = Self.captureHeaders.first(where: { request.header($0) == nil }) {
      return .answered(
        Self.captureError(400, "missing_header", "the header \(missing) is missing"))
    }
    let result = Self.withDocument(request.body) { posthogCapture(request, $0, opened) }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(Self.captureError(400, "invalid_json", error.description))
    }
  }

  private func posthogCapture(
    _ request: IngestRequest, _ document: Document, _ opened: Opened
  ) -> Received {
    guard let batch = document.member("batch", of: 0), document.nodes[batch].kind == .array else {
      return .answered(Self.captureError(400, "invalid_request", "`batch` must be an array"))
    }
    var admission = admission(opened, document: document, request: request)
    admission.sent =
      request.header("posthog-request-timestamp").flatMap(TimeText.timestamp(text:))
      ?? document.member("created_at", of: 0).flatMap { TimeText.timestamp($0, in: document) }
    var results: [String: JSONValue] = [:]
    for event in document.children(of: batch) {
      // Without an identifier there is nothing to hang a verdict on, nor to know a retry by.
      guard let uuid = document.text("uuid", of: event), !uuid.isEmpty, uuid.utf8.count <= 64 else {
        admission.refuseMalformed()
        continue
      }
      let removed = admission.counters.removed
      switch admission.admit(Admission.Source(layers: [event]), mapping: opened.mapping) {
      case .refused(let reason):
        results[uuid] = ["result": "drop", "details": .string(reason.rawValue)]
      case .admitted where admission.counters.removed > removed:
        results[uuid] = ["result": "warning", "details": "undeclared or unfit properties were removed"]
      case .admitted, .dropped, .control: results[uuid] = ["result": "ok"]
      }
    }
    let verdicts = JSONValue.object(results)
    return finish(
      request, admission, key: opened.key, success: { _ in .json(200, ["results": verdicts]) },
      failure: { Self.captureError($0.status, $0.word, $0.reason, retryAfter: $0.retryAfter) })
  }

  static func captureError(
    _ status: Int, _ tag: String, _ description: String, retryAfter: Int? = nil
  ) -> IngestResponse {
    .json(
      status, ["error": .string(tag), "error_description": .string(description)], retryAfter: retryAfter)
  }
}

import AvowWire

/// PostHog's capture API, version 0: a batch, an array, or one event; JSON, base64, or a form.
extension Ingest {
  func posthog(_ request: IngestRequest, door: Opened?) -> Received {
    var body = request.body
    if request.method == "GET", let data = request.parameter("data") {
      body = Array(data.utf8)
    } else if body.starts(with: "data=".utf8), let data = Form.parse(body).first(where: { $0.name == "data" })
    {
      body = Array(data.value.utf8)
    } else if request.method != "POST" {
      return .answered(.text(405, "events are sent with POST"))
    }
    let result = Self.withDocument(body) { posthog(request, $0, door: door) }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(.text(400, error.description))
    }
  }

  func posthog(_ request: IngestRequest, _ document: Document, door: Opened?) -> Received {
    var events = [0]
    if document.nodes[0].kind == .array {
      events = document.children(of: 0)
    } else if let batch = document.member("batch", of: 0) ?? document.member("data", of: 0),
      document.nodes[batch].kind == .array
    {
      events = document.children(of: batch)
    } else if document.nodes[0].kind != .object {
      return .answered(.text(400, "the body must be an event, a list of events, or a batch"))
    }
    let opened: Opened
    if let door {
      opened = door
    } else {
      var tokens = Set<String>()
      if document.nodes[0].kind == .object, let token = Self.posthogToken(0, document) {
        tokens.insert(token)
      }
      if tokens.isEmpty {
        for event in events { if let token = Self.posthogToken(event, document) { tokens.insert(token) } }
      }
      guard let token = tokens.first else { return .answered(.text(401, "API key not provided")) }
      guard tokens.count == 1 else { return .answered(.text(401, "events of several tokens in one request")) }
      guard !token.hasPrefix("phx_") else {
        return .answered(.text(401, "a personal API key is not a project's; use the app's write key"))
      }
      switch open(.posthog, key: token) {
      case .open(let found): opened = found
      case .unknownKey: return .answered(.text(401, "no app has this API key"))
      case .missingEntry(let sentence): return .answered(.text(400, sentence))
      }
    }
    var admission = admission(opened, document: document, request: request)
    let sentAt = document.member("sent_at", of: 0).flatMap { TimeText.timestamp($0, in: document) }
    admission.sent = sentAt ?? request.parameter("_").flatMap { Int64($0) }.map(TimeText.timestamp(integer:))
    for event in events {
      var name: [UInt8] = []
      if let type = document.text("type", of: event), type.hasPrefix("$") { name = Array(type.utf8) }
      _ = admission.admit(Admission.Source(layers: [event], name: name), mapping: opened.mapping)
    }
    return finish(
      request, admission, key: opened.key, success: { _ in .json(200, ["status": "Ok"]) },
      failure: { .text($0.status, $0.reason, retryAfter: $0.retryAfter) })
  }

  private static func posthogToken(_ event: Int, _ document: Document) -> String? {
    if let token = document.text("api_key", of: event) ?? document.text("token", of: event)
      ?? document.text("$token", of: event)
    {
      return token
    }
    return document.member("properties", of: event).flatMap { document.text("token", of: $0) }
  }

  /// What PostHog's SDKs ask around their start: there are no flags and nothing to configure.
  func posthogStart(_ request: IngestRequest, _ start: VendorRoute.PostHogStart) -> Received {
    switch start {
    case .flags:
      .answered(
        .json(
          200,
          [
            "flags": [:], "featureFlags": [:], "featureFlagPayloads": [:], "errorsWhileComputingFlags": false,
          ]))
    case .config: .answered(.json(200, [:]))
    // Browsers load it as a script, and ask for the JSON when it sets nothing.
    case .script:
      .answered(IngestResponse(status: 200, contentType: "text/javascript; charset=utf-8", body: []))
    }
  }
}

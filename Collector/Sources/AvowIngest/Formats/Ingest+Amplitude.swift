import AvowWire

/// Amplitude's HTTP V2 and Batch APIs, and the bare array that relays of it take.
extension Ingest {
  func amplitude(_ request: IngestRequest, door: Opened?) -> Received {
    guard request.method == "POST" else {
      return .answered(.json(405, ["code": 405, "error": "Invalid request path"]))
    }
    let result = Self.withDocument(request.body) { amplitude(request, $0, door: door) }
    if case .success(let received) = result { return received }
    return .answered(Self.amplitudeInvalid(isEmpty: request.body.isEmpty))
  }

  static func amplitudeInvalid(isEmpty: Bool) -> IngestResponse {
    // `missing_field` makes the SDK give the batch up: a body that is no JSON is none at the twelfth try either.
    .json(
      400,
      [
        "code": 400, "error": isEmpty ? "Missing request body" : "Invalid JSON request body",
        "missing_field": "events",
      ])
  }

  func amplitude(_ request: IngestRequest, _ document: Document, door: Opened?) -> Received {
    var opened: Opened
    if let door {
      opened = door
    } else {
      guard let key = document.text("api_key", of: 0) else {
        return .answered(Self.amplitudeMissing("Request missing required field", field: "api_key"))
      }
      switch open(.amplitude, key: key) {
      case .open(let found): opened = found
      case .unknownKey:
        // SDKs match this sentence, key included, to stop retrying.
        return .answered(.json(400, ["code": 400, "error": .string("Invalid API key: \(key.prefix(200))")]))
      case .missingEntry(let sentence):
        return .answered(
          Self.amplitudeMissing("Request missing required field: \(sentence)", field: "accepts: amplitude"))
      }
    }
    let events: Int
    if document.nodes[0].kind == .array {
      events = 0
    } else if let member = document.member("events", of: 0),
      document.nodes[member].kind == .array || document.nodes[member].kind == .object
    {
      events = member
    } else {
      return .answered(Self.amplitudeMissing("Request missing required field", field: "events"))
    }
    var admission = admission(opened, document: document, request: request)
    admission.sent = document.member("client_upload_time", of: 0).flatMap {
      TimeText.timestamp($0, in: document)
    }
    let sources = document.nodes[events].kind == .array ? document.children(of: events) : [events]
    var unknown: [Int] = []
    var canRepeat = true
    for (index, event) in sources.enumerated() {
      if document.text("insert_id", of: event) == nil { canRepeat = false }
      if case .refused = admission.admit(Admission.Source(layers: [event]), mapping: opened.mapping) {
        unknown.append(index)
      }
    }
    let refused = unknown
    // A listed index makes the SDK send the others again, which only `insert_id` keeps from counting twice; and
    // relays that read no answer must not lose good events to a bad one.
    let saysRefused = !refused.isEmpty && canRepeat && opened.key != nil
    let size = request.body.count
    let count = sources.count
    let time = request.received.milliseconds
    return finish(
      request, admission, key: opened.key,
      success: { _ in
        if saysRefused {
          return .json(
            400,
            [
              "code": 400, "error": "Invalid field values on some events",
              "events_with_invalid_fields": ["event_type": .array(refused.map { .integer(Int64($0)) })],
            ])
        }
        return .json(
          200,
          [
            "code": 200, "events_ingested": .integer(Int64(count)),
            "payload_size_bytes": .integer(Int64(size)),
            "server_upload_time": .integer(time),
          ])
      },
      failure: { Self.amplitudeDelay($0, events: count) })
  }

  /// 503 is sent again within a second or so. 429 names every event, because those the SDK sends again after half
  /// a minute; without names it would use up its twelve tries in as many seconds.
  static func amplitudeDelay(_ delay: Delay, events: Int) -> IngestResponse {
    guard delay.status == 429 else {
      return .json(
        delay.status, ["code": .integer(Int64(delay.status)), "error": "Service unavailable"],
        retryAfter: delay.retryAfter)
    }
    return .json(
      429,
      [
        "code": 429, "error": "Too many requests for some devices and users", "throttled_devices": [:],
        "throttled_users": [:], "throttled_events": .array((0..<events).map { .integer(Int64($0)) }),
      ], retryAfter: delay.retryAfter)
  }

  static func amplitudeMissing(_ error: String, field: String) -> IngestResponse {
    .json(400, ["code": 400, "error": .string(error), "missing_field": .string(field)])
  }

  /// `/identify` and `/groupidentify` attach traits to people, with a form: events like any other where a
  /// catalog maps `$identify` or `$groupidentify`, else there is nothing to attach the traits to.
  func amplitudeIdentify(_ request: IngestRequest, isGroup: Bool) -> Received {
    let form = request.method == "POST" ? Form.parse(request.body) : []
    func field(_ name: String) -> String? {
      form.first { $0.name == name }?.value ?? request.parameter(name)
    }
    guard let key = field("api_key") else {
      return .answered(Self.amplitudeMissing("Request missing required field", field: "api_key"))
    }
    switch open(.amplitude, key: key) {
    case .unknownKey:
      return .answered(.json(400, ["code": 400, "error": .string("Invalid API key: \(key.prefix(200))")]))
    case .missingEntry(let sentence):
      return .answered(
        Self.amplitudeMissing("Request missing required field: \(sentence)", field: "accepts: amplitude"))
    case .open(let opened):
      guard let identification = field("identification") else {
        return .answered(Self.amplitudeMissing("Request missing required field", field: "identification"))
      }
      let name = Array((isGroup ? "$groupidentify" : "$identify").utf8)
      let result = Self.withDocument(Array(identification.utf8)) { document in
        let sources = document.nodes[0].kind == .array ? document.children(of: 0) : [0]
        var admission = admission(opened, document: document, request: request)
        for source in sources {
          _ = admission.admit(Admission.Source(layers: [source], name: name), mapping: opened.mapping)
        }
        return finish(
          request, admission, key: opened.key, success: { _ in .json(200, ["code": 200]) },
          failure: { [count = sources.count] in Self.amplitudeDelay($0, events: count) })
      }
      if case .success(let received) = result { return received }
      return .answered(Self.amplitudeMissing("Invalid JSON request body", field: "identification"))
    }
  }
}

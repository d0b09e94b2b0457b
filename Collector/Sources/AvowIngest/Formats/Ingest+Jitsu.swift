import AvowWire

/// Jitsu classic: one object, an array, a template with events, a file of lines, or a pixel.
extension Ingest {
  func jitsu(_ request: IngestRequest, _ call: VendorRoute.JitsuCall, door: Opened?) -> Received {
    guard request.method == "POST" || call == .pixel else {
      return .answered(Self.jitsuError(405, "events are sent with POST"))
    }
    let opened: Opened
    if let door {
      opened = door
    } else {
      guard let token = Self.jitsuToken(request) else {
        return .answered(Self.jitsuError(401, "The token is not found"))
      }
      switch open(.jitsu, key: token) {
      case .open(let found): opened = found
      case .unknownKey: return .answered(Self.jitsuError(401, "The token is not found"))
      case .missingEntry(let sentence): return .answered(Self.jitsuError(400, sentence))
      }
    }
    let body: [UInt8]
    switch call {
    case .events: body = request.body
    case .pixel:
      guard let pixel = request.pixelBody else {
        return .answered(Self.jitsuError(400, "Failed to parse body", "the pixel's data is not base64"))
      }
      body = pixel
    case .bulk:
      guard let lines = Multipart.file(request) else {
        return .answered(Self.jitsuError(400, "Failed to parse body", "the form has no part called file"))
      }
      body = Self.array(ofLines: lines)
    }
    let result = Self.withDocument(body) { document in
      var admission = admission(opened, document: document, request: request)
      for source in Self.jitsuSources(document, call) {
        _ = admission.admit(source, mapping: opened.mapping)
      }
      return finish(
        request, admission, key: opened.key,
        success: { _ in call == .pixel ? .pixel : .json(200, ["status": "ok"]) },
        failure: { Self.jitsuError($0.status, $0.reason, $0.word, retryAfter: $0.retryAfter) })
    }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(Self.jitsuError(400, "Failed to parse body", error.description))
    }
  }

  private static func jitsuSources(_ document: Document, _ call: VendorRoute.JitsuCall) -> [Admission.Source]
  {
    if call == .pixel { return [Admission.Source(layers: document.children(of: 0).reversed())] }
    if document.nodes[0].kind == .array {
      return document.children(of: 0).map { Admission.Source(layers: [$0]) }
    }
    if let template = document.member("template", of: 0), let events = document.member("events", of: 0),
      document.nodes[events].kind == .array
    {
      // The template's members overwrite the events' own.
      return document.children(of: events).map { Admission.Source(layers: [template, $0]) }
    }
    return [Admission.Source(layers: [0])]
  }

  /// One JSON value a line as one array.
  private static func array(ofLines lines: [UInt8]) -> [UInt8] {
    var array: [UInt8] = [UInt8(ascii: "[")]
    array.reserveCapacity(lines.count + 2)
    for line in lines.split(separator: UInt8(ascii: "\n")) where line.contains(where: { $0 > 0x20 }) {
      if array.count > 1 { array.append(UInt8(ascii: ",")) }
      array.append(contentsOf: line)
    }
    array.append(UInt8(ascii: "]"))
    return array
  }

  static func jitsuError(
    _ status: Int, _ message: String, _ error: String = "", retryAfter: Int? = nil
  ) -> IngestResponse {
    .json(status, ["message": .string(message), "error": .string(error)], retryAfter: retryAfter)
  }

  /// Query `token`, header `X-Auth-Token`, header `api_key`, any query key beginning `p_`, Basic user name.
  static func jitsuToken(_ request: IngestRequest) -> String? {
    request.parameter("token") ?? request.header("x-auth-token") ?? request.header("api_key")
      ?? request.query.first { $0.name.hasPrefix("p_") }?.value ?? request.basicUser
  }
}

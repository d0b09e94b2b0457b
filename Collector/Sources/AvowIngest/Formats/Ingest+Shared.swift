import AvowWire

/// A foreign request whose app and mapping are known.
struct Opened {
  var app: Int
  var mapping: Mapping
  /// The write key that opened it; `nil` at a path that belongs to the app alone, where none is asked.
  var key: String?
}

extension Ingest {
  /// Sends a request at a declared path to the format its entry names; with several, the body's shape tells.
  func receive(_ request: IngestRequest, at door: Door) -> Received {
    var mapping = door.mappings[0]
    if door.mappings.count > 1 {
      let wanted = Self.shape(of: request.body)
      mapping =
        door.mappings.first { wanted.contains($0.format) } ?? door.mappings.first { $0.format == .json }
        ?? mapping
    }
    let opened = Opened(app: door.app, mapping: mapping, key: nil)
    return switch mapping.format {
    case .amplitude: amplitude(request, door: opened)
    case .jitsu: jitsu(request, .events, door: opened)
    case .segment: segment(request, call: nil, .segment, door: opened)
    case .posthog: posthog(request, door: opened)
    case .otlp: otlp(request, door: opened)
    case .json: json(request, opened)
    }
  }

  /// The formats a body looks like.
  static func shape(of body: [UInt8]) -> [Acceptance.Format] {
    var formats: [Acceptance.Format] = []
    _ = withDocument(body) { document in
      func has(_ name: StaticString) -> Bool { document.member(name, of: 0) != nil }
      if document.nodes[0].kind == .array || has("events") { formats = [.amplitude, .jitsu] }
      if has("resourceLogs") { formats = [.otlp] }
      if has("batch") { formats = isPostHogBatch(document) ? [.posthog, .segment] : [.segment, .posthog] }
      if has("event"), has("distinct_id") || has("properties") { formats += [.posthog, .segment] }
      if has("type") { formats += [.segment] }
      return .notMine
    }
    return formats
  }

  /// Scans a body and passes it on; a body that begins with neither bracket is taken as base64 first.
  static func withDocument(_ body: [UInt8], _ use: (inout Document) -> Received) -> Result<
    Received, ScanError
  > {
    body.withUnsafeBufferPointer { bytes in
      let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
      if let first, first != UInt8(ascii: "{"), first != UInt8(ascii: "["), first != 0xEF,
        let decoded = Base64.decode(bytes)
      {
        return decoded.withUnsafeBufferPointer { scan($0, use) }
      }
      return scan(bytes, use)
    }
  }

  private static func scan(_ bytes: Bytes, _ use: (inout Document) -> Received) -> Result<Received, ScanError>
  {
    do throws(ScanError) {
      var document = try Document(bytes)
      return .success(use(&document))
    } catch {
      return .failure(error)
    }
  }

  /// What a key opens for a format.
  enum Opening {
    case open(Opened)
    /// Nobody has the key.
    case unknownKey
    /// The app's catalog does not accept the format; the sentence says what to add.
    case missingEntry(String)
  }

  func open(_ format: Acceptance.Format, key: String) -> Opening {
    guard let name = appOfKey(key), let app = indexOfApp[name] else { return .unknownKey }
    guard let mapping = compiled[app].mapping(for: format) else {
      return .missingEntry(
        "the catalog of \"\(name)\" does not accept this format; add `- format: \(format.rawValue)` under `accepts`"
      )
    }
    return .open(Opened(app: app, mapping: mapping, key: key))
  }

  func admission(_ opened: Opened, document: Document, request: IngestRequest) -> Admission {
    Admission(
      compiled[opened.app], appIndex: opened.app, document: document, request: request, pseudonyms: pseudonyms
    )
  }

  /// Counts what was met and hands the batch over, or answers at once when nothing is left to store.
  ///
  /// What is over a limit, or finds no room, is not counted: it comes again and is counted when it is taken.
  func finish(
    _ request: IngestRequest, _ admission: Admission, key: String?,
    success: @escaping @Sendable (Reply.Result) -> IngestResponse,
    failure: @escaping @Sendable (Delay) -> IngestResponse
  ) -> Received {
    let app = admission.compiled.catalog.app
    var counters = admission.counters
    if let seconds = request.limit?(app, key, max(1, counters.received)) {
      return .answered(failure(.tooMany(seconds)))
    }
    if key == nil { counters.unauthenticated += counters.received }
    let quarantine = quarantine
    let (notes, appVersion, received) = (admission.notes, admission.appVersion, admission.received)
    let count = { @Sendable [counters] (result: Reply.Result) in
      var counters = counters
      counters.stored += result.stored
      counters.duplicates += result.duplicates
      quarantine.note(
        notes, app: app, appVersion: appVersion, received: received, counters: counters,
        isUnauthenticated: key == nil)
      return success(result)
    }
    guard !admission.batch.entries.isEmpty else {
      return .answered(count(Reply.Result(stored: 0, duplicates: 0)))
    }
    return .batch(admission.batch, Reply(success: count, failure: failure))
  }
}

extension IngestResponse {
  static func json(_ status: Int, _ value: JSONValue, retryAfter: Int? = nil) -> IngestResponse {
    IngestResponse(status: status, body: value.bytes, retryAfter: retryAfter)
  }

  static func text(_ status: Int, _ text: String, retryAfter: Int? = nil) -> IngestResponse {
    IngestResponse(
      status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8), retryAfter: retryAfter
    )
  }
}

extension IngestRequest {
  /// The user name of `Authorization: Basic`.
  var basicUser: String? { basicPair.map { String($0.prefix { $0 != ":" }) } }

  /// User name, colon and password of `Authorization: Basic`.
  var basicPair: String? {
    guard var text = basicText else { return nil }
    return text.withUTF8 { Base64.decode($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// What stands behind `Authorization: Basic`; some clients write a key there as it is.
  var basicText: String? {
    guard let header = header("authorization"), header.lowercased().hasPrefix("basic ") else { return nil }
    return String(header.dropFirst(6))
  }

  /// The token of `Authorization: Bearer`.
  var bearer: String? {
    guard let header = header("authorization"), header.lowercased().hasPrefix("bearer ") else { return nil }
    return String(header.dropFirst(7).drop { $0 == " " })
  }
}

import AvowWire
import Crypto

/// Avow's own protocol: `POST /v1/events`.
extension Ingest {
  func native(_ request: IngestRequest) -> Received {
    guard request.method == "POST" else {
      return .answered(Self.nativeError(405, "method", "events are sent with POST"))
    }
    guard let key = request.bearer else {
      return .answered(
        Self.nativeError(401, "missing_key", "send the app's write key as `Authorization: Bearer KEY`"))
    }
    guard let name = appOfKey(key), let app = indexOfApp[name] else {
      return .answered(Self.nativeError(401, "unknown_key", "no app has this write key"))
    }
    let result = request.body.withUnsafeBufferPointer { bytes -> Result<Received, ScanError> in
      do throws(ScanError) {
        let document = try Document(bytes)
        return .success(native(request, document, app: app, key: key))
      } catch {
        return .failure(error)
      }
    }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(Self.nativeError(400, "invalid_json", error.description))
    }
  }

  private func native(_ request: IngestRequest, _ document: Document, app: Int, key: String) -> Received {
    let catalog = compiled[app]
    guard document.nodes[0].kind == .object else {
      return .answered(Self.nativeError(400, "invalid_request", "the body must be an object"))
    }
    if let named = document.text("app", of: 0), named != catalog.catalog.app {
      return .answered(Self.nativeError(403, "wrong_app", "the write key belongs to another app"))
    }
    guard let segment = document.text("segment", of: 0).flatMap(SegmentBits.init) else {
      return .answered(
        Self.nativeError(400, "invalid_request", "`segment` must be 24 hexadecimal digits"))
    }
    guard let events = document.member("events", of: 0), document.nodes[events].kind == .array else {
      return .answered(Self.nativeError(400, "invalid_request", "`events` must be an array"))
    }
    var admission = Admission(
      catalog, appIndex: app, document: document, request: request, pseudonyms: pseudonyms)
    admission.sent = request.header("avow-sent").flatMap { Int64($0) }.map(Timestamp.init(milliseconds:))
    if let declared = document.member("catalog", of: 0),
      let version = document.member("version", of: declared),
      let number = NumberText.plainInteger(document.bytes(document.nodes[version]))
    {
      admission.undeclared =
        number < catalog.catalog.version ? .retired : number > catalog.catalog.version ? .newer : .undeclared
    }
    let refused = admission.admitNative(events: events, segment: segment)
    let receipt = hexadecimal(Crypto.SHA256.hash(data: request.body))
    return finish(
      request, admission, key: key,
      success: { result in
        IngestResponse(
          status: 200,
          body: NativeReply(
            accepted: result.stored, duplicates: result.duplicates, refused: refused, receipt: receipt
          )
          .bytes)
      },
      failure: { Self.nativeError($0.status, $0.word, $0.reason, retryAfter: $0.retryAfter) })
  }

  static func nativeError(
    _ status: Int, _ error: String, _ message: String, retryAfter: Int? = nil
  ) -> IngestResponse {
    .json(status, ["error": .string(error), "message": .string(message)], retryAfter: retryAfter)
  }
}

/// The 96 random bits of a client's spool segment; with an event's number they are its identifier.
struct SegmentBits {
  var high: UInt64 = 0
  var low: UInt32 = 0

  init?(_ text: String) {
    guard text.utf8.count == 24 else { return nil }
    for (index, byte) in text.utf8.enumerated() {
      let digit = hexadecimalValue(byte)
      guard digit < 16 else { return nil }
      if index < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt32(digit) }
    }
  }

  func event(_ number: UInt32) -> Identifier128 {
    Identifier128(high: high, low: UInt64(low) << 32 | UInt64(number))
  }
}

/// The answer to a native request.
struct NativeReply: Sendable {
  /// An event that was not taken, or a field removed from one that was.
  struct Refusal: Sendable {
    var number: UInt32
    var reason: Quarantine.Reason
    var field: String?
  }

  /// More than this an answer does not list; the counts say all.
  static let maxRefusals = 100

  var accepted: Int
  var duplicates: Int
  var refused: [Refusal]
  var receipt: String

  var bytes: [UInt8] {
    var writer = JSONWriter(capacity: 192)
    writer.beginObject()
    writer.key("accepted")
    writer.integer(accepted)
    writer.key("duplicates")
    writer.integer(duplicates)
    writer.key("refused")
    writer.beginArray()
    for refusal in refused {
      writer.beginObject()
      writer.key("n")
      writer.integer(refusal.number)
      writer.key("reason")
      writer.string(refusal.reason.rawValue)
      if let field = refusal.field {
        writer.key("field")
        writer.string(field)
      }
      writer.endObject()
    }
    writer.endArray()
    writer.key("receipt")
    writer.string(receipt)
    writer.endObject()
    return writer.bytes
  }
}

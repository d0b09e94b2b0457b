import AvowIngest
import AvowWire
import HTTPTypes
import Hummingbird
import NIOCore

/// A request's body, whole, with its content encoding undone.
struct CollectedBody {
  var bytes: [UInt8]
  /// What it holds of the shared budget; the caller gives it back.
  var reserved: Int

  /// Why a body was not taken.
  struct Refusal: Error {
    var status: HTTPResponse.Status
    var reason: String
    var retryAfter: Int?

    /// A body that every SDK takes for "later": a number `code` for Amplitude, `code` and `message` for
    /// RudderStack, the status for all others.
    static func tooMany(_ seconds: Int) -> Refusal {
      Refusal(
        status: .tooManyRequests, reason: "too many requests; try again in a moment", retryAfter: seconds)
    }

    /// The answer where no vendor's SDK is waiting for its own words.
    var response: Response {
      var response = CollectorResponder.json(status, ["error": .string(reason)])
      if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
      return response
    }
  }

  /// The largest body of a path, compressed or inflated: what its SDKs may send.
  static func limit(path: String) -> Int { Ingest.largestBody(path: path) }

  init(_ request: Request, limit: Int, budget: BodyBudget) async throws(Refusal) {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw Self.tooLarge(limit)
    }
    var held = 0
    var bytes: [UInt8] = []
    // An array that grows is held twice for a moment; memory that is not written to costs nothing.
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > 0 {
      bytes.reserveCapacity(length)
    }
    do {
      for try await part in request.body {
        let count = part.readableBytes
        guard bytes.count + count <= limit else { throw Self.tooLarge(limit) }
        guard await budget.reserve(count, holding: held) else { throw Self.busy }
        held += count
        part.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
      }
      // In a form only the file is compressed, not the body.
      let isForm = request.headers[.contentType]?.lowercased().hasPrefix("multipart/form-data") ?? false
      let encoding = isForm ? nil : request.headers[.contentEncoding]?.lowercased()
      if Inflate.isGzip(bytes) || encoding == "deflate" {
        bytes = try Self.inflated(bytes, limit: limit)
        guard await budget.reserve(bytes.count, holding: held) else { throw Self.busy }
        held += bytes.count
      } else if let encoding, encoding != "identity", encoding != "gzip" {
        throw Refusal(status: .unsupportedMediaType, reason: "content encoding is gzip, deflate or none")
      } else if encoding == "gzip", !bytes.isEmpty {
        throw Refusal(status: .badRequest, reason: "the body is not the gzip it claims to be")
      }
    } catch let refusal as Refusal {
      budget.release(held)
      throw refusal
    } catch is BodyPatience.TooSlow {
      budget.release(held)
      throw Self.tooSlow
    } catch {
      budget.release(held)
      throw Refusal(status: .badRequest, reason: "the body ended before it was complete")
    }
    self.bytes = bytes
    reserved = held
  }

  private static func inflated(_ bytes: [UInt8], limit: Int) throws(Refusal) -> [UInt8] {
    do {
      return try Inflate.inflate(bytes, limit: limit)
    } catch .tooLarge {
      throw tooLarge(limit)
    } catch {
      throw Refusal(status: .badRequest, reason: "the body is not valid gzip or deflate")
    }
  }

  private static let tooSlow = Refusal(
    status: .requestTimeout, reason: "the body came too slowly; try again", retryAfter: 2)

  private static func tooLarge(_ limit: Int) -> Refusal {
    Refusal(status: .contentTooLarge, reason: "the body is larger than \(limit >> 20) MiB")
  }

  private static let busy = Refusal(
    status: .serviceUnavailable, reason: "too many requests at once; try again in a moment", retryAfter: 2)
}

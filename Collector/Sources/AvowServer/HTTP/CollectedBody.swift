import AvowIngest
import AvowWire
import HTTPTypes
import Hummingbird
import NIOCore

/// A request's body, whole, with its content encoding undone.
struct CollectedBody {
  var bytes: [UInt8]
  /// What it holds of the shared budget; the caller gives it back.
  var holding: BodyBudget.Holding
  /// Whether it is a form with files, of which each may be compressed.
  let isForm: Bool

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

  init(
    _ request: Request, limit: Int, budget: BodyBudget, from sender: SenderAddress?
  ) async throws(Refusal) {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw Self.tooLarge(limit)
    }
    isForm = request.headers[.contentType]?.lowercased().hasPrefix("multipart/form-data") ?? false
    var held = budget.holding(of: sender)
    do {
      bytes = try await Self.collect(request, isForm: isForm, limit: limit, budget: budget, &held)
    } catch {
      budget.release(of: &held)
      throw error
    }
    holding = held
  }

  private static func collect(
    _ request: Request, isForm: Bool, limit: Int, budget: BodyBudget, _ held: inout BodyBudget.Holding
  ) async throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    // An array that grows is held twice for a moment; memory that is not written to costs nothing.
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > 0 {
      bytes.reserveCapacity(length)
    }
    do {
      for try await part in request.body {
        let count = part.readableBytes
        guard bytes.count + count <= limit else { throw tooLarge(limit) }
        guard await budget.reserve(count, for: &held) else { throw busy }
        part.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch is BodyPatience.TooSlow {
      throw tooSlow
    } catch {
      throw Refusal(status: .badRequest, reason: "the body ended before it was complete")
    }
    // In a form only the file is compressed, not the body.
    let encoding = isForm ? nil : request.headers[.contentEncoding]?.lowercased()
    if Inflate.isGzip(bytes) || encoding == "deflate" {
      let compressed = bytes.count
      bytes = try await inflated(bytes, limit: limit, budget: budget, &held)
      budget.release(compressed, of: &held)
    } else if let encoding, encoding != "identity", encoding != "gzip" {
      throw Refusal(status: .unsupportedMediaType, reason: "content encoding is gzip, deflate or none")
    } else if encoding == "gzip", !bytes.isEmpty {
      throw Refusal(status: .badRequest, reason: "the body is not the gzip it claims to be")
    }
    return bytes
  }

  /// Memory is asked for before each step: whoever waits for it holds what he has, not what he will have.
  private static func inflated(
    _ bytes: [UInt8], limit: Int, budget: BodyBudget, _ held: inout BodyBudget.Holding
  ) async throws(Refusal) -> [UInt8] {
    do {
      let inflater = try Inflater(bytes, limit: limit)
      let before = held.total
      repeat {
        guard await budget.reserve(Inflater.step, for: &held) else { throw busy }
      } while try inflater.next()
      // The last step seldom filled what it was given.
      budget.release(held.total - before - inflater.output.count, of: &held)
      return inflater.output
    } catch Inflate.Failure.tooLarge {
      throw tooLarge(limit)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal(status: .badRequest, reason: "the body is not valid gzip or deflate")
    }
  }

  static let tooSlow = Refusal(
    status: .requestTimeout, reason: "the body came too slowly; try again", retryAfter: 2)

  static func tooLarge(_ limit: Int) -> Refusal {
    Refusal(status: .contentTooLarge, reason: "the body is larger than \(limit >> 20) MiB")
  }

  static let busy = Refusal(
    status: .serviceUnavailable, reason: "too many requests at once; try again in a moment", retryAfter: 2)
}

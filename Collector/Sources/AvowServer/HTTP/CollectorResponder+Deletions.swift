import AvowIngest
import AvowWire
import Foundation
import HTTPTypes
import Hummingbird

extension CollectorResponder {
  /// A user's own client asks for what it sent to be erased; knowing the pseudonyms is the authority.
  func deletion(_ request: Request, _ context: CollectorContext) async -> Response {
    let address = clientAddress(Self.headers(request), context)
    if let seconds = limits.deletion(from: address) {
      return CollectedBody.Refusal.tooMany(seconds).response
    }
    guard let key = Self.headers(request).bearer, let app = state.keys.app(of: key)
    else {
      return Self.json(.unauthorized, ["error": "the write key is missing or unknown"])
    }
    do {
      // The client compresses it like everything else it sends.
      var body = try await CollectedBody(
        request, limit: 1 << 20, budget: budget, from: Self.sender(address))
      defer { budget.release(of: &body.holding) }
      let document = try JSONValue(parsing: body.bytes)
      guard let quoted = document["users"]?.arrayValue, document["app"]?.stringValue ?? app == app else {
        return Self.json(
          .badRequest, ["error": .string("the body is {\"app\": \"\(app)\", \"users\": [\"...\"]}")])
      }
      let users = quoted.compactMap(\.stringValue).compactMap { Identifier128($0) }
      guard users.count == quoted.count, (1...1000).contains(users.count) else {
        return Self.json(
          .badRequest, ["error": "users are 1 to 1000 identifiers of 32 hexadecimal digits"])
      }
      // Native identifiers only: a foreign one can be guessed, a random one of 128 bits cannot.
      let ingest = state.ingest
      let user = QuotedUser(pseudonyms: users.map { ingest.nativePseudonym(app: app, user: $0) })
      let deletion = try await state.deletions.erase(app: app, user, source: .client)
      // The same answer for known and unknown, so that nobody learns who reports.
      guard deletion.receipt != nil else {
        return Self.json(.accepted, ["status": "pending", "app": .string(app)])
      }
      return Self.json(.ok, deletion.answer)
    } catch is JSONError {
      return Self.json(.badRequest, ["error": "the body is not JSON"])
    } catch let refusal as CollectedBody.Refusal {
      return refusal.response
    } catch {
      return Self.busy("not erased now; try again in a moment")
    }
  }

  // MARK: Amplitude's shape

  static let amplitudeDeletions = "/api/2/deletions/users"

  /// `POST /api/2/deletions/users`: for programs that speak Amplitude's privacy interface.
  ///
  /// The account's `api_key:secret_key` is the app's write key and a key for its erasures, or the admin token. Unlike there, unknown
  /// users are no error: nobody but the user can know that an identifier was never sent, and one that is
  /// unknown today is kept out tomorrow.
  func amplitudeDeletion(_ request: Request, _ context: CollectorContext) async -> Response {
    guard let app = amplitudeApp(request) else { return Self.amplitudeUnauthorized }
    do {
      let address = clientAddress(Self.headers(request), context)
      var body = try await CollectedBody(
        request, limit: 1 << 20, budget: budget, from: Self.sender(address))
      defer { budget.release(of: &body.holding) }
      let document = try JSONValue(parsing: body.bytes)
      let users = document["user_ids"]?.arrayValue ?? []
      let numbers = document["amplitude_ids"]?.arrayValue ?? []
      let quoted = users.compactMap(\.stringValue)
      guard quoted.count == users.count, users.count + numbers.count <= 100,
        !users.isEmpty || !numbers.isEmpty
      else {
        return Self.json(.badRequest, ["error": "user_ids are 1 to 100 texts"])
      }
      let ignores = document["ignore_invalid_id"]
      let mayIgnore = ignores?.boolValue ?? (ignores?.stringValue?.lowercased() == "true")
      guard numbers.isEmpty || mayIgnore else {
        return Self.json(
          .badRequest,
          [
            "error":
              "amplitude_ids are numbers Amplitude gives out, which this collector does not; send user_ids",
            "invalid_ids": .array(numbers),
          ])
      }
      guard !quoted.isEmpty else {
        return Self.json(
          .badRequest, ["error": "no user_ids, so nobody to erase", "invalid_ids": .array(numbers)])
      }
      let user = try state.user(of: app, quoted: quoted)
      let deletion = try await state.deletions.erase(app: app, user, source: .amplitude)
      var job = Self.amplitudeJob(deletion)
      let requester = document["requester"] ?? .null
      let day = JSONValue.string("\(CivilDate(dayNumber: deletion.asked.day))")
      // Said back to the one who asked, and kept nowhere.
      job["amplitude_ids"] = .array(
        quoted.map { ["user_id": .string($0), "requester": requester, "requested_on_day": day] })
      job["invalid_ids"] = .array(numbers)
      return Self.json(.ok, .object(job))
    } catch is JSONError {
      return Self.json(.badRequest, ["error": "the body is not JSON"])
    } catch let refusal as CollectedBody.Refusal {
      return refusal.response
    } catch {
      return Self.busy("not erased now; try again in a moment")
    }
  }

  /// `GET /api/2/deletions/users?start_day=&end_day=`: the requests of those days, without whom they concern.
  func amplitudeDeletions(_ target: RequestTarget, _ request: Request) -> Response {
    guard let app = amplitudeApp(request) else { return Self.amplitudeUnauthorized }
    guard let first = target.parameter("start_day").flatMap({ CivilDate($0) }),
      let last = target.parameter("end_day").flatMap({ CivilDate($0) })
    else {
      return Self.json(.badRequest, ["error": "start_day and end_day are dates such as 2026-01-31"])
    }
    do {
      let days = first.dayNumber...max(first.dayNumber, last.dayNumber)
      let jobs = try state.database.deletions(app: app, askedOn: days).filter { $0.source != .client }
      return Self.json(.ok, .array(jobs.map { .object(Self.amplitudeJob($0)) }))
    } catch {
      return Self.busy("the list cannot be read now; try again in a moment")
    }
  }

  private static func amplitudeJob(_ deletion: Deletion) -> [String: JSONValue] {
    [
      "day": .string("\(CivilDate(dayNumber: deletion.asked.day))"),
      "status": deletion.erased == nil ? "submitted" : "done", "app": .string(deletion.app),
      "amplitude_ids": [],
      "users": .integer(Int64(deletion.users ?? 0)), "events": .integer(Int64(deletion.events ?? 0)),
      "receipt": deletion.receipt.flatMap { try? JSONValue(parsing: $0) } ?? .null,
    ]
  }

  /// The app named by the write key, when a key for its erasures or the admin token stands beside it.
  private func amplitudeApp(_ request: Request) -> String? {
    guard let pair = BasicCredentials(request.headers[.authorization]),
      let app = state.keys.app(of: pair.user)
    else { return nil }
    let isAllowed = state.keys.erases(pair.password) == app
    return isAllowed || state.access.isToken(pair.password) ? app : nil
  }

  private static var amplitudeUnauthorized: Response {
    var response = json(
      .unauthorized,
      [
        "error":
          "send Basic authorization: an app's write key as user, a key of `avow keys add APP --erasures` as password"
      ])
    response.headers[.wwwAuthenticate] = "Basic realm=\"avow\""
    return response
  }

  /// 503 with a time to come back.
  static func busy(_ reason: String) -> Response {
    var response = json(.serviceUnavailable, ["error": .string(reason)])
    response.headers[.retryAfter] = "2"
    return response
  }
}

/// `Authorization: Basic` taken apart (RFC 7617).
struct BasicCredentials {
  var user: String
  var password: String

  init?(_ header: String?) {
    guard let header, header.lowercased().hasPrefix("basic "),
      let data = Data(base64Encoded: String(header.dropFirst(6)).trimmingSpaces)
    else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let colon = text.firstIndex(of: ":") else { return nil }
    user = String(text[..<colon])
    password = String(text[text.index(after: colon)...])
  }
}

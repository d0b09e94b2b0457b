import AsyncAlgorithms
import AvowIngest
import AvowStore
import AvowWire
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// Sends each request to what answers it: a wire format, a page, the operator's interface.
///
/// Paths that catalogs declare are known only at run time and may be any, `/` included, so this is one
/// function rather than a table of routes.
struct CollectorResponder: HTTPResponder {
  let state: CollectorState
  let admin: AdminAPI
  let readiness: Readiness
  /// Whether this is the control socket, which only the folder's owner can reach.
  let isControl: Bool
  var budget: BodyBudget { state.budget }
  var limits: Limits { state.limits }

  func respond(to request: Request, context: CollectorContext) async throws -> Response {
    var response = await answer(request, context)
    state.traffic.count(response.status.code)
    response.headers[.xContentTypeOptions] = "nosniff"
    // The rest of a body that came too slowly is not waited for.
    if response.status == .requestTimeout { response.headers[.connection] = "close" }
    return response
  }

  private func answer(_ request: Request, _ context: CollectorContext) async -> Response {
    let target = RequestTarget(request.head.path ?? "/")
    let method = request.method.rawValue
    // The first became the authority. Which of two a proxy went by, nobody knows (RFC 9112, 3.2).
    if request.headers[Self.hostField] != nil {
      return Self.json(.badRequest, ["error": "a request has one Host field"])
    }
    if !isControl {
      if method == "OPTIONS", state.ingest.claims(path: target.path) { return Self.preflight }
      let isRead = method == "GET" || method == "HEAD"
      if isRead, let response = await read(target, request, context) { return response }
      if state.ingest.claims(path: target.path, headers: Self.formatHeaders(request)) {
        return await ingest(method, target, request, context)
      }
      let path = Ingest.normalized(target.path)
      if path == "/v1/deletions" {
        return method == "POST" ? await deletion(request, context) : Self.methodNotAllowed("POST")
      }
      if path == Self.amplitudeDeletions {
        switch method {
        case "POST": return await amplitudeDeletion(request, context)
        case "GET": return amplitudeDeletions(target, request)
        default: return Self.methodNotAllowed("GET, POST")
        }
      }
      if !isRead, Self.isPage(target.path) { return Self.methodNotAllowed("GET, HEAD") }
    }
    if target.path.hasPrefix("/admin/") { return await adminResponse(method, target, request, context) }
    return Self.notFound(target.path)
  }

  /// Pages and other things to look at; `nil` when the path is none of them.
  private func read(_ target: RequestTarget, _ request: Request, _ context: CollectorContext) async
    -> Response?
  {
    switch target.path {
    case "/health": return Self.plain(.ok, "ok\n")
    case "/ready":
      return readiness.isReady.load(ordering: .acquiring)
        ? Self.plain(.ok, "ready\n") : Self.plain(.serviceUnavailable, "starting\n")
    case "/.well-known/telemetry": return wellKnown()
    // Whoever only looks whether the link is there must not use it up.
    case "/sign-in": return request.method == .get ? signIn(target) : Self.signInNeeded
    case "/favicon.ico": return Response(status: .noContent)
    default: break
    }
    if target.path.hasPrefix("/catalog/") { return catalogPage(target) }
    if target.path.hasPrefix("/public/") { return await publicPage(target) }
    let isMetrics = target.path == "/metrics"
    guard Self.isPage(target.path) else { return nil }
    let isLocal = context.address.map(Loopback.isName) ?? false
    guard state.access.level(of: Self.headers(request), isLocal: isLocal) >= .view else {
      return Self.signInNeeded
    }
    if isMetrics { return metrics() }
    return await page(target)
  }

  /// Whether something is to be looked at there.
  private static func isPage(_ path: String) -> Bool {
    switch path {
    case "/", "/apps", "/metrics", "/health", "/ready", "/.well-known/telemetry", "/sign-in", "/favicon.ico":
      true
    default: ["/apps/", "/catalog/", "/public/"].contains { path.hasPrefix($0) }
    }
  }

  // MARK: Events

  private func ingest(
    _ method: String, _ target: RequestTarget, _ request: Request, _ context: CollectorContext
  ) async -> Response {
    let ingest = state.ingest
    let headers = Self.headers(request)
    let address = clientAddress(headers, context)
    var ingestRequest = IngestRequest(
      method: method, path: target.path, query: target.query, headers: headers.fields,
      address: address, received: state.clock.now())
    var holding: BodyBudget.Holding
    let isForm: Bool
    do throws(CollectedBody.Refusal) {
      let sender = Self.sender(address)
      let wait = sender.flatMap { limits.request(from: $0) }
      if let wait, !ingest.namesEvents(path: target.path) { throw CollectedBody.Refusal.tooMany(wait) }
      let body = try await CollectedBody(
        request, limit: CollectedBody.limit(path: target.path), budget: budget, from: sender)
      (ingestRequest.body, holding, isForm) = (body.bytes, body.holding, body.isForm)
      if let wait {
        budget.release(of: &holding)
        throw CollectedBody.Refusal.tooMany(wait)
      }
    } catch {
      return refused(ingestRequest, error)
    }
    defer { budget.release(of: &holding) }
    ingestRequest.received = state.clock.now()
    ingestRequest.limit = { [limits] app, key, events in limits.events(events, of: app, by: key) }
    let file =
      isForm ? InflatedFile(budget, of: holding, limit: CollectedBody.limit(path: target.path)) : nil
    defer { file?.release() }
    if let file { ingestRequest.inflate = { file.inflate($0) } }
    let received = ingest.receive(ingestRequest)
    if let file, file.isPutOff {
      return refused(ingestRequest, CollectedBody.busy)
    }
    switch received {
    case .notMine:
      return Self.methodNotAllowed("POST, OPTIONS")
    case .answered(let response):
      return Self.withCORS(Self.response(response))
    case .batch(let batch, let reply):
      do {
        let result = try await state.store.append(batch)
        return Self.withCORS(
          Self.response(
            reply.stored(
              .init(stored: result.count(of: .stored), duplicates: result.count(of: .duplicate)))))
      } catch {
        if error.code != .overloaded {
          state.logger.error("events not stored: \(error)", metadata: ["app": "\(batch.catalog.app)"])
        }
        return Self.withCORS(Self.response(reply.unavailable()))
      }
    }
  }

  /// A refusal in the format's own words: SDKs read an error's body to decide whether to send again.
  private func refused(_ request: IngestRequest, _ refusal: CollectedBody.Refusal) -> Response {
    var response = Self.response(
      state.ingest.refusal(
        request, status: refusal.status.code, reason: refusal.reason, retryAfter: refusal.retryAfter))
    if refusal.status == .requestTimeout { response.headers[.connection] = "close" }
    return Self.withCORS(response)
  }

  /// Who is limited: this machine's own programs are not, a proxy in front is by whom it speaks for.
  static func sender(_ address: String?) -> SenderAddress? {
    guard let address, !Loopback.isName(address) else { return nil }
    return SenderAddress(address)
  }

  /// The sender's address: the connection's, or what the trusted proxies before it tell.
  ///
  /// Each proxy adds the address it saw as the last; what stands before the first that is no trusted proxy's
  /// own anyone may have written.
  func clientAddress(_ headers: RequestHeaders, _ context: CollectorContext) -> String? {
    guard let connection = context.address else { return nil }
    let trusted = state.configuration.trustedProxies
    func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
    guard state.configuration.isBehindProxy, isTrusted(connection) else { return connection }
    var sender = connection
    let hops = headers.fields.filter { $0.name == "x-forwarded-for" }
      .flatMap { $0.value.split(separator: ",") }.map { String($0).trimmingSpaces }
    for hop in hops.reversed() {
      guard let address = AddressRange.address(hop) else { break }
      sender = address
      if !isTrusted(address) { break }
    }
    return sender
  }

  // MARK: Operator

  private func adminResponse(
    _ method: String, _ target: RequestTarget, _ request: Request, _ context: CollectorContext
  ) async -> Response {
    if !isControl {
      let isLocal = context.address.map(Loopback.isName) ?? false
      let level = state.access.level(of: Self.headers(request), isLocal: isLocal, isPage: false)
      let mayView = method == "GET" && !target.path.hasPrefix("/admin/export")
      guard level >= (mayView ? .view : .change) else {
        return Self.json(
          .unauthorized, ["error": "the admin token is missing or wrong; send it as a Bearer token"])
      }
    }
    let path = String(target.path.dropFirst("/admin/".count))
    var asked = AdminRequest(method, path, target.query)
    asked.isOwner = isControl
    if method == "POST" {
      do {
        let body = try await request.body.collect(upTo: AdminAPI.largestBody(path: path))
        if path == AdminAPI.importPath {
          asked.body = Array(buffer: body)
        } else {
          asked.parameters += RequestTarget.pairs(String(buffer: body))
        }
      } catch is BodyPatience.TooSlow {
        return CollectedBody.tooSlow.response
      } catch is NIOTooManyBytesError {
        return CollectedBody.tooLarge(AdminAPI.largestBody(path: path)).response
      } catch {
        return Self.json(.badRequest, ["error": "the body ended before it was complete"])
      }
    }
    let answer = await admin.respond(to: asked)
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    headers[.cacheControl] = "no-store"
    switch answer.body {
    case .bytes(let bytes):
      return Response(
        status: .init(code: answer.status), headers: headers,
        body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    case .stream(let produce):
      let logger = state.logger
      return Response(
        status: .init(code: answer.status), headers: headers,
        body: .init { writer in
          // The channel holds one piece at a time, so a slow reader slows the store's reading down.
          let pieces = AsyncThrowingChannel<[UInt8], any Error>()
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
              do {
                try await produce { await pieces.send($0) }
                pieces.finish()
              } catch {
                logger.error("an export broke off: \(type(of: error))")
                pieces.fail(error)
              }
            }
            for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
            try await group.waitForAll()
          }
          try await writer.finish(nil)
        })
    }
  }
}

extension String {
  var trimmingSpaces: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

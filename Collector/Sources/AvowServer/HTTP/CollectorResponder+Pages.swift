import AvowCatalog
import AvowDashboard
import AvowIngest
import AvowStore
import AvowWire
import HTTPTypes
import Hummingbird
import NIOCore

extension CollectorResponder {
  /// The dashboard.
  func page(_ target: RequestTarget) async -> Response {
    let state = state
    let dashboard = Dashboard(
      catalogs: state.catalogs.catalogs, ask: { try await state.store.answer($0) },
      today: { $0.map { state.today(for: $0) } ?? state.clock.now().day }, quality: { state.quality(app: $0) }
    )
    let page = await dashboard.respond(path: target.path, query: target.query)
    if let location = page.location {
      return Response(status: .seeOther, headers: [.location: location])
    }
    return Self.html(.init(code: page.status), page.html, policy: Dashboard.contentSecurityPolicy)
  }

  /// The page users read.
  func catalogPage(_ target: RequestTarget) -> Response {
    let app = String(target.path.dropFirst("/catalog/".count))
    guard let entry = state.catalogs.entries.first(where: { $0.catalog.app == app }) else {
      return Self.notFound(target.path)
    }
    return Self.html(.ok, CatalogPage.html(entry.catalog))
  }

  /// Which catalogs are in force, for users and their tools.
  func wellKnown() -> Response {
    Self.json(
      .ok,
      [
        "telemetry": .array(
          state.catalogs.entries.map { entry in
            [
              "app": .string(entry.catalog.app), "name": .string(entry.catalog.name),
              "version": .integer(Int64(entry.catalog.version)), "digest": .string(entry.digest),
              "page": .string("/catalog/" + entry.catalog.app),
              "public": entry.catalog.published.isEmpty ? .null : .string("/public/" + entry.catalog.app),
            ]
          }),
        // What signs the receipts of erasures.
        "receipt_key": .string(state.deletions.key.publicKey),
      ])
  }

  /// Trades a one-time code for a session.
  func signIn(_ target: RequestTarget) -> Response {
    guard let code = target.parameter("code"), let session = state.access.signIn(code: code) else {
      return Self.signInNeeded
    }
    var headers = HTTPFields()
    headers[.location] = "/"
    headers[.setCookie] =
      "\(Access.cookie)=\(session); Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"
      + (state.configuration.isBehindProxy || state.tls != nil ? "; Secure" : "")
    headers[.cacheControl] = "no-store"
    return Response(status: .seeOther, headers: headers)
  }

  /// Counters in the Prometheus text format.
  func metrics() -> Response {
    var text = ""
    for (index, name) in CollectorState.counters.map(\.name).enumerated() {
      text += "# TYPE avow_\(name)_total counter\n"
      for entry in state.catalogs.entries {
        let counts = state.counts(app: entry.catalog.app)
        if index < counts.count {
          text += "avow_\(name)_total{app=\"\(entry.catalog.app)\"} \(counts[index].value)\n"
        }
      }
    }
    text += state.traffic.metrics
    text += "# TYPE avow_body_bytes gauge\navow_body_bytes \(state.budget.used)\n"
    text +=
      "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes \(Traffic.residentBytes)\n"
    if let tls = state.tls {
      text +=
        "# TYPE avow_certificate_expiry_seconds gauge\navow_certificate_expiry_seconds \(tls.expires.milliseconds / 1000)\n"
    }
    return Self.plain(.ok, text)
  }
}

// MARK: Forms of answers

extension CollectorResponder {
  static func headers(_ request: Request) -> RequestHeaders {
    var fields = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
    if let authority = request.head.authority { fields.append((name: "host", value: authority)) }
    return RequestHeaders(fields: fields)
  }

  /// The fields that say what format a request has, whatever its path.
  static func formatHeaders(_ request: Request) -> [(name: String, value: String)] {
    request.headers.compactMap { field in
      let name = field.name.canonicalName
      return name == "content-type" || name == "ce-specversion" ? (name: name, value: field.value) : nil
    }
  }

  static func response(_ answer: IngestResponse) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    if answer.status == 405 { headers[.allow] = "POST, OPTIONS" }
    if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
    return Response(
      status: .init(code: answer.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
  }

  static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(bytes: value.bytes)))
  }

  static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  /// A page that may load nothing from anywhere and stand in nobody's frame.
  static func html(
    _ status: HTTPResponse.Status, _ html: String,
    policy: String = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
  ) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = "text/html; charset=utf-8"
    headers[.contentSecurityPolicy] = policy
    headers[.xContentTypeOptions] = "nosniff"
    headers[referrerPolicy] = "no-referrer"
    headers[openerPolicy] = "same-origin"
    headers[resourcePolicy] = "same-origin"
    headers[frameOptions] = "DENY"
    headers[.cacheControl] = "no-store"
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
  }

  static func notFound(_ path: String) -> Response {
    json(
      .notFound, ["error": "nothing answers here; events go to /v1/events or to a path a catalog declares"])
  }

  static func methodNotAllowed(_ allowed: String) -> Response {
    var response = json(.methodNotAllowed, ["error": .string("this address answers \(allowed)")])
    response.headers[.allow] = allowed
    return response
  }

  static var signInNeeded: Response {
    html(
      .unauthorized,
      """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style>:root{color-scheme:light dark}body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1rem}
      code{background:color-mix(in srgb,currentColor 10%,transparent);padding:.1em .35em;border-radius:.3em}</style>
      <h1>Sign in</h1><p>These pages are for the people who run this collector. Run
      <code>avow sign-in --data DIR</code> on its machine and open the link it prints, behind a proxy under
      the proxy's name;
      a link works once, for ten minutes.</p></html>
      """)
  }

  static var preflight: Response {
    var headers = HTTPFields()
    headers[.accessControlAllowOrigin] = "*"
    headers[.accessControlAllowMethods] = "POST, OPTIONS"
    headers[.accessControlAllowHeaders] = "*, Authorization, Content-Type, Content-Encoding"
    headers[.accessControlMaxAge] = "86400"
    return Response(status: .noContent, headers: headers)
  }

  static func withCORS(_ response: Response) -> Response {
    var response = response
    response.headers[.accessControlAllowOrigin] = "*"
    return response
  }

  static let hostField = HTTPField.Name("Host")!
  private static var referrerPolicy: HTTPField.Name { HTTPField.Name("Referrer-Policy")! }
  private static var openerPolicy: HTTPField.Name { HTTPField.Name("Cross-Origin-Opener-Policy")! }
  private static var resourcePolicy: HTTPField.Name { HTTPField.Name("Cross-Origin-Resource-Policy")! }
  private static var frameOptions: HTTPField.Name { HTTPField.Name("X-Frame-Options")! }
}

import AvowWire
import Synchronization

/// Who may see pages and change things.
///
/// The bearer of the admin token may do all. A browser gets a session by a one-time link that the
/// operator's terminal shows. An open collector shows its pages, and only those, to this machine; the operator's
/// interface asks for more even there.
public final class Access: Sendable {
  /// What a request may do.
  enum Level: Int, Sendable, Comparable {
    case none, view, change

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  private struct State {
    var tokenDigest: [UInt8]
    var codes: [[UInt8]: Timestamp] = [:]
    var sessions: [[UInt8]: Timestamp] = [:]
  }

  private let isOpen: Bool
  private let clock: any CollectorClock
  private let state: Mutex<State>

  /// How long a sign-in link works.
  private static let codeLifetime: Int64 = 10 * 60_000
  /// How long a session lasts.
  private static let sessionLifetime: Int64 = 12 * 3_600_000

  init(tokenDigest: [UInt8], isOpen: Bool, clock: any CollectorClock = SystemClock()) {
    self.clock = clock
    state = Mutex(State(tokenDigest: tokenDigest))
    self.isOpen = isOpen
  }

  /// Puts another token in force; whoever came in with the old one is out.
  func replaceToken(digest: [UInt8]) { state.withLock { $0 = State(tokenDigest: digest) } }

  /// What a request may do, from its headers, whether its connection comes from this machine, and whether it is
  /// for a page.
  func level(of headers: RequestHeaders, isLocal: Bool, isPage: Bool = true) -> Level {
    if let token = headers.bearer, isToken(token) { return .change }
    if let session = headers.cookie(Self.cookie), isSession(session) {
      // A cookie is sent along by other sites' forms too; those may look at nothing and change nothing.
      // Whoever does not say where it comes from may look: a browser always says so when it changes things.
      return headers.isCrossSite ? .none : headers.isSameSite ? .change : .view
    }
    return isOpen && isPage && isLocal && headers.isDirectlyLocal ? .view : .none
  }

  /// Whether this is the admin token.
  func isToken(_ token: some StringProtocol) -> Bool {
    Secret.matches(state.withLock { $0.tokenDigest }, token)
  }

  /// Returns a code for a link that signs one browser in, once, within ten minutes.
  func makeSignInCode() -> String {
    let code = Secret.make(prefix: "")
    state.withLock { $0.codes[Secret.digest(code)] = clock.now() }
    return code
  }

  /// Trades a code for a session; `nil` when it is unknown, used or too old.
  func signIn(code: String) -> String? {
    let now = clock.now().milliseconds
    return state.withLock { state in
      guard let made = state.codes.removeValue(forKey: Secret.digest(code)),
        now - made.milliseconds < Self.codeLifetime
      else { return nil }
      let session = Secret.make(prefix: "")
      state.sessions = state.sessions.filter { now - $0.value.milliseconds < Self.sessionLifetime }
      state.sessions[Secret.digest(session)] = Timestamp(milliseconds: now)
      return session
    }
  }

  static let cookie = "avow_session"

  private func isSession(_ session: String) -> Bool {
    let now = clock.now().milliseconds
    return state.withLock { state in
      guard let made = state.sessions[Secret.digest(session)] else { return false }
      return now - made.milliseconds < Self.sessionLifetime
    }
  }
}

/// The header fields that matter here, names in lower case.
struct RequestHeaders: Sendable {
  var fields: [(name: String, value: String)]

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The token of `Authorization: Bearer`; a scheme's letter case does not matter (RFC 9110, 11.1).
  var bearer: String? {
    guard let header = self["authorization"], header.prefix(7).lowercased() == "bearer " else { return nil }
    return String(header.dropFirst(7)).trimmingSpaces
  }

  /// The value of a cookie.
  func cookie(_ name: String) -> String? {
    for field in fields where field.name == "cookie" {
      for pair in field.value.split(separator: ";") {
        let trimmed = pair.drop { $0 == " " }
        if trimmed.hasPrefix(name + "=") { return String(trimmed.dropFirst(name.count + 1)) }
      }
    }
    return nil
  }

  /// Whether a browser says that another site made the request.
  var isCrossSite: Bool {
    if let site = self["sec-fetch-site"], site != "same-origin", site != "none" { return true }
    guard let origin = self["origin"], let host = self["host"] else { return false }
    return origin != "http://" + host && origin != "https://" + host
  }

  /// Whether a browser says that a page of this collector, or its user's own hand, made the request.
  var isSameSite: Bool { !isCrossSite && (self["sec-fetch-site"] != nil || self["origin"] != nil) }

  /// Whether a field is one that proxies add.
  private static func isForwarding(_ name: String) -> Bool {
    switch name {
    case "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "client-ip", "true-client-ip",
      "cdn-loop", "x-original-host", "x-original-url":
      true
    default: name.hasPrefix("x-forwarded") || name.hasPrefix("cf-") || name.hasPrefix("fastly-")
    }
  }

  /// Whether the request was made to this machine by its own name, through no proxy and by no other site.
  ///
  /// A page elsewhere can make a browser on this machine connect here under that page's own name
  /// (DNS rebinding), so the `Host` must be a loopback one.
  var isDirectlyLocal: Bool {
    guard !isCrossSite, let host = self["host"] else { return false }
    guard !fields.contains(where: { Self.isForwarding($0.name) }) else { return false }
    var name = Substring(host)
    if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]"), name[..<colon].count > 0 {
      name = name[..<colon]
    }
    return Loopback.isName(String(name))
  }
}

import Testing

@testable import AvowServer

struct AccessTests {
  private func headers(_ fields: [(String, String)]) -> RequestHeaders {
    RequestHeaders(fields: fields.map { (name: $0.0, value: $0.1) })
  }

  private static let local = [("host", "127.0.0.1:8765")]

  @Test func `an open collector shows pages to this machine and changes nothing`() {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: true)
    #expect(access.level(of: headers(Self.local), isLocal: true) == .view)
    #expect(access.level(of: headers([("host", "localhost:8765")]), isLocal: true) == .view)
    #expect(access.level(of: headers([("host", "[::1]:8765")]), isLocal: true) == .view)
  }

  @Test(arguments: [
    [("host", "evil.example:8765")],
    [("host", "127.0.0.1.evil.example")],
    [("host", "127.0.0.1:8765"), ("x-forwarded-for", "203.0.113.9")],
    [("host", "127.0.0.1:8765"), ("forwarded", "for=203.0.113.9")],
    [("host", "127.0.0.1:8765"), ("x-forwarded-proto", "https")],
    [("host", "127.0.0.1:8765"), ("x-forwarded-server", "proxy")],
    [("host", "127.0.0.1:8765"), ("cf-connecting-ip", "203.0.113.9")],
    [("host", "127.0.0.1:8765"), ("via", "1.1 proxy")],
    [("host", "127.0.0.1:8765"), ("origin", "https://evil.example")],
    [("host", "127.0.0.1:8765"), ("sec-fetch-site", "cross-site")],
    [],
  ])
  func `an open collector shows nothing through other names, proxies and sites`(
    _ fields: [(String, String)]
  ) {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: true)
    #expect(access.level(of: headers(fields), isLocal: true) == .none)
  }

  @Test func `an open collector shows nothing to other machines`() {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: true)
    #expect(access.level(of: headers(Self.local), isLocal: false) == .none)
  }

  @Test func `a collector that is not open asks this machine too`() {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: false)
    #expect(access.level(of: headers(Self.local), isLocal: true) == .none)
  }

  @Test func `the token's bearer may change things, a wrong one may not`() {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: false)
    #expect(access.level(of: headers([("authorization", "Bearer at_secret")]), isLocal: false) == .change)
    #expect(access.level(of: headers([("authorization", "Bearer at_secret2")]), isLocal: false) == .none)
    #expect(access.level(of: headers([("authorization", "at_secret")]), isLocal: false) == .none)
  }

  @Test func `a sign-in code works once`() throws {
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: false)
    let code = access.makeSignInCode()
    let session = try #require(access.signIn(code: code))
    #expect(access.signIn(code: code) == nil)
    let cookie = [("cookie", "other=1; \(Access.cookie)=\(session)"), ("host", "collector.example")]
    let own = cookie + [("sec-fetch-site", "same-origin")]
    #expect(access.level(of: headers(own), isLocal: false) == .change)
    #expect(access.level(of: headers(cookie), isLocal: false) == .view)
    #expect(access.level(of: headers(cookie + [("sec-fetch-site", "cross-site")]), isLocal: false) == .none)
    #expect(access.level(of: headers([("cookie", "\(Access.cookie)=guess")]), isLocal: false) == .none)
  }
}

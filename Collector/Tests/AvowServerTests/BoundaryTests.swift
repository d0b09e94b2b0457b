import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

/// What a browser, a stranger and an operator are told at the door.
struct BoundaryTests {
  @Test func `any page may send events, and with no credentials of its visitor`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let key = try await running.key()
      let origin = (name: "Origin", value: "https://tool.example")
      for path in ["/v1/events", "/2/httpapi", "/v1/batch", "/batch/", "/v1/logs", "/api/v1/event"] {
        let preflight = try await running.send("OPTIONS", path, headers: [origin])
        #expect(preflight.status == 204 && preflight.headers["access-control-allow-origin"] == "*")
        #expect(preflight.headers["access-control-allow-headers"]?.contains("Authorization") == true)
        #expect(preflight.headers["access-control-allow-credentials"] == nil)
        // A refusal too: a script may read what is wrong.
        let refused = try await running.send("POST", path, headers: [origin], body: Array("{".utf8))
        #expect(refused.status >= 400 && refused.headers["access-control-allow-origin"] == "*", "\(path)")
        #expect(refused.headers["access-control-allow-credentials"] == nil)
      }
      #expect(try await running.record(key: key, n: 1).headers["access-control-allow-origin"] == "*")
      for path in ["/", "/apps/weaver", "/admin/status", "/metrics", "/catalog/weaver", "/health"] {
        let answer = try await running.send("GET", path, headers: [origin])
        #expect(answer.headers["access-control-allow-origin"] == nil, "\(path)")
        #expect(try await running.send("OPTIONS", path, headers: [origin]).status >= 400, "\(path)")
      }
    }
  }

  @Test func `pages load nothing from anywhere and stand in nobody's frame`() async throws {
    try await RunningCollector.with { running async throws in
      for path in ["/", "/apps/weaver", "/catalog/weaver", "/sign-in"] {
        let headers = try await running.send("GET", path).headers
        #expect(headers["content-security-policy"]?.contains("default-src 'none'") == true, "\(path)")
        #expect(headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(path)")
        #expect(headers["x-content-type-options"] == "nosniff")
        #expect(headers["x-frame-options"] == "DENY" && headers["referrer-policy"] == "no-referrer")
        #expect(headers["cache-control"] == "no-store")
      }
      // A sign-in says where to go and sets a cookie that no script and no other site gets.
      let answer = try await running.send("GET", "/sign-in?code=\(running.collector.signInCode())")
      #expect(answer.status == 303 && answer.headers["location"] == "/")
      #expect(answer.headers["set-cookie"]?.contains("HttpOnly; SameSite=Strict") == true)
    }
  }

  @Test func `a key that deployed clients carry is taken over by one app and no other`() async throws {
    try await RunningCollector.withTwoApps { running async throws in
      let old = "phc_deployed-since-2021"
      #expect(try await running.record(key: old, n: 1).status == 401)
      #expect(try await running.admin("POST", "keys", [("app", "weaver"), ("key", old)]).status == 200)
      #expect(try await running.record(key: old, n: 1).status == 200)
      let other = try await running.admin("POST", "keys", [("app", "dyer"), ("key", old)])
      #expect(other.status == 400 && other.text.contains("weaver"))
      for bad in ["short", "with a blank", String(repeating: "k", count: 129)] {
        #expect(try await running.admin("POST", "keys", [("app", "weaver"), ("key", bad)]).status == 400)
      }
      let list = try await running.admin("GET", "keys", [("app", "weaver")]).text
      #expect(list.contains("phc_depl...") && !list.contains(old))
    }
  }

  @Test(arguments: ["0.0.0.0", "192.0.2.1", "::", "collector.example"])
  func `another address than loopback needs TLS or a proxy, and is never open`(_ host: String) throws {
    var configuration = CollectorConfiguration(host: host, dataFolder: "d", catalogPaths: [])
    let error = #expect(throws: CollectorError.self) { try configuration.validate() }
    #expect(error?.message.contains("--tls-certificate") == true)
    configuration.tls = TLSFiles(certificate: "c", key: "k")
    try configuration.validate()
    configuration.tls = nil
    configuration.isBehindProxy = true
    try configuration.validate()
    configuration.isOpen = true
    #expect(throws: CollectorError.self) { try configuration.validate() }
  }

  @Test func `an open collector stands behind no proxy`() throws {
    var configuration = CollectorConfiguration(dataFolder: "d", catalogPaths: [], isOpen: true)
    try configuration.validate()
    configuration.isBehindProxy = true
    let error = #expect(throws: CollectorError.self) { try configuration.validate() }
    #expect(error?.message.contains("--behind-proxy") == true)
  }

  @Test func `who only looks whether a sign-in link is there does not use it up`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let answer = try JSONValue(parsing: try await running.admin("POST", "sign-in", []).text)
      let link = try #require(answer["link"]?.stringValue)
      let base = "http://127.0.0.1:\(running.port)"
      #expect(link.hasPrefix(base + "/sign-in?code="))
      let target = String(link.dropFirst(base.count))
      #expect(try await running.send("HEAD", target).status == 401)
      #expect(try await running.send("GET", target).status == 303)
      #expect(try await running.send("GET", target).status == 401)
    }
  }

  @Test func `a method that an address does not know is told those it does`() async throws {
    try await RunningCollector.with { running async throws in
      for (method, path, allowed) in [
        ("DELETE", "/health", "GET, HEAD"), ("PUT", "/", "GET, HEAD"), ("POST", "/apps/weaver", "GET, HEAD"),
        ("GET", "/v1/deletions", "POST"), ("PUT", "/v1/deletions/", "POST"),
        ("PUT", "/api/2/deletions/users", "GET, POST"), ("GET", "/v1/events", "POST, OPTIONS"),
        ("PUT", "/2/httpapi", "POST, OPTIONS"), ("GET", "/v1/logs", "POST, OPTIONS"),
      ] {
        let answer = try await running.send(method, path)
        #expect(answer.status == 405, "\(method) \(path)")
        #expect(answer.headers["allow"] == allowed, "\(method) \(path)")
      }
      #expect(try await running.send("POST", "/nothing").status == 404)
      #expect(try await running.send("POST", "/api/2/deletions/users/").status == 401)
    }
  }

  @Test func `a short key that is taken over is not shown whole, and one with a colon works everywhere`()
    async throws
  {
    let catalog = RunningCollector.catalog + "\naccepts:\n  - {format: segment, events: {cloth: weave}}\n"
    try await RunningCollector.with(catalog: catalog) { running async throws in
      for key in ["12345678", "id:secret"] {
        #expect(try await running.admin("POST", "keys", [("app", "weaver"), ("key", key)]).status == 200)
        for (headers, body) in [
          ([], #"{"writeKey":"\#(key)","type":"track","event":"cloth"}"#),
          (
            [
              (
                name: "Authorization",
                value: "Basic " + Data("\(key.contains(":") ? key : key + ":")".utf8).base64EncodedString()
              )
            ],
            #"{"type":"track","event":"cloth"}"#
          ),
        ] as [([(name: String, value: String)], String)] {
          #expect(
            try await running.send("POST", "/v1/track", headers: headers, body: Array(body.utf8)).status
              == 200)
        }
      }
      let list = try await running.admin("GET", "keys", []).text
      #expect(list.contains("1234...") && !list.contains("12345"))
      #expect(try await running.admin("POST", "keys/revoke", [("key", "1234...")]).status == 200)
    }
  }

  @Test func `a scheme's letter case does not matter`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let token = [(name: "Authorization", value: "bearer \(try running.token())")]
      #expect(try await running.send("GET", "/admin/status", headers: token).status == 200)
      let key = [(name: "Authorization", value: "BEARER \(try await running.key())")]
      let body = Array(#"{"users":["\#(RunningCollector.user)"]}"#.utf8)
      #expect(try await running.send("POST", "/v1/deletions", headers: key, body: body).status == 200)
    }
  }

  @Test func `asking for erasures is limited before anything is looked at`() async throws {
    try await RunningCollector.with { running async throws in
      // Twenty at once, and one more every five seconds: some more on a slow machine.
      var statuses: [Int] = []
      while statuses.last != 429, statuses.count < 200 {
        statuses.append(try await running.send("POST", "/v1/deletions").status)
      }
      #expect(statuses.count > 20 && statuses.dropLast().allSatisfy { $0 == 401 } && statuses.last == 429)
    }
  }

  @Test func `a sign-in link lasts ten minutes and a session twelve hours`() throws {
    let start = Timestamp(milliseconds: 1_790_000_000_000)
    let clock = SimulatedClock(start: start)
    func set(minutes: Int64) { clock.set(Timestamp(milliseconds: start.milliseconds + minutes * 60_000)) }
    let access = Access(tokenDigest: Secret.digest("at_secret"), isOpen: false, clock: clock)
    let late = access.makeSignInCode()
    set(minutes: 11)
    #expect(access.signIn(code: late) == nil)
    let session = try #require(access.signIn(code: access.makeSignInCode()))
    let headers = RequestHeaders(fields: [(name: "cookie", value: "\(Access.cookie)=\(session)")])
    set(minutes: 11 + 719)
    #expect(access.level(of: headers, isLocal: false) == .view)
    set(minutes: 11 + 721)
    #expect(access.level(of: headers, isLocal: false) == .none)
  }

  @Test(
    arguments: [
      // `{"a":1}` by Python's zlib: with its header, and bare.
      [0x78, 0x9C, 0xAB, 0x56, 0x4A, 0x54, 0xB2, 0x32, 0xAC, 0x05, 0x00, 0x08, 0x2A, 0x02, 0x09],
      [0xAB, 0x56, 0x4A, 0x54, 0xB2, 0x32, 0xAC, 0x05, 0x00],
    ] as [[UInt8]])
  func `deflate is taken with and without its header`(_ bytes: [UInt8]) throws {
    #expect(try Inflate.inflate(bytes, limit: 100) == Array(#"{"a":1}"#.utf8))
    #expect(throws: Inflate.Failure.malformed) { try Inflate.inflate(bytes.dropLast(6), limit: 100) }
  }

  @Test func `metrics count answers and events, and name nobody`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      #expect(try await running.record(key: key, n: 1).status == 200)
      #expect(try await running.record(key: "wk_nobody", n: 2).status == 401)
      let text = try await running.send("GET", "/metrics").text
      for line in [
        "avow_received_total{app=\"weaver\"} 1", "avow_stored_total{app=\"weaver\"} 1",
        "avow_answers_total{status=\"4xx\"} 1", "avow_throttled_total 0", "avow_body_bytes 0",
      ] {
        #expect(text.contains(line + "\n"), "\(line)")
      }
      #expect(!text.contains(key) && !text.contains("127.0.0.1"))
    }
  }
}

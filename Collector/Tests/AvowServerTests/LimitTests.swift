import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct RateLimitTests {
  @Test func `a sender has a burst, then a rate, and others are not concerned`() {
    let limit = RateLimit<String>(rate: 10, burst: 3)
    let start = ContinuousClock.now
    for _ in 0..<3 { #expect(limit.take(by: "a", at: start) == nil) }
    #expect(limit.take(by: "a", at: start) == 1)
    #expect(limit.take(by: "b", at: start) == nil)
    #expect(limit.take(by: "a", at: start + .milliseconds(101)) == nil)
    #expect(limit.take(by: "a", at: start + .milliseconds(102)) == 1)
  }

  @Test func `a batch larger than the burst is taken on credit and paid for by waiting`() {
    let limit = RateLimit<String>(rate: 10, burst: 5)
    let start = ContinuousClock.now
    #expect(limit.take(100, by: "a", at: start) == nil)
    // What the clients wait is bounded: longer, and some exporters give up at once.
    #expect(limit.take(1, by: "a", at: start) == 5)
    #expect(limit.take(1, by: "a", at: start + .seconds(10)) == nil)
  }

  @Test func `many senders do not fill the memory`() {
    let limit = RateLimit<Int>(rate: 1, burst: 2, capacity: 100)
    let start = ContinuousClock.now
    for sender in 0..<10_000 { #expect(limit.take(by: sender, at: start) == nil) }
  }

  @Test func `no limit is no limit`() {
    let limit = RateLimit<Int>(rate: nil)
    for _ in 0..<10_000 { #expect(limit.take(by: 1) == nil) }
  }

  @Test func `neighbours in one network of IPv6 are one sender, in IPv4 they are not`() {
    #expect(SenderAddress("2001:db8:1:2::1") == SenderAddress("2001:db8:1:2:ffff::9"))
    #expect(SenderAddress("2001:db8:1:2::1") != SenderAddress("2001:db8:1:3::1"))
    #expect(SenderAddress("198.51.100.1") != SenderAddress("198.51.100.2"))
    #expect(SenderAddress("::ffff:198.51.100.1") == SenderAddress("198.51.100.1"))
    #expect(SenderAddress("example") == nil)
  }
}

struct AddressRangeTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.200.1.2", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.0.2.64/26", "192.0.2.127", true), ("192.0.2.64/26", "192.0.2.128", false),
    ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "8.8.8.8", true),
    ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
    ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("10.0.0.0/8", "::1", false), ("10.0.0.0/8", "x", false),
  ])
  func `a range holds what begins alike`(_ range: String, _ address: String, _ holds: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(address) == holds)
  }

  @Test(arguments: [
    ("203.0.113.5", "203.0.113.5"), ("203.0.113.5:1234", "203.0.113.5"), ("[2001:db8::1]:443", "2001:db8::1"),
    ("[2001:db8::1]", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("unknown", nil), ("", nil),
    ("x:1", nil),
    ("_hidden", nil), ("[", nil), (":", nil),
  ])
  func `a sender is known with and without a port`(_ text: String, _ address: String?) {
    #expect(AddressRange.address(text) == address)
  }

  @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "host", "::/129", "10.0.0.0/x"])
  func `what is no range is none`(_ text: String) { #expect(AddressRange(text) == nil) }
}

struct ProxyTests {
  private static let event = Array(
    #"{"app":"weaver","segment":"00112233445566778899aabb","context":{},"events":[]}"#.utf8)

  private func statuses(
    _ running: RunningCollector, forwarded: [String], key: String
  ) async throws -> [Int] {
    var statuses: [Int] = []
    for value in forwarded {
      let answer = try await running.send(
        "POST", "/v1/events",
        headers: [
          (name: "Authorization", value: "Bearer \(key)"), (name: "X-Forwarded-For", value: value),
        ], body: Self.event)
      statuses.append(answer.status)
      if answer.status == 429 {
        #expect(answer.headers["retry-after"].flatMap { Int($0) }.map { (1...5).contains($0) } == true)
        let body = try JSONValue(parsing: answer.text)
        #expect(body["error"]?.stringValue != nil || body["message"]?.stringValue != nil)
      }
    }
    return statuses
  }

  @Test func `behind a proxy the limit is of whom it speaks for`() async throws {
    try await RunningCollector.with(configure: {
      $0.isBehindProxy = true
      // One request, and a second only after a hundred seconds: no machine is slow enough to see it.
      $0.requestsPerAddress = 0.01
    }) { running async throws in
      let key = try await running.key()
      // What a sender writes before the proxy's own word does not help him.
      let answers = try await statuses(
        running, forwarded: ["203.0.113.1", "198.51.100.7, 203.0.113.1", "203.0.113.1"], key: key)
      #expect(answers == [200, 429, 429])
      #expect(try await statuses(running, forwarded: ["203.0.113.2:41000"], key: key) == [200])
      #expect(try await statuses(running, forwarded: ["203.0.113.2:41001"], key: key) == [429])
    }
  }

  @Test func `Amplitude's are told which events are put off for their address`() async throws {
    try await RunningCollector.with(configure: {
      $0.isBehindProxy = true
      $0.requestsPerAddress = 0.01
    }) { running async throws in
      for status in [400, 429] {
        let answer = try await running.send(
          "POST", "/2/httpapi", headers: [(name: "X-Forwarded-For", value: "203.0.113.1")],
          body: Array(#"{"api_key":"k","events":[{},{}]}"#.utf8))
        #expect(answer.status == status)
        if status == 429 { #expect(try JSONValue(parsing: answer.text)["throttled_events"] == [0, 1]) }
      }
      #expect(running.collector.state.budget.used == 0)
    }
  }

  @Test func `without a proxy nobody's word about addresses is believed`() async throws {
    try await RunningCollector.with(configure: { $0.requestsPerAddress = 0.4 }) { running async throws in
      let key = try await running.key()
      let same = Array(repeating: "203.0.113.1", count: 6)
      #expect(try await statuses(running, forwarded: same, key: key) == Array(repeating: 200, count: 6))
    }
  }

  @Test func `too many events of an app are put off`() async throws {
    try await RunningCollector.with(configure: { $0.eventsPerApp = 0.002 }) { running async throws in
      let key = try await running.key()
      #expect(try await running.record(key: key, n: 1).status == 200)
      #expect(try await running.record(key: key, n: 2).status == 429)
    }
  }
}

struct TokenTests {
  @Test func `another token ends the old one and its sessions, and the digest alone is kept`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let old = try running.token()
      func status(_ headers: [(name: String, value: String)]) async throws -> Int {
        try await running.send("GET", "/admin/status", headers: headers).status
      }
      let signIn = try await running.send("GET", "/sign-in?code=\(running.collector.signInCode())")
      let cookie = try #require(signIn.headers["set-cookie"]).prefix { $0 != ";" }
      let session = [(name: "Cookie", value: String(cookie))]
      #expect(try await status([(name: "Authorization", value: "Bearer \(old)")]) == 200)
      #expect(try await status(session) == 200)
      let answer = try JSONValue(
        parsing: try await running.admin("POST", "token", [(name: "copy", value: "no")]).text)
      let new = try #require(answer["token"]?.stringValue)
      #expect(try await status([(name: "Authorization", value: "Bearer \(old)")]) == 401)
      #expect(try await status(session) == 401)
      #expect(try await status([(name: "Authorization", value: "Bearer \(new)")]) == 200)
      for name in try FileManager.default.contentsOfDirectory(atPath: running.folder.path + "/data") {
        let file = URL(fileURLWithPath: running.folder.path + "/data/" + name)
        if let data = try? Data(contentsOf: file) { #expect(data.range(of: Data(new.utf8)) == nil) }
      }
    }
  }

  @Test func `a session without a word about its origin may look and not change`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let signIn = try await running.send("GET", "/sign-in?code=\(running.collector.signInCode())")
      let cookie = try #require(signIn.headers["set-cookie"]).prefix { $0 != ";" }
      let body = Array("app=weaver".utf8)
      let form = (name: "Content-Type", value: "application/x-www-form-urlencoded")
      func post(_ fields: [(name: String, value: String)]) async throws -> Int {
        let headers = [(name: "Cookie", value: String(cookie)), form] + fields
        return try await running.send("POST", "/admin/keys", headers: headers, body: body).status
      }
      #expect(try await post([]) == 401)
      #expect(try await post([(name: "Origin", value: "https://evil.example")]) == 401)
      #expect(try await post([(name: "Origin", value: "http://127.0.0.1:\(running.port)")]) == 200)
    }
  }
}

struct ReloadTests {
  @Test func `of a reload that is refused nothing is remembered`() async throws {
    try await RunningCollector.withTwoApps { running async throws in
      let newer = RunningCollector.catalog.replacingOccurrences(of: "version: 1\n", with: "version: 2\n")
      try running.folder.write(newer, to: "weaver.yaml")
      try running.folder.write(
        RunningCollector.dyer.replacingOccurrences(of: "rows:", with: "picks:"), to: "dyer.yaml")
      let refused = try await running.admin("POST", "reload", [])
      #expect(refused.status == 400 && refused.text.contains("dyer.yaml"))
      try running.folder.write(RunningCollector.catalog, to: "weaver.yaml")
      try running.folder.write(RunningCollector.dyer, to: "dyer.yaml")
      #expect(try await running.admin("POST", "reload", []).status == 200)
    }
  }

  @Test func `a reload that leaves an app with keys out says so`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let potter = RunningCollector.catalog.replacingOccurrences(of: "app: weaver", with: "app: potter")
      try running.folder.write(potter, to: "weaver.yaml")
      let answer = try await running.admin("POST", "reload", [])
      let words = "no catalog is loaded for the app"
      #expect(answer.status == 200 && answer.text.contains(words))
      #expect(try await running.admin("POST", "keys/revoke", [("key", key)]).status == 200)
      #expect(!(try await running.admin("POST", "reload", []).text.contains(words)))
    }
  }

  @Test func `without a catalog named at the start a reload has nothing to do`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(RunningCollector.catalog, to: "weaver.yaml")
    let clock = SimulatedClock(start: RunningCollector.now)
    await (try RunningCollector.open(folder, clock: clock)).close()
    let again = try await RunningCollector.open(folder, clock: clock) { $0.catalogPaths = [] }
    let answer = try await again.admin("POST", "reload", [])
    #expect(answer.status == 200)
    #expect(again.state.catalogs.catalogs.map(\.app) == ["weaver"])
    await again.close()
  }

  @Test func `a reload that collects more says so`() async throws {
    try await RunningCollector.with { running async throws in
      let wider =
        RunningCollector.catalog
        .replacingOccurrences(of: "version: 1\n", with: "version: 2\n")
        + "\n      dyed: {type: boolean, description: Whether it was dyed.}"
      try running.folder.write(wider, to: "weaver.yaml")
      let answer = try await running.admin("POST", "reload", [])
      #expect(answer.status == 200)
      #expect(answer.text.contains("weaver now collects more") && answer.text.contains("dyed"))
    }
  }
}

struct SettingsTests {
  @Test func `a variable wins over the file, the file over the default`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "# mine\nAVOW_LISTEN = 127.0.0.1:1\n\nAVOW_DATA=\"/a b\"\nAVOW_LIMIT_APP=off\n", to: "env")
    let settings = try Settings(file: folder.path + "/env") { $0 == "AVOW_LISTEN" ? "127.0.0.1:2" : nil }
    #expect(settings["AVOW_LISTEN"] == "127.0.0.1:2")
    #expect(settings["AVOW_DATA"] == "/a b")
    #expect(settings["AVOW_CATALOG"] == nil)
    #expect(try settings.rate("AVOW_LIMIT_APP", default: 5) == nil)
    #expect(try settings.rate("AVOW_LIMIT_ADDRESS", default: 5) == 5)
    #expect(try settings.flag("AVOW_OPEN") == false)
  }

  @Test(arguments: ["AVOW_LISTN=x", "AVOW_LISTEN", "x"])
  func `a line that is no setting is named`(_ line: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("AVOW_DATA=x\n\(line)\n", to: "env")
    let error = #expect(throws: CollectorError.self) {
      try Settings(file: folder.path + "/env") { _ in nil }
    }
    #expect(error?.message.contains("env:2:") == true)
  }
}

import AvowTesting
import Foundation
import Testing

@testable import Avow

@Suite struct SendTests {
  let bench = Bench()

  @Test func `a failure keeps the events, and a retry has the same bytes`() throws {
    let telemetry = bench.telemetry()
    bench.transport.answer(.failure("down"), .answer(status: 503))
    telemetry.record(.listReports(reportsCount: 1))
    bench.tick()
    telemetry.record(.listReports(reportsCount: 2))
    bench.clock.advance(by: .seconds(60))
    let requests = bench.transport.requests
    #expect(requests.count == 4)
    #expect(requests[0].body == requests[1].body && requests[1].body == requests[2].body)
    #expect(RecordedEvent.events(in: requests[3]).map(\.properties) == [["reports_count": 2]])
    #expect(telemetry.status.accepted == 2)
  }

  @Test func `Retry-After is the least pause`() {
    let telemetry = bench.telemetry()
    bench.transport.answer(.answer(status: 429, retryAfter: .seconds(120)))
    telemetry.record(.listReports())
    bench.clock.advance(by: .seconds(120))
    #expect(bench.transport.requests.count == 1)
    bench.clock.advance(by: .seconds(4))
    #expect(bench.transport.requests.count == 2)
  }

  @Test func `a network that stays down is asked ever less often`() {
    let telemetry = bench.telemetry()
    bench.transport.answerAlways(.failure("down"))
    telemetry.record(.listReports())
    bench.clock.advance(by: .seconds(3600))
    let first = bench.transport.requests.count
    #expect((8...22).contains(first))
    #expect(telemetry.status.isNetworkDown)
    bench.clock.advance(by: .seconds(3600))
    #expect(bench.transport.requests.count - first <= 13)
    bench.transport.answerAlways(nil)
    bench.clock.advance(by: .seconds(700))
    #expect(telemetry.status.accepted == 1)
    #expect(!telemetry.status.isNetworkDown)
  }

  @Test func `what is refused for good is not sent again`() {
    let telemetry = bench.telemetry()
    bench.transport.answer(.answer(status: 400))
    telemetry.record(.listReports())
    bench.clock.advance(by: .seconds(600))
    #expect(bench.transport.requests.count == 1)
    #expect(telemetry.status.refused == 1)
  }

  @Test func `a request that is too large is sent in halves`() {
    let telemetry = bench.telemetry()
    for number in 0..<8 { telemetry.record(.listReports(reportsCount: number)) }
    bench.transport.answer(.answer(status: 413))
    bench.tick()
    #expect(bench.transport.requests.map { RecordedEvent.events(in: $0).count } == [8, 4, 4])
    #expect(telemetry.status.accepted == 8)
  }

  @Test func `a real socket carries a request and its answer, compressed where that saves`() throws {
    let listener = Listener()
    defer { listener.stop() }
    let destination = Destination(url: listener.url + "/", key: "k")
    let body = Array(String(repeating: "telemetry ", count: 500).utf8)
    for bytes in [Array("{}".utf8), body] {
      let request = destination.request(
        "/v1/events", body: bytes, sent: .init(milliseconds: 5), compress: true)
      #expect(
        SystemTransport().send(request, timeout: .seconds(10))
          == .answer(status: 200, body: Array(Listener.acceptance.utf8))
      )
    }
    #expect(listener.requests.map(\.url) == Array(repeating: "POST /v1/events HTTP/1.1", count: 2))
    #expect(listener.requests[0].body == Array("{}".utf8))
    #expect(listener.requests[0].headers.contains(.init("Authorization", "Bearer k")))
    #expect(listener.requests[1].body.count < 200)
    #expect(try Unpacked.bytes(listener.requests[1]) == body)
  }

  @Test func `libcurl, where it is there, does the same`() {
    let listener = Listener(answer: "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 1\r\n\r\nx")
    defer { listener.stop() }
    let request = Destination(url: listener.url).request(
      "/v1/events", body: Array("{}".utf8), sent: nil, compress: true)
    switch CurlTransport().send(request, timeout: .seconds(10)) {
    case .failure(let reason): #expect(reason.contains("libcurl is not installed"))
    case let answer:
      #expect(answer == .answer(status: 429, retryAfter: .seconds(7), body: [UInt8(ascii: "x")]))
      #expect(listener.requests.map(\.body) == [Array("{}".utf8)])
    }
  }

  @Test(arguments: [
    "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "", "HTTP/1.1 999 No\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 100_000),
  ])
  func `an answer that is none is a failure, and nothing else happens`(answer: String) {
    let listener = Listener(answer: answer)
    defer { listener.stop() }
    let request = Destination(url: listener.url).request("/x", body: [1], sent: nil, compress: false)
    guard case .failure = SystemTransport().send(request, timeout: .seconds(10)) else {
      Issue.record("taken for an answer: \(answer)")
      return
    }
  }

  @Test func `a chunked answer is put together`() {
    var answer = HTTPAnswer()
    answer.bytes = Array(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n".utf8)
    #expect(answer.isWhole)
    #expect(answer.result == .answer(status: 200, body: Array("abcde".utf8)))
  }

  @Test func `addresses on this machine take plain sockets, all others libcurl`() {
    #expect(LocalAddress("http://127.0.0.1:8765/v1/events")?.place == .loopback(families: [4], port: 8765))
    #expect(LocalAddress("http://localhost/x")?.place == .loopback(families: [4, 6], port: 80))
    #expect(LocalAddress("http://[::1]:99/x")?.target == "/x")
    for text in ["unix:/run/avow.sock:/v1/events", "http+unix://%2Frun%2Favow.sock/v1/events"] {
      let unix = LocalAddress(text)
      #expect(unix?.place == .unix(path: "/run/avow.sock"))
      #expect(unix?.target == "/v1/events")
    }
    #expect(LocalAddress(Destination(url: "unix:/run/a.sock").address("/v1/events"))?.target == "/v1/events")
    for other in [
      "https://localhost/x", "http://example.org/x", "http://127.0.0.1.example.org/", "", "unix:/x",
      "unix:x:/y", "http+unix://%2/x", "http+unix://run/x",
    ] {
      #expect(LocalAddress(other) == nil)
    }
  }

  @Test func `AVOW_URL and AVOW_KEY override what the host says, which overrides the catalog`() {
    func resolve(_ variables: [String: String], _ given: Destination? = nil) -> Destination? {
      Destination.resolve(Workshop.catalog, given: given, TelemetryEnvironment(variables: variables))
    }
    #expect(resolve([:]) == Destination(url: "http://127.0.0.1:9", key: "wk_test"))
    #expect(resolve([:], Destination(url: "https://a"))?.url == "https://a")
    #expect(
      resolve(["AVOW_URL": "https://b", "AVOW_KEY": "k"], Destination(url: "https://a"))
        == Destination(url: "https://b", key: "k"))
  }

  #if ForeignFormats
    @Test func `AVOW_FORMAT says what the address in AVOW_URL takes, in the tool's own layout`() {
      let layout = WireLayout(event: "action")
      func resolve(_ variables: [String: String], _ given: Destination? = nil) -> Destination? {
        Destination.resolve(
          Workshop.catalog, given: given, TelemetryEnvironment(variables: variables),
          layout: { $0 == .jitsu ? layout : nil })
      }
      let jitsu = ["AVOW_URL": "https://b", "AVOW_FORMAT": "jitsu"]
      #expect(resolve(jitsu) == Destination(url: "https://b", key: "wk_test", format: .jitsu, layout: layout))
      #expect(resolve(["AVOW_URL": "https://b", "AVOW_FORMAT": "segment"])?.layout == nil)
      let own = Destination(url: "https://a", format: .jitsu, layout: WireLayout(event: "e"))
      #expect(resolve([:], own) == own)
      #expect(resolve([:], Destination(url: "https://a", format: .jitsu))?.layout == layout)
      // Without the variable the address is a collector of our own, whatever the host's format.
      #expect(resolve(["AVOW_URL": "https://b"], own)?.format == .avow)
    }
  #endif

  @Test func `a format that is none, or has no address, sends nothing and says why`() {
    let bench = Bench()
    for variables in [["AVOW_URL": "https://b", "AVOW_FORMAT": "amplitud"], ["AVOW_FORMAT": "jitsu"]] {
      let telemetry = bench.telemetry(variables)
      telemetry.record(.listReports(reportsCount: 1))
      bench.tick()
      #expect(bench.transport.requests.isEmpty)
      let status = telemetry.status.description
      #expect(status.contains("AVOW_FORMAT"))
      #expect(status.contains("sent to: nowhere\n"))
      #expect(!status.contains("amplitud "))
    }
  }
}

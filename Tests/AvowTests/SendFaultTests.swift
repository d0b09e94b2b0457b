import AvowTesting
import Foundation
import Synchronization
import Testing

@testable import Avow

/// Real servers that misbehave; the host must not notice and no event may be lost or counted twice.
@Suite struct SendFaultTests {
  let bench = Bench()

  /// The machine's transport with a shorter patience than a program's thirty seconds.
  private struct Impatient: Transport {
    var patience: Duration = .milliseconds(150)

    func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
      SystemTransport().send(request, timeout: patience)
    }
  }

  private func telemetry(_ url: String, transport: any Transport = Impatient()) -> Telemetry<Workshop> {
    Telemetry(
      Workshop.self, version: "0.4.2", lifetime: .service,
      environment: TelemetryEnvironment(variables: ["AVOW_STATE": bench.state]),
      destination: Destination(url: url, key: "k"), clock: bench.clock, transport: transport, notice: .none)
  }

  private static let faults = FaultServer.Behaviour.allCases.filter { $0 != .well }

  /// By plain sockets, and by libcurl, which an address that is not known by heart takes.
  @Test(arguments: faults, ["127.0.0.1", "127.0.0.2"])
  func `events outlive every fault of a server and arrive once it is well`(
    fault: FaultServer.Behaviour, host: String
  ) throws {
    try #require(host == "127.0.0.1" || CurlTransport.isAvailable, "libcurl is not installed")
    let server = FaultServer(fault, host: host)
    defer { server.stop() }
    let telemetry = telemetry(server.url)
    for number in 0..<5 { telemetry.record(.listReports(reportsCount: number)) }
    bench.tick()
    #expect(telemetry.status.requests == 1)
    #expect(telemetry.status.accepted == 0 && telemetry.status.refused == 0)
    #expect(telemetry.status.problem != nil)
    bench.tick()
    #expect(try server.acceptedEvents().isEmpty)
    // A redirect is not followed: each attempt is one connection.
    #expect(server.connections == telemetry.status.requests)
    server.behave(.well)
    telemetry.record(.listReports(reportsCount: 5))
    bench.clock.advance(by: .seconds(10))
    let events = try server.acceptedEvents()
    #expect(events.map { $0.properties["reports_count"]?.integerValue } == [0, 1, 2, 3, 4, 5])
    #expect(Set(events.map(\.id)).count == 6)
    #expect(telemetry.status.problem == nil)
  }

  @Test func `a server that is not there at all is asked at most once a minute, then found again`() throws {
    let server = FaultServer(.well)
    let telemetry = telemetry(server.url)
    server.stop()
    // The port is free from now on; nobody else listens on it within this test.
    telemetry.record(.listReports())
    bench.clock.advance(by: .seconds(120))
    let before = telemetry.status.requests
    #expect(telemetry.status.isNetworkDown)
    bench.clock.advance(by: .seconds(1200))
    #expect((1...20).contains(telemetry.status.requests - before))
    #expect(telemetry.preview() != nil)
  }

  @Test func `while a request hangs the program records, asks and decides without waiting`() {
    let gate = Gate()
    let telemetry = telemetry("http://127.0.0.1:9", transport: gate)
    telemetry.record(.listReports(reportsCount: 0))
    let clock = bench.clock
    let sending = Work { clock.advance(by: .seconds(2)) }
    gate.waitUntilEntered()
    // The request cannot end before the gate opens below: whatever waited for it would wait for ever.
    for number in 0..<20_000 { telemetry.record(.listReports(reportsCount: number % 1000)) }
    #expect(telemetry.status.requests == 1)
    #expect(telemetry.status.accepted == 0)
    #expect(telemetry.preview()?.contains("list_reports") == true)
    gate.open()
    sending.wait()
    clock.advance(by: .seconds(2))
    #expect(telemetry.status.accepted == 20_001)
  }

  @Test func `a no while a request hangs wipes the rest, and the late answer counts for nothing`()
    async throws
  {
    let gate = Gate()
    let telemetry = telemetry("http://127.0.0.1:9", transport: gate)
    telemetry.record(.listReports())
    let clock = bench.clock
    let sending = Work { clock.advance(by: .seconds(2)) }
    gate.waitUntilEntered()
    #expect(telemetry.disable() == .disabled)
    gate.open()
    sending.wait()
    clock.advance(by: .seconds(60))
    #expect(telemetry.status.requests == 1)
    #expect(bench.segments.isEmpty)
  }

  @Test func `a key with the end of a line in it is refused, not sent`() {
    let server = FaultServer(.well)
    defer { server.stop() }
    for destination in [
      Destination(url: server.url, key: "k\r\nX-More: 1"), Destination(url: server.url + "/a b", key: "k"),
    ] {
      let request = destination.request("/v1/events", body: [1], sent: nil, compress: false)
      guard case .failure = SystemTransport().send(request, timeout: .seconds(5)) else {
        Issue.record("it was sent")
        return
      }
    }
    #expect(server.connections == 0)
  }

  @Test func `a unix socket is an address like any other`() throws {
    try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
    let server = try UnixServer(path: bench.folder + "/c.sock")
    defer { server.stop() }
    let encoded = (bench.folder + "/c.sock").replacingOccurrences(of: "/", with: "%2F")
    for url in ["unix:\(bench.folder)/c.sock", "http+unix://\(encoded)"] {
      let telemetry = telemetry(url)
      telemetry.record(.listReports())
      bench.tick()
      #expect(telemetry.status.accepted == 1)
    }
    #expect(server.lines == Array(repeating: "POST /v1/events HTTP/1.1", count: 2))
  }
}

/// Work on a thread of its own: the pool that runs the tests may have no other to spare.
private final class Work: Sendable {
  private let ended = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    let ended = self.ended
    Thread {
      body()
      ended.signal()
    }.start()
  }

  func wait() { ended.wait() }
}

/// A transport whose requests wait until a test lets them go.
private final class Gate: Transport {
  private let entered = DispatchSemaphore(value: 0)
  private let released = DispatchSemaphore(value: 0)
  private let isOpen = Mutex(false)

  func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    if !isOpen.withLock({ $0 }) {
      entered.signal()
      released.wait()
    }
    let count = RecordedEvent.events(in: request).count
    return .answer(status: 200, body: NativeAnswer(accepted: count, receipt: "").bytes)
  }

  var takesCompressed: Bool { false }
  func waitUntilEntered() { entered.wait() }

  func open() {
    isOpen.withLock { $0 = true }
    released.signal()
  }
}

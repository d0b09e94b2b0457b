import AvowTesting
import Foundation
import Testing

@testable import Avow

/// Real programs in bad networks. What they print is the notice and nothing else.
@Suite struct SendNetworkTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/avow-" + UUID().uuidString

  private func withState<Result>(_ body: ([String: String]) throws -> Result) throws -> Result {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(["AVOW_STATE": folder + "/state", "PATH": "/usr/bin:/bin"])
  }

  /// What the next run of the program delivers.
  private func delivered(_ variables: [String: String]) throws -> [Int64] {
    let server = FaultServer(.well)
    defer { server.stop() }
    var variables = variables
    variables["AVOW_URL"] = server.url
    let outcome = try Host.run(["0", "flush"], environment: variables)
    #expect(outcome.status == 0)
    return try server.acceptedEvents().compactMap { $0.properties["number"]?.integerValue }
  }

  private func expectNoticeOnly(_ outcome: Host.Outcome) {
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("Test host"), "\(outcome.errors)")
  }

  @Test(arguments: [FaultServer.Behaviour.silence, .dripping, .reset, .garbage, .redirect, .endless])
  func `a program ends when it wants to and says nothing about a bad server`(fault: FaultServer.Behaviour)
    throws
  {
    try withState { variables in
      let server = FaultServer(fault)
      defer { server.stop() }
      var bad = variables
      bad["AVOW_URL"] = server.url
      // The request itself may take thirty seconds; the program waits for three tenths of one.
      let started = ContinuousClock.now
      let outcome = try Host.run(["3", "flush", "300"], environment: bad)
      #expect(outcome.status == 1 && !outcome.wasKilled)
      #expect(ContinuousClock.now - started < .seconds(10))
      #expect(server.connections >= 1)
      expectNoticeOnly(outcome)
      #expect(try delivered(variables) == [0, 1, 2])
    }
  }

  @Test(.enabled(if: CurlTransport.isAvailable, "libcurl is not installed"))
  func `a proxy is taken from the usual variable, and not for this machine`() throws {
    try withState { variables in
      let proxy = FaultServer(.well)
      defer { proxy.stop() }
      var far = variables
      far["AVOW_URL"] = "http://collector.invalid"
      far["http_proxy"] = proxy.url
      let outcome = try Host.run(["2", "flush"], environment: far)
      #expect(outcome.status == 0)
      expectNoticeOnly(outcome)
      #expect(try proxy.acceptedEvents().count == 2)
      #expect(proxy.requestLines == ["POST http://collector.invalid/v1/events HTTP/1.1"])

      let near = FaultServer(.well)
      defer { near.stop() }
      far["AVOW_URL"] = near.url
      #expect(try Host.run(["1", "flush"], environment: far).status == 0)
      #expect(near.requestLines == ["POST /v1/events HTTP/1.1"])
      #expect(proxy.connections == 1)
    }
  }

  @Test(
    .enabled(if: CurlTransport.isAvailable, "libcurl is not installed"),
    .enabled(if: TLSServer.isAvailable, "openssl is not installed"))
  func `a certificate nobody trusts is refused; once it is trusted the events arrive`() throws {
    try withState { variables in
      let server = try TLSServer(host: "127.0.0.2")
      defer { server.stop() }
      var secure = variables
      secure["AVOW_URL"] = "https://127.0.0.2:\(server.port)"
      let refused = try Host.run(["3", "flush"], environment: secure)
      #expect(refused.status == 1)
      expectNoticeOnly(refused)

      secure["SSL_CERT_FILE"] = server.certificate
      // The server's pipes are served here while the program runs there.
      let received = DispatchSemaphore(value: 0)
      nonisolated(unsafe) var request: TransportRequest?
      nonisolated(unsafe) let answering = server
      Thread {
        request = answering.answerOne()
        received.signal()
      }.start()
      let outcome = try Host.run(["0", "flush"], environment: secure)
      server.stop()
      received.wait()
      #expect(outcome.status == 0)
      expectNoticeOnly(outcome)
      let events = RecordedEvent.events(in: try #require(request))
      #expect(events.compactMap { $0.properties["number"]?.integerValue } == [0, 1, 2])
    }
  }

  @Test(
    .enabled(if: CurlTransport.isAvailable, "libcurl is not installed"),
    .enabled(if: Namespace.isAvailable, "no process may make a network of its own on this machine"))
  func `a resolver that never answers delays nobody and loses nothing`() throws {
    try withState { variables in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let resolver = folder + "/resolv.conf"
      try "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n".write(
        toFile: resolver, atomically: true, encoding: .utf8)
      var deaf = variables
      deaf["AVOW_URL"] = "https://collector.example.org"
      deaf["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
      let started = ContinuousClock.now
      let outcome = try Host.run(["3", "deaf", "500"], environment: deaf, under: Namespace.command(resolver))
      // 1: not sent. 2 and 3 would mean that the resolver could not be put in place or was not asked.
      #expect(outcome.status == 1 && !outcome.wasKilled)
      #expect(ContinuousClock.now - started < .seconds(10))
      expectNoticeOnly(outcome)
      #expect(try delivered(variables) == [0, 1, 2])
    }
  }

  @Test func `AVOW_DEBUG=print shows each request's body and sends nothing`() throws {
    try withState { variables in
      let server = FaultServer(.well)
      defer { server.stop() }
      var shown = variables
      shown["AVOW_URL"] = server.url
      shown["AVOW_DEBUG"] = "print"
      let outcome = try Host.run(["700", "flush"], environment: shown)
      #expect(outcome.status == 0)
      #expect(server.connections == 0)
      let bodies = outcome.errors.split(separator: "\n").dropFirst()
      #expect(bodies.count == 2)
      let events = try bodies.flatMap { RecordedEvent.events(inBody: try JSONValue(parsing: String($0))) }
      #expect(events.compactMap { $0.properties["number"]?.integerValue } == Array(0..<700))
      #expect(try delivered(variables).isEmpty)
    }
  }
}

/// A network and a file system of a process's own, as Linux lets unprivileged users make them.
private enum Namespace {
  static func command(_ resolver: String) -> [String] {
    [
      "/usr/bin/unshare", "--map-root-user", "--net", "--mount", "/bin/sh", "-c",
      #"ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@""#, resolver,
    ]
  }

  static let isAvailable: Bool = {
    let command = Namespace.command("/dev/null") + ["/bin/true"]
    guard FileManager.default.isExecutableFile(atPath: command[0]) else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}

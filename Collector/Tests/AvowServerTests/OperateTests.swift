import AvowDemo
import AvowWire
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import AvowServer

/// The built command, stopped while a request is under way.
struct DrainTests {
  /// The command beside the test bundle.
  private static let program: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + "avow"
  }()

  @Test func `at SIGTERM what is under way is answered, and the command ends in time`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(RunningCollector.catalog, to: "weaver.yaml")
    let (first, status, seconds) = try await onThread {
      let command = HostProcess(
        program: Self.program,
        arguments: [
          "serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/data", "--catalog",
          folder.path + "/weaver.yaml",
        ], environment: ["PATH": "/usr/bin:/bin"], errorsFile: folder.path + "/log")
      let running = try command.start()
      var port: UInt16 = 0
      while port == 0, let line = running.nextLine() {
        if line.hasPrefix("Listening on") {
          port = line.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        }
      }
      // One connection that only stays open, and one in the middle of its body.
      let idle = try Connection(port: port)
      idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = idle.receive()
      let busy = try Connection(port: port)
      busy.send("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
      // The body's first byte is with the collector once a later request on another connection is answered.
      idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = idle.receive()
      let start = ContinuousClock.now
      running.signal(SIGTERM)
      // The idle connection is closed: the collector is draining.
      while !idle.receive().isEmpty {}
      busy.send("}")
      let answer = busy.receive()
      let outcome = running.wait()
      return (answer.prefix(12), outcome.status, (ContinuousClock.now - start) / .seconds(1))
    }
    // What `{}` deserves: a refusal in the format's words, not a connection that breaks.
    #expect(first == "HTTP/1.1 401" || first == "HTTP/1.1 400")
    #expect(status == 0)
    #expect(seconds < 10)
  }

  private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// A plain connection to this machine.
  private final class Connection {
    private let descriptor: Int32

    init(port: UInt16) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw CollectorError(.failed, "no connection") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What comes next; nothing when the other side closed.
    func receive() -> String {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
  }
}

struct LogTests {
  /// Takes every line with its metadata.
  private struct Recorder: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    final class Lines: Sendable {
      let text = Mutex("")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
  }

  @Test func `no log line holds a user's data, a key or an address`() async throws {
    let lines = Recorder.Lines()
    let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
    try await RunningCollector.with(logger: logger, configure: { $0.isBehindProxy = true }) {
      running async throws in
      let key = try await running.key()
      let token = try running.token()
      let secret = "tell-nobody-4711"
      let headers = [
        (name: "Authorization", value: "Bearer \(key)"), (name: "X-Forwarded-For", value: "203.0.113.77"),
        (name: "Cookie", value: secret),
      ]
      _ = try await running.record(key: key, n: 1)
      for body in [
        "{", "[]", #"{"app":"weaver","users":["\#(secret)"]}"#,
        #"{"app":"weaver","segment":"00112233445566778899aabb","context":{"os_name":"\#(secret)"},"events":[{"n":1,"name":"\#(secret)","time":1,"properties":{}}]}"#,
      ] {
        for path in ["/v1/events", "/v1/deletions", "/v1/batch", "/2/httpapi", "/nothing"] {
          _ = try await running.send(
            "POST", path + "?token=" + secret, headers: headers, body: Array(body.utf8))
        }
      }
      for user in [secret, RunningCollector.user] {
        _ = try await running.admin("POST", "forget", [("app", "weaver"), ("user", user)])
        _ = try await running.admin("GET", "export", [("app", "weaver"), ("user", user)])
      }
      _ = try await running.admin("POST", "retention", [])
      _ = try await running.admin("POST", "reload", [])
      let text = lines.text.withLock { $0 }
      #expect(text.contains("catalogs loaded"))
      for needle in [secret, key, token, RunningCollector.user, "203.0.113.77", "127.0.0.1"] {
        #expect(!text.contains(needle), "a log line holds \(needle.prefix(6))...")
      }
    }
  }

  @Test func `no file holds the address of a sender`() async throws {
    try await RunningCollector.with(configure: { $0.isBehindProxy = true }) { running async throws in
      let key = try await running.key()
      let body =
        #"{"app":"weaver","segment":"00112233445566778899aabb","context":{},"events":[{"n":1,"name":"weave","time":\#(RunningCollector.now.milliseconds),"properties":{}}]}"#
      _ = try await running.send(
        "POST", "/v1/events",
        headers: [
          (name: "Authorization", value: "Bearer \(key)"), (name: "X-Forwarded-For", value: "203.0.113.77"),
        ], body: Array(body.utf8))
      let needles = [Data("203.0.113".utf8), Data("127.0.0.1".utf8), Data([203, 0, 113, 77])]
      for name in try FileManager.default.contentsOfDirectory(atPath: running.folder.path + "/data") {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: running.folder.path + "/data/" + name))
        else { continue }
        for needle in needles { #expect(data.range(of: needle) == nil, "\(name)") }
      }
    }
  }
}

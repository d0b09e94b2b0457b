import AvowDemo
import Dispatch
import Glibc
import Synchronization

/// A proxy of our own before a collector, that does to requests what networks, overload and power cuts do.
///
/// It owns the collector, so that it can end it while a request is under way and start it again. Each
/// connection carries one request.
final class SDKProxy: Sendable {
  /// What happens to a request.
  enum Fault: Sendable {
    case slow(milliseconds: UInt32)
    /// Answered without the collector, in the words it uses itself.
    case refuse(status: Int)
    /// The collector ends in good order and starts again before the request reaches it.
    case restart
    /// The collector is killed while it works on the request.
    case killUnderWay
    /// The collector is killed after it has answered; the answer is lost.
    case killAfterAnswer
    /// The answer is lost.
    case loseAnswer
    /// The connection breaks before the collector sees the request.
    case reset
  }

  /// What became known of the requests.
  struct Record: Sendable {
    var requests = 0
    var kills = 0
    var restarts = 0
    /// Bodies that reached the collector and whose answers never reached the client.
    var unanswered: [[UInt8]] = []
    /// Bodies that the collector never saw, because their connection broke.
    var unseen: [[UInt8]] = []
    /// Requests that reached the collector and were answered, as they were sent.
    var passed: [Request] = []
    /// What the collector answered, each status with how often.
    var statuses: [Int: Int] = [:]
    var troubles: [String] = []
  }

  private struct Owned {
    let collector: BuiltCollector
  }

  let port: UInt16
  private let listener: Int32
  private let faults: [Int: Fault]
  private let owned: Mutex<Owned>
  private let state = Mutex(Record())

  /// Starts a proxy before `collector`, which must be running; `faults` go by the number of the request.
  init(before collector: sending BuiltCollector, faults: [Int: Fault]) throws {
    self.faults = faults
    owned = Mutex(Owned(collector: collector))
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 256) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw BuiltCollector.Failure(description: "the proxy has no port") }
    port = UInt16(bigEndian: address.sin_port)
    DispatchQueue(label: "proxy").async { [self] in accept() }
  }

  /// Stops taking connections.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  var record: Record { state.withLock { $0 } }

  /// Lets the caller use the collector, which nobody ends meanwhile.
  func withCollector<Result>(_ body: (BuiltCollector) throws -> sending Result) rethrows -> sending Result {
    try owned.withLock { try body($0.collector) }
  }

  // MARK: Connections

  private func accept() {
    var number = 0
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      let taken = number
      number += 1
      DispatchQueue(label: "proxy.\(taken)").async { [self] in serve(connection) }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let request = Self.read(connection) else { return }
    let number = state.withLock { state in
      state.requests += 1
      return state.requests - 1
    }
    switch faults[number] {
    case .slow(let milliseconds):
      usleep(milliseconds * 1000)
      pass(request, to: connection)
    case .refuse(let status): answer(Self.refusal(request, status), to: connection)
    case .restart:
      restart(killing: false)
      pass(request, to: connection)
    case .killUnderWay:
      let port = owned.withLock { $0.collector.port }
      let done = DispatchSemaphore(value: 0)
      DispatchQueue(label: "proxy.last").async {
        _ = try? LoopbackClient(port: port).exchange(request.bytes)
        done.signal()
      }
      // Long enough to be read, mostly too short to be answered; either is right.
      usleep(2000)
      restart(killing: true)
      done.wait()
      lose(request, connection)
    case .killAfterAnswer:
      _ = forward(request)
      restart(killing: true)
      lose(request, connection)
    case .loseAnswer:
      _ = forward(request)
      lose(request, connection)
    case .reset:
      state.withLock { $0.unseen.append(request.body) }
      Self.reset(connection)
    case nil: pass(request, to: connection)
    }
  }

  private func pass(_ request: Request, to connection: Int32) {
    guard let found = forward(request) else {
      lose(request, connection)
      return
    }
    state.withLock {
      $0.statuses[found.status, default: 0] += 1
      $0.passed.append(request)
    }
    answer(Reply(found), to: connection)
  }

  private func forward(_ request: Request) -> LoopbackClient.Answer? {
    let port = owned.withLock { $0.collector.port }
    return try? LoopbackClient(port: port).exchange(request.bytes)
  }

  private func lose(_ request: Request, _ connection: Int32) {
    state.withLock { $0.unanswered.append(request.body) }
    Self.reset(connection)
  }

  private func restart(killing: Bool) {
    owned.withLock { owned in
      let status = killing ? owned.collector.kill() : owned.collector.terminate()
      var trouble = status == (killing ? 128 + SIGKILL : 0) ? nil : "the collector ended with \(status)"
      do { try owned.collector.start() } catch { trouble = "\(error)" }
      state.withLock { state in
        if killing { state.kills += 1 } else { state.restarts += 1 }
        if let trouble { state.troubles.append(trouble) }
      }
    }
  }

  private func answer(_ answer: Reply, to connection: Int32) {
    var head = "HTTP/1.1 \(answer.status) X\r\nConnection: close\r\nContent-Length: \(answer.body.count)\r\n"
    for name in ["content-type", "retry-after"] {
      if let value = answer.headers[name] { head += "\(name): \(value)\r\n" }
    }
    let bytes = Array((head + "\r\n").utf8) + answer.body
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Breaks a connection so that the client sees it reset, not closed.
  private static func reset(_ connection: Int32) {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }
}

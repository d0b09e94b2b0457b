import Dispatch
import Glibc
import Synchronization

/// A listener on a free port that gives one prepared answer for each connection's every request.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())

  private struct State {
    var connections = 0
    var requests: [[UInt8]] = []
  }

  /// What arrived, whole requests in their order.
  var requests: [String] { state.withLock { $0.requests.map { String(decoding: $0, as: UTF8.self) } } }
  var connections: Int { state.withLock { $0.connections } }

  /// Creates a listener; after `answersPerConnection` answers it closes the connection.
  init(answer: String, answersPerConnection: Int = .max) throws {
    let (descriptor, port) = try Self.bound()
    listener = descriptor
    self.port = port
    guard listen(descriptor, 8) == 0 else { throw Failure() }
    DispatchQueue(label: "scripted").async { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { break }
        state.withLock { $0.connections += 1 }
        serve(connection, Array(answer.utf8), answersPerConnection)
      }
      // Closed here and nowhere else: elsewhere the number could be another listener's before this loop ends.
      close(descriptor)
    }
  }

  struct Failure: Error {}

  /// Calls `body` with a port that is taken and on which nobody listens.
  static func withDeafPort(_ body: (UInt16) throws -> Void) throws {
    let (descriptor, port) = try bound()
    defer { close(descriptor) }
    try body(port)
  }

  private static func bound() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw Failure() }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func serve(_ connection: Int32, _ answer: [UInt8], _ count: Int) {
    defer { close(connection) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<count {
      var request: [UInt8] = []
      // The tests end each body in this mark.
      while request.last != UInt8(ascii: "!") {
        let got = recv(connection, &buffer, buffer.count, 0)
        guard got > 0 else { return }
        request += buffer.prefix(got)
      }
      state.withLock { $0.requests.append(request) }
      var sent = 0
      // In small pieces: an answer need not come at once.
      while sent < answer.count {
        let piece = Array(answer[sent..<min(sent + 7, answer.count)])
        guard send(connection, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else { return }
        sent += piece.count
      }
    }
  }
}

import Avow
import AvowTesting
import Foundation
import Synchronization

/// A real HTTP server on a port of the system's choosing, one connection at a time.
final class Listener: Sendable {
  let port: UInt16
  private let socket: Int32
  private let answer: String
  private let received = Mutex<[TransportRequest]>([])
  private let ended = DispatchSemaphore(value: 0)

  /// What a collector says that takes a request.
  static let acceptance = #"{"accepted":1,"duplicates":0,"receipt":"","refused":[]}"#

  /// - Parameter answer: What is written back, as it is; `nil` accepts like a collector.
  init(answer: String? = nil) {
    self.answer =
      answer
      ?? "HTTP/1.1 200 OK\r\nContent-Length: \(Self.acceptance.utf8.count)\r\n\r\n\(Self.acceptance)"
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = listen(descriptor, 16)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    socket = descriptor
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  var url: String { "http://127.0.0.1:\(port)" }
  var requests: [TransportRequest] { received.withLock { $0 } }
  var events: [RecordedEvent] { requests.flatMap(RecordedEvent.events(in:)) }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    ended.wait()
    close(socket)
  }

  private func serve() {
    while true {
      let client = accept(socket, nil, nil)
      guard client >= 0 else { break }
      if let request = HTTPReader.read(client) { received.withLock { $0.append(request) } }
      _ = answer.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
      close(client)
    }
    ended.signal()
  }
}

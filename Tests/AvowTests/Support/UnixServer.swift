import Avow
import Foundation
import Synchronization

/// A collector behind a unix socket that takes everything.
final class UnixServer: Sendable {
  struct Unavailable: Error {}

  private let socket: Int32
  private let received = Mutex<[String]>([])
  private let ended = DispatchSemaphore(value: 0)

  init(path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Unavailable() }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(descriptor, 4) == 0
      }
    }
    guard isBound else { throw Unavailable() }
    Thread { [self] in
      while true {
        let client = accept(socket, nil, nil)
        guard client >= 0 else { break }
        if let request = HTTPReader.read(client) { received.withLock { $0.append(request.url) } }
        let answer = "HTTP/1.1 200 OK\r\n\r\n" + Listener.acceptance
        _ = send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
        close(client)
      }
      ended.signal()
    }.start()
  }

  var lines: [String] { received.withLock { $0 } }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    ended.wait()
    close(socket)
  }
}

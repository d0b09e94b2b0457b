import Glibc

/// A connection that sends what it likes, when it likes: half a request, a byte at a time, or nothing.
final class RawConnection {
  private let descriptor: Int32
  private var input: [UInt8] = []

  /// Connects; throws when the other side does not listen.
  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, result == 0 else {
      throw BuiltCollector.Failure(description: "no connection: \(String(cString: strerror(errno)))")
    }
    // A test that waits for what never comes should fail, not hang.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    limit.tv_sec = 10
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { Glibc.close(descriptor) }

  /// Sends until all is sent or the other side takes no more, as it does when it has no room; returns whether all
  /// was sent.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Whether something to read, or the end, came within `milliseconds`.
  func hasInput(within milliseconds: Int32) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, milliseconds) > 0
  }

  /// The next answer whole, as text; nothing when the other side closed or broke the connection before.
  func answer() -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let head = input.firstRange(of: end) {
        let text = String(decoding: input[..<head.lowerBound], as: UTF8.self)
        let length =
          text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.split(separator: ":")[1].filter { $0 != " " }) } ?? 0
        if input.count >= head.upperBound + length {
          defer { input.removeFirst(head.upperBound + length) }
          return String(decoding: input[..<(head.upperBound + length)], as: UTF8.self)
        }
      }
      var buffer = [UInt8](repeating: 0, count: 8192)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return "" }
      input += buffer.prefix(count)
    }
  }

  /// The status of the next answer, 0 when there is none.
  func status() -> Int { Int(answer().split(separator: " ").dropFirst().first ?? "") ?? 0 }

  /// Whether the other side has closed the connection, once it has or a minute is over.
  func isClosed() -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 0
  }

  func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

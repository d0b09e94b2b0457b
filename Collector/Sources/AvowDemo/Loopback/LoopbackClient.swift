#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a request over loopback failed.
public struct LoopbackError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened; safe to print.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A plain HTTP/1.1 client for an IPv4 address of this machine, one request at a time over one connection.
///
/// It sends exactly the bytes it is given: what stands in for the real clients must not be mended by a
/// library. It never sends a request twice.
public final class LoopbackClient {
  /// An answer.
  public struct Answer: Sendable, Hashable {
    public var status: Int
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let host: String
  private let port: UInt16
  private let source: String?
  private let timeoutSeconds: Int
  private var descriptor: Int32 = -1
  private var input: [UInt8] = []

  /// Creates a client; nothing is connected before the first request.
  ///
  /// - Parameter source: The address of this machine to come from, such as `127.7.7.7`; any by default.
  public init(
    host: String = "127.0.0.1", port: UInt16, from source: String? = nil,
    timeout: Duration = .seconds(30)
  ) {
    self.host = host
    self.port = port
    self.source = source
    timeoutSeconds = max(1, Int(timeout.components.seconds))
  }

  deinit { disconnect() }

  /// Sends a foreign client's request.
  public func send(_ request: ForeignRequest) throws(LoopbackError) -> Answer {
    try send(method: request.method, target: request.target, headers: request.headers, body: request.body)
  }

  /// Sends a request and waits for its answer.
  public func send(
    method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
  ) throws(LoopbackError) -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host):\(port)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
    let closes = headers.contains { $0.name.lowercased() == "connection" && $0.value == "close" }
    let answer = try exchange(Array(head.utf8) + Array("\r\n".utf8) + body)
    if closes || answer.headers["connection"]?.lowercased() == "close" { disconnect() }
    return answer
  }

  /// Sends bytes as they are, whole or broken, and waits for an answer.
  public func exchange(_ bytes: [UInt8]) throws(LoopbackError) -> Answer {
    do throws(LoopbackError) {
      try connectIfNeeded()
      try write(bytes)
      return try readAnswer()
    } catch {
      disconnect()
      throw error
    }
  }

  /// Sends the beginning of a request and hangs up, as a client that dies does.
  public func abandon(_ bytes: [UInt8]) throws(LoopbackError) {
    try connectIfNeeded()
    try write(bytes)
    disconnect()
  }

  /// Closes the connection, also in the middle of a request.
  public func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    input = []
  }

  private func connectIfNeeded() throws(LoopbackError) {
    if descriptor >= 0 {
      // The other side may have closed an idle connection. Asking first means never sending twice.
      var byte: UInt8 = 0
      let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
      if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return }
      disconnect()
    }
    #if canImport(Darwin)
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    guard descriptor >= 0 else { throw LoopbackError("no socket: \(reason())") }
    var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    if let source {
      guard try Self.withAddress(source, 0, { bind(descriptor, $0, $1) }) == 0 else {
        throw LoopbackError("no connection from \(source): \(reason())")
      }
    }
    guard try Self.withAddress(host, port, { connect(descriptor, $0, $1) }) == 0 else {
      throw LoopbackError("no connection to \(host):\(port): \(reason())")
    }
  }

  private static func withAddress(
    _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(LoopbackError) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
      throw LoopbackError("\(host) is no IPv4 address")
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private func write(_ bytes: [UInt8]) throws(LoopbackError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        #if canImport(Darwin)
          Darwin.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, 0)
        #else
          // A peer that has gone is an error to report, not a signal that ends the program.
          Glibc.send(
            descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw LoopbackError("the connection broke while sending: \(reason())") }
      sent += count
    }
  }

  private func readAnswer() throws(LoopbackError) -> Answer {
    let head = try read(through: [13, 10, 13, 10])
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw LoopbackError("the answer is not HTTP")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers[line[..<colon].lowercased()] = String(value)
    }
    var body: [UInt8] = []
    if headers["transfer-encoding"]?.lowercased() == "chunked" {
      while true {
        let line = try read(through: [13, 10])
        guard let size = Int(String(decoding: line.prefix { $0 != 13 && $0 != 59 }, as: UTF8.self), radix: 16)
        else { throw LoopbackError("the answer's chunks are broken") }
        body += try read(count: size)
        _ = try read(through: [13, 10])
        if size == 0 { break }
      }
    } else if let length = headers["content-length"].flatMap({ Int($0) }) {
      body = try read(count: length)
    }
    return Answer(status: status, headers: headers, body: body)
  }

  private func read(through mark: [UInt8]) throws(LoopbackError) -> [UInt8] {
    var searched = 0
    while true {
      if input.count >= mark.count {
        for start in searched...input.count - mark.count where input[start...].starts(with: mark) {
          return take(start + mark.count)
        }
        searched = input.count - mark.count + 1
      }
      try fill()
    }
  }

  private func read(count: Int) throws(LoopbackError) -> [UInt8] {
    while input.count < count { try fill() }
    return take(count)
  }

  private func take(_ count: Int) -> [UInt8] {
    defer { input.removeFirst(count) }
    return Array(input.prefix(count))
  }

  private func fill() throws(LoopbackError) {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EINTR { return }
    guard count > 0 else {
      throw LoopbackError(
        count == 0 ? "the connection was closed without an answer" : "no answer: \(reason())")
    }
    input.append(contentsOf: buffer.prefix(count))
  }

  private func reason() -> String { String(cString: strerror(errno)) }
}

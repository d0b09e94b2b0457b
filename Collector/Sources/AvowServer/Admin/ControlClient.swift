#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reaches the collector that holds a data folder, through its control socket.
public struct ControlClient: Sendable {
  /// The status and what `receive` did not take.
  public struct Answer: Sendable {
    public var status: Int
    /// The body of an answer other than 200.
    public var failure: [UInt8]
  }

  private let socketPath: String

  /// Creates a client for the collector that holds this folder.
  public init(folder: String) {
    socketPath = DataFolder.controlSocket(of: folder)
  }

  /// Sends a request and hands the pieces of a 200 answer to `receive` as they come.
  ///
  /// - Throws: `CollectorError` when the socket does not answer.
  public func send(_ request: AdminRequest, receive: ([UInt8]) throws -> Void) throws -> Answer {
    let descriptor = try connect()
    defer { close(descriptor) }
    let form = request.parameters.map { Self.escaped($0.name) + "=" + Self.escaped($0.value) }
      .joined(separator: "&")
    let isInTarget = request.method == "GET" || !request.body.isEmpty
    let target = "/admin/" + request.path + (isInTarget && !form.isEmpty ? "?" + form : "")
    let body = isInTarget ? request.body : Array(form.utf8)
    let type = request.body.isEmpty ? "application/x-www-form-urlencoded" : "application/x-ndjson"
    let head =
      "\(request.method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
    try write(Array(head.utf8) + body, to: descriptor)
    var reader = ResponseReader()
    var failure: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress!, $0.count, 0) }
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw CollectorError(.failed, "the running collector stopped answering")
      }
      if count == 0 { break }
      let body = reader.consume(chunk[0..<count])
      if reader.status == 200 {
        if !body.isEmpty { try receive(body) }
      } else {
        failure += body
      }
    }
    guard let status = reader.status, reader.isComplete else {
      throw CollectorError(.failed, "the running collector broke off its answer; its log says why")
    }
    return Answer(status: status, failure: failure)
  }

  private func connect() throws(CollectorError) -> Int32 {
    #if canImport(Darwin)
      let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
    #else
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(socketPath.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #if canImport(Darwin)
          Darwin.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        #elseif canImport(Musl)
          Musl.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        #else
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        #endif
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw CollectorError(
        .locked,
        "another avow process holds the data folder but does not answer on \(socketPath); wait for it to end, or stop it"
      )
    }
    return descriptor
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(CollectorError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        send(descriptor, buffer.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw CollectorError(.failed, "the running collector stopped listening") }
      offset += count
    }
  }

  private func send(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
    #if canImport(Darwin)
      Darwin.send(descriptor, bytes, count, flags)
    #elseif canImport(Musl)
      Musl.send(descriptor, bytes, count, flags)
    #else
      Glibc.send(descriptor, bytes, count, flags)
    #endif
  }

  private static func escaped(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Takes an HTTP/1.1 response apart as it arrives, plain or chunked (RFC 9112).
struct ResponseReader {
  private enum Part {
    case head
    case sized(Int)
    case chunkSize
    case chunk(Int)
    case untilClose
    case done
  }

  private(set) var status: Int?
  private var part = Part.head
  private var buffer: [UInt8] = []

  /// Whether all that the head announced has come.
  var isComplete: Bool {
    switch part {
    case .done, .untilClose: true
    case .sized(let rest): rest == 0
    default: false
    }
  }

  /// Takes bytes of the connection and returns those of the body.
  mutating func consume(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    buffer += bytes
    var body: [UInt8] = []
    while true {
      switch part {
      case .head:
        guard let end = Self.find([13, 10, 13, 10], in: buffer) else { return body }
        readHead(String(decoding: buffer[0..<end], as: UTF8.self))
        buffer.removeFirst(end + 4)
      case .sized(let rest):
        let count = min(rest, buffer.count)
        body += buffer.prefix(count)
        buffer.removeFirst(count)
        part = count == rest ? .done : .sized(rest - count)
        if count < rest { return body }
      case .chunkSize:
        guard let end = Self.find([13, 10], in: buffer) else { return body }
        let size = Int(String(decoding: buffer[0..<end].prefix { $0 != 59 }, as: UTF8.self), radix: 16)
        buffer.removeFirst(end + 2)
        part = size.map { $0 == 0 ? .done : .chunk($0) } ?? .done
      case .chunk(let size):
        guard buffer.count >= size + 2 else { return body }
        body += buffer.prefix(size)
        buffer.removeFirst(size + 2)
        part = .chunkSize
      case .untilClose:
        body += buffer
        buffer = []
        return body
      case .done:
        return body
      }
    }
  }

  private mutating func readHead(_ head: String) {
    let lines = head.split(separator: "\r\n")
    status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
    part = .untilClose
    for line in lines.dropFirst() {
      let name = line.prefix { $0 != ":" }.lowercased()
      let value = line.dropFirst(name.count + 1).drop { $0 == " " }
      if name == "content-length", let length = Int(value) { part = .sized(length) }
      if name == "transfer-encoding", value.lowercased() == "chunked" { part = .chunkSize }
    }
  }

  private static func find(_ pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    return (0...bytes.count - pattern.count).first { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
  }
}

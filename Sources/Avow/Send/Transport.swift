/// Brings one request to a collector and its answer back.
///
/// Called on the sender's thread, which may wait; an implementation returns within `timeout`, follows no
/// redirect and reads at most 64 KiB of an answer.
public protocol Transport: Sendable {
  func send(_ request: TransportRequest, timeout: Duration) -> TransportResult
  /// Whether bodies may be compressed; yes, unless an implementation says otherwise.
  var takesCompressed: Bool { get }
}

extension Transport {
  public var takesCompressed: Bool { true }
}

/// A `POST`.
public struct TransportRequest: Sendable, Equatable {
  /// A header's name and value.
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    /// Creates a header.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var url: String
  public var headers: [Header]
  public var body: [UInt8]

  /// Creates a request.
  public init(url: String, headers: [Header], body: [UInt8]) {
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// What became of a request.
public enum TransportResult: Sendable, Equatable {
  /// The server answered.
  case answer(status: Int, retryAfter: Duration? = nil, body: [UInt8] = [])
  /// No answer: unreachable, too slow, or nothing on this machine can speak to it.
  case failure(String)
}

/// Plain sockets for collectors on this machine; for all others libcurl, or on Apple's systems URLSession.
public struct SystemTransport: Transport {
  /// Creates the transport.
  public init() {}

  public func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    guard request.isClean else { return .failure("the address or the key has a control character in it") }
    if let address = LocalAddress(request.url) {
      return SocketTransport(address: address).send(request, timeout: timeout)
    }
    #if canImport(Darwin)
      return URLSessionTransport().send(request, timeout: timeout)
    #else
      return CurlTransport().send(request, timeout: timeout)
    #endif
  }
}

extension TransportRequest {
  /// Whether nothing in the address or a header could end its line; both may come from a variable.
  fileprivate var isClean: Bool {
    func isClean(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    return isClean(url) && !url.utf8.contains(0x20)
      && headers.allSatisfy { isClean($0.name) && isClean($0.value) }
  }
}

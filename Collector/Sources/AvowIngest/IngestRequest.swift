public import AvowWire

/// A request that may carry events, as the HTTP layer saw it.
public struct IngestRequest: Sendable {
  public var method: String
  /// Percent-decoded, without the query.
  public var path: String
  /// Percent-decoded pairs in their order.
  public var query: [(name: String, value: String)]
  /// Field names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body with its content encoding already undone.
  public var body: [UInt8]
  /// The connection's address, for `source: network` only; never stored as it is.
  public var address: String?
  public var received: Timestamp
  /// Undoes gzip inside a body, as in a file of Jitsu's bulk form; `nil` from it for what is malformed or grows
  /// beyond the limit of the path.
  public var inflate: (@Sendable ([UInt8]) -> [UInt8]?)?
  /// Takes so many events of an app from what it, and the write key they came with, may send; returns the seconds
  /// to wait when that is used up. At a path without keys there is none.
  public var limit: (@Sendable (_ app: String, _ key: String?, _ events: Int) -> Int?)?

  /// Creates a request.
  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], address: String? = nil,
    received: Timestamp
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.address = address
    self.received = received
  }

  /// The first header called `name` (lower case).
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The first query value called `name`.
  public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// An answer in the form its client understands.
public struct IngestResponse: Sendable, Hashable {
  public var status: Int
  public var contentType: String
  public var body: [UInt8]
  /// Seconds; set with 429 and 503.
  public var retryAfter: Int?

  /// Creates an answer.
  public init(
    status: Int, contentType: String = "application/json", body: [UInt8], retryAfter: Int? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.retryAfter = retryAfter
  }
}

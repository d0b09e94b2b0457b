public import AvowWire

/// What became of a request before anything was stored.
public enum Received: Sendable {
  /// No format claims the path: the HTTP layer goes on with its other routes.
  case notMine
  /// The answer stands already: an error, a start-up call, nothing to store.
  case answered(IngestResponse)
  /// Events to store; the answer follows from what became of them.
  case batch(EventBatch, Reply)
}

/// Forms the answer of a request whose events went to the store.
public struct Reply: Sendable {
  /// What the store did with the batch, in the store-neutral terms an answer needs.
  public struct Result: Sendable, Hashable {
    public var stored: Int
    public var duplicates: Int

    /// Creates a result.
    public init(stored: Int, duplicates: Int) {
      self.stored = stored
      self.duplicates = duplicates
    }
  }

  private let success: @Sendable (Result) -> IngestResponse
  private let failure: @Sendable (Delay) -> IngestResponse

  /// Creates a reply from the two forms an answer can take.
  public init(
    success: @escaping @Sendable (Result) -> IngestResponse,
    failure: @escaping @Sendable (Delay) -> IngestResponse
  ) {
    self.success = success
    self.failure = failure
  }

  /// The answer once the events are durable.
  public func stored(_ result: Result) -> IngestResponse { success(result) }

  /// The answer when they could not be stored: 503 with `Retry-After`, in the format's own error body.
  public func unavailable() -> IngestResponse { failure(.busy) }
}

/// Why a request is to be sent again later; each format has its own words for it.
public struct Delay: Sendable, Hashable {
  /// 429 or 503.
  var status: Int
  var word: String
  var reason: String
  /// Seconds, from 1 to 5: exporters of OpenTelemetry give up for more.
  var retryAfter: Int

  static let busy = Delay(
    status: 503, word: "unavailable", reason: "the collector is busy; send the same body again", retryAfter: 2
  )

  static func tooMany(_ seconds: Int) -> Delay {
    Delay(
      status: 429, word: "too_many_requests",
      reason: "more events than this key may send; send the same body again later", retryAfter: seconds)
  }
}

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
  private let failure: @Sendable () -> IngestResponse

  /// Creates a reply from the two forms an answer can take.
  public init(
    success: @escaping @Sendable (Result) -> IngestResponse,
    failure: @escaping @Sendable () -> IngestResponse
  ) {
    self.success = success
    self.failure = failure
  }

  /// The answer once the events are durable.
  public func stored(_ result: Result) -> IngestResponse { success(result) }

  /// The answer when they could not be stored: 503 with `Retry-After`, in the format's own error body.
  public func unavailable() -> IngestResponse { failure() }
}

public import Avow
import Synchronization

/// A transport that keeps what it is given and answers as a collector would, or as a test says.
public final class InMemoryTransport: Transport {
  private struct State {
    var requests: [TransportRequest] = []
    var answers: [TransportResult] = []
    var standing: TransportResult?
  }
  private let state = Mutex(State())

  /// Creates a transport that accepts everything.
  public init() {}

  public func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    state.withLock { state in
      state.requests.append(request)
      if !state.answers.isEmpty { return state.answers.removeFirst() }
      return state.standing ?? Self.acceptance(of: request)
    }
  }

  /// Requests are kept as they can be read.
  public var takesCompressed: Bool { false }

  /// All requests so far, refused ones included.
  public var requests: [TransportRequest] { state.withLock { $0.requests } }

  /// Gives these answers next, one each.
  public func answer(_ results: TransportResult...) { state.withLock { $0.answers += results } }

  /// Gives this answer from now on; `nil` accepts again.
  public func answerAlways(_ result: TransportResult?) { state.withLock { $0.standing = result } }

  /// What the servers of all formats answer when they take everything.
  private static func acceptance(of request: TransportRequest) -> TransportResult {
    let body = try? JSONValue(parsing: request.body)
    let events = body?["events"]?.arrayValue?.count ?? 0
    guard body?["segment"] == nil else {
      return .answer(
        status: 200,
        body: NativeAnswer(accepted: events, receipt: hexadecimal(SHA256.hash(request.body))).bytes)
    }
    return .answer(status: 200, body: Array(#"{"code":200,"ok":true,"status":"ok"}"#.utf8))
  }
}

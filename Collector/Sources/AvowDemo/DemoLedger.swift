/// What was sent to a collector and must therefore be found in it, by app.
public struct DemoLedger: Sendable, Hashable {
  /// The counts of one app.
  public struct Account: Sendable, Hashable {
    /// Events that left a client, repeated ones included.
    public var sent = 0
    /// Events that must be stored.
    public var stored = 0
    /// Events that the collector must recognise as stored already.
    public var duplicates = 0
    /// Events, and values of stored events, that the catalog drops by declaration.
    public var dropped = 0
    /// Events that the catalog does not declare.
    public var refused = 0
    /// Values that must be removed from the stored events.
    public var removed = 0
    /// Events that must be stored, by name; empty where the sender names none in the catalog's words.
    public var events: [String: Int] = [:]
    /// Requests that were not answered as they should be, or hosts that did not end well.
    public var failures = 0

    /// Creates an account in which nothing happened.
    public init() {}
  }

  public private(set) var accounts: [String: Account] = [:]
  /// Raw identifiers and addresses that were sent and must be found nowhere afterwards.
  public private(set) var secrets: Set<String> = []

  /// Creates an empty ledger.
  public init() {}

  /// Returns the account of an app.
  public subscript(app: String) -> Account { accounts[app] ?? Account() }

  /// Notes a request of a foreign client and the status of its answer; `nil` if there was none.
  public mutating func note(_ request: ForeignRequest, status: Int?) {
    secrets.formUnion(request.secrets)
    accounts[request.app, default: Account()].add(request, isAnswered: status == request.status)
  }

  /// Notes what a host program says it recorded.
  public mutating func note(app: String, recorded: [String: Int]) {
    accounts[app, default: Account()].add(recorded: recorded)
  }

  /// Notes a host program that did not end well.
  public mutating func noteFailure(app: String) {
    accounts[app, default: Account()].failures += 1
  }
}

extension DemoLedger.Account {
  fileprivate mutating func add(_ request: ForeignRequest, isAnswered: Bool) {
    sent += request.events + request.duplicates + request.dropped + request.refused
    guard isAnswered else {
      failures += 1
      return
    }
    stored += request.events
    duplicates += request.duplicates
    dropped += request.dropped + request.droppedValues
    refused += request.refused
    removed += request.removed.count
  }

  fileprivate mutating func add(recorded: [String: Int]) {
    for (event, count) in recorded {
      sent += count
      stored += count
      events[event, default: 0] += count
    }
  }
}

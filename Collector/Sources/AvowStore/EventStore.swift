public import AvowWire

/// Where admitted events live and where questions about them are answered.
///
/// One value is the only door: the collector appends, the dashboard, the API and the command ask.
/// Every implementation passes `EventStoreConformance` of AvowStoreTesting.
public protocol EventStore: Sendable {
  /// Makes room for a catalog's events: tables, columns, views. Doing so again is harmless, and a newer
  /// version of a catalog adds without losing what older versions stored.
  func install(_ catalog: Catalog) async throws(StoreError)

  /// Stores a batch and returns once it is durable, saying of each entry what became of it.
  ///
  /// - Throws: `StoreError.overloaded` when the bounded queue is full; nothing was stored then.
  func append(_ batch: EventBatch) async throws(StoreError) -> AppendResult

  /// Answers a question.
  ///
  /// - Throws: `StoreError.unanswerable` with the reason when the catalog does not permit the question.
  func answer(_ question: Question) async throws(StoreError) -> Answer

  /// Calls `receive` with stored events in order of time, a bounded number at a time.
  func export(
    _ request: ExportRequest, receive: @Sendable ([StoredEvent]) async throws -> Void
  ) async throws

  /// Erases everything stored for these pseudonyms of an app, and keeps what later arrives for them out.
  func forget(app: String, users: [Identifier128]) async throws(StoreError) -> Erasure

  /// Rewrites what may still hold traces of what was erased; returns whether none is left.
  ///
  /// `forget` does so itself. When something in its way (another program that reads the files) made it leave
  /// traces, asking again later finishes the work.
  func scrub() async throws(StoreError) -> Bool

  /// Does the slow work that removals leave behind, for a quiet hour: rewrites what may still hold copies of
  /// removed events, forgets texts that no event uses any more. Appending may wait meanwhile.
  func tidy() async throws(StoreError) -> Tidying

  /// What is stored of each event of an app, also of those that only older catalogs declared.
  func holdings(app: String) async throws(StoreError) -> [Holding]

  /// How many of an event were received before a moment.
  func count(app: String, event: String, receivedBefore: Timestamp) async throws(StoreError) -> Int

  /// Removes what was received of each of these events before its moment, in steps so short that appending
  /// never waits long; returns how many of each went. All at once is cheaper than one event after the other.
  func purge(app: String, receivedBefore: [String: Timestamp]) async throws(StoreError) -> [String: Int]

  /// Forgets the pseudonyms of users of whom nothing is stored any more, and the marks of those erased
  /// before a moment; returns how many users were forgotten.
  func forgetAbsentUsers(app: String, erasedBefore: Timestamp) async throws(StoreError) -> Int

  /// Finishes what is queued and closes the files. Appending afterwards throws `closed`.
  func close() async throws(StoreError)
}

/// What became of each entry of a batch.
public struct AppendResult: Sendable, Hashable {
  public enum Outcome: UInt8, Sendable, Hashable {
    case stored
    /// The same event was stored before.
    case duplicate
    /// Its user asked to be forgotten.
    case erased
  }

  /// One outcome for each entry, in order.
  public var outcomes: [Outcome]

  /// Creates a result.
  public init(outcomes: [Outcome]) { self.outcomes = outcomes }

  public func count(of outcome: Outcome) -> Int { outcomes.count { $0 == outcome } }
}

/// What an erasure removed.
public struct Erasure: Sendable, Hashable {
  /// Users of whom something was stored.
  public var users: Int
  /// Events removed.
  public var events: Int
  /// Nobody can ask for it any more, but a file still holds bytes of it: `scrub` finishes the work.
  public var leavesTraces: Bool

  /// Creates a count of what was removed.
  public init(users: Int, events: Int, leavesTraces: Bool = false) {
    self.users = users
    self.events = events
    self.leavesTraces = leavesTraces
  }
}

/// What tidying did.
public struct Tidying: Sendable, Hashable {
  /// Nothing is left, in any byte, of what was removed before.
  public var isClean: Bool
  /// Texts, and sets of context values, that no event used any more.
  public var texts: Int
  public var contexts: Int
  /// How many bytes were given back to the file system.
  public var bytes: Int

  /// Creates a summary.
  public init(isClean: Bool = false, texts: Int = 0, contexts: Int = 0, bytes: Int = 0) {
    self.isClean = isClean
    self.texts = texts
    self.contexts = contexts
    self.bytes = bytes
  }
}

/// What is stored of one event.
public struct Holding: Sendable, Hashable {
  public var event: String
  /// The earliest receipt; `nil` when nothing is stored.
  public var oldest: Timestamp?

  /// Creates a holding.
  public init(event: String, oldest: Timestamp?) {
    self.event = event
    self.oldest = oldest
  }
}

extension EventStore {
  /// Removes what was received of one event before a moment; returns how many went.
  public func purge(app: String, event: String, receivedBefore: Timestamp) async throws(StoreError) -> Int {
    try await purge(app: app, receivedBefore: [event: receivedBefore])[event] ?? 0
  }
}

/// Why a store could not do what was asked; safe to log, it never holds a user's value.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    case overloaded, closed, unanswerable, unknownApp, diskFull, corrupt, failed
  }

  public let code: Code
  public let message: String

  private init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// The queue is full; trying again in a moment helps.
  public static let overloaded = Self(.overloaded, "the store is busy; try again in a moment")
  public static let closed = Self(.closed, "the store is closed")
  public static func unanswerable(_ reason: String) -> Self { Self(.unanswerable, reason) }
  public static func unknownApp(_ app: String) -> Self {
    Self(.unknownApp, "no catalog is loaded for the app \"\(app)\"")
  }
  public static func diskFull(_ message: String) -> Self { Self(.diskFull, message) }
  public static func corrupt(_ message: String) -> Self { Self(.corrupt, message) }
  public static func failed(_ message: String) -> Self { Self(.failed, message) }
}

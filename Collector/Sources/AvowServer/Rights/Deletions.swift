import AvowIngest
import AvowStore
import AvowWire
import Logging
import ServiceLifecycle

/// Erasures on request, from the asking to the signed receipt.
///
/// A receipt is signed only when no byte of the erased pseudonyms is left in the data folder. When another
/// program that reads the files stands in the way the request stays pending, and the service finishes it.
/// What pages that split keep of the ids of removed events, in gaps that no query reaches, goes at night: the
/// receipt says so and by when, and is signed anew when it is gone.
struct Deletions: Service {
  let store: any EventStore
  let database: ControlDatabase
  let clock: any CollectorClock
  let key: ReceiptKey
  let erased: ErasedMarks
  let logger: Logger

  /// Erases what is stored for users and drops what arrives later.
  ///
  /// Asking again for the same users is fine: nothing is found, and a receipt says so.
  ///
  /// - Throws: `CollectorError` when nobody is named: that nothing was found of nobody is no erasure to sign.
  func erase(app: String, _ users: QuotedUser, source: Deletion.Source) async throws -> Deletion {
    guard !users.pseudonyms.isEmpty else {
      throw CollectorError(.usage, "no user is named, so there is nothing to erase")
    }
    let asked = clock.now()
    let number = try database.insertDeletion(app: app, source: source, asked: asked)
    let erasure: Erasure
    do {
      erasure = try await store.forget(app: app, users: users.pseudonyms + users.marks)
      // The store keeps out what may come until tomorrow; these keep out what comes after.
      try database.insertMarks(users.marks, app: app, at: asked)
      erased.insert(users.marks)
    } catch {
      try? database.removeDeletion(number)
      throw error
    }
    var deletion = Deletion(
      number: number, app: app, source: source, asked: asked, users: erasure.users, events: erasure.events)
    if erasure.leavesTraces {
      try database.updateDeletion(deletion)
      logger.warning(
        "an erasure waits: another program reads the data folder, so a log cannot be cut",
        metadata: ["app": "\(app)", "deletion": "\(number)"])
    } else {
      deletion = try finish(deletion)
    }
    return deletion
  }

  /// Tries to finish what is pending.
  func finishPending() async throws {
    let pending = try database.deletions(app: nil, isPending: true)
    guard !pending.isEmpty, try await store.scrub() else { return }
    for deletion in pending { _ = try finish(deletion) }
  }

  /// Has the store tidy up, and signs anew what is clean since; returns what the store did.
  func clean() async throws -> Tidying {
    // Only these: what is erased while the store is at it waits for the next time.
    let waiting = try database.uncleanedDeletions()
    let tidying = try await store.tidy()
    if tidying.isClean {
      for var deletion in waiting {
        deletion.cleaned = clock.now()
        _ = try sign(deletion)
      }
    }
    return tidying
  }

  private func finish(_ deletion: Deletion) throws(CollectorError) -> Deletion {
    var deletion = deletion
    deletion.erased = clock.now()
    // Where nothing was stored nothing is left. A user's own client is told the same in either case.
    if deletion.source != .client, deletion.events == 0 { deletion.cleaned = deletion.erased }
    return try sign(deletion)
  }

  /// By when the night's work has been done: two hours into the next day.
  static func rest(erased: Timestamp) -> Timestamp {
    Timestamp(milliseconds: Timestamp(day: erased.day + 1).milliseconds + 2 * 3_600_000)
  }

  private func sign(_ deletion: Deletion) throws(CollectorError) -> Deletion {
    var deletion = deletion
    guard let erased = deletion.erased else { return deletion }
    var members: [String: JSONValue] = [
      "app": .string(deletion.app), "status": "erased", "erased": .string("\(erased)"),
      "covers": "the data folder; a backup made earlier still holds what it held",
    ]
    if let cleaned = deletion.cleaned {
      members["cleaned"] = .string("\(cleaned)")
    } else {
      members["rest"] =
        "copies of event ids, and texts of events, in parts of main.db that no query reaches"
      members["rest_by"] = .string("\(Self.rest(erased: erased))")
    }
    if let replaced = try database.pepperReplaced(), try isHeld(app: deletion.app, since: replaced, erased) {
      members["unreachable"] = .string(
        "what was stored before \(replaced), under a pepper that is lost: an identifier finds nothing of it, the pseudonym an export shows does"
      )
    }
    // What a user's own client gets is the same for known and unknown users: no counts, and no duration.
    if deletion.source != .client {
      members["asked"] = .string("\(deletion.asked)")
      members["users"] = .integer(Int64(deletion.users ?? 0))
      members["events"] = .integer(Int64(deletion.events ?? 0))
    }
    deletion.receipt = try key.sign(members).json.text
    try database.updateDeletion(deletion)
    return deletion
  }

  /// Whether something received before a moment may still be kept.
  private func isHeld(
    app: String, since moment: Timestamp, _ now: Timestamp
  ) throws(CollectorError) -> Bool {
    moment.day + (try database.history(of: app).days) + 31 >= now.day
  }

  func run() async throws {
    try? database.removeInterruptedDeletions()
    for await _ in AsyncTimerTicks(every: .seconds(2)).cancelOnGracefulShutdown() {
      do { try await finishPending() } catch { logger.error("an erasure is still pending: \(error)") }
    }
  }
}

extension Deletion {
  /// The signed receipt, or that it is still to come.
  var answer: JSONValue {
    if let receipt, let json = try? JSONValue(parsing: receipt) { return json }
    return [
      "app": .string(app), "status": "pending", "asked": .string("\(asked)"), "number": .integer(number),
    ]
  }
}

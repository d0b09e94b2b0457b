import AvowWire
import GRDB

/// Events recognised by a table because their row's key cannot do it: those with an id whose own time is
/// missing or implausible, so that their key was made of the time of receipt.
///
/// A client's clock may be ten minutes and a second ahead at the first try and ten minutes at the retry;
/// so an event whose time is plausible may be in this table too. A set of hashes in memory tells nearly
/// always that it is not. Belongs to the writer's thread.
final class SeenEvents {
  private let find: Statement
  private let insert: Statement
  private let expired: Statement
  private let delete: Statement
  private let forget: Statement
  private var hashes: Set<UInt64> = []
  /// Too many for a set: every event asks the table.
  private var isCrowded = false
  private var nextPruning: Int64 = 0
  private static let crowd = 500_000
  /// How long a retry is recognised at the least: seven days, and one for the pruning.
  private static let lifetime: Int64 = 8 * 86_400_000

  init(_ connection: OpaquePointer) throws {
    find = try Statement(connection, "SELECT 1 FROM seen WHERE app = ?1 AND id = ?2 AND sent = ?3")
    insert = try Statement(connection, "INSERT INTO seen (app, id, sent, received) VALUES (?1, ?2, ?3, ?4)")
    expired = try Statement(
      connection, "SELECT app, id, sent FROM seen WHERE received < ?1 ORDER BY received LIMIT 1000")
    delete = try Statement(connection, "DELETE FROM seen WHERE app = ?1 AND id = ?2 AND sent = ?3")
    forget = try Statement(connection, "DELETE FROM seen WHERE app = ?1 AND id = ?2")
    try reload(connection)
  }

  /// Fills the set anew, at start and when a transaction was undone.
  func reload(_ connection: OpaquePointer) throws {
    hashes = []
    isCrowded = false
    let all = try Statement(connection, "SELECT id, sent FROM seen WHERE sent <> 0 LIMIT \(Self.crowd)")
    while try all.step() { remember(Identifier128(bytes: all.blob(0)), all.column(1)) }
  }

  /// Whether the table may hold anything.
  var hasAny: Bool { isCrowded || !hashes.isEmpty }

  /// Whether an event may be in the table although its time makes a key.
  @inline(__always)
  func mayHold(_ id: Identifier128, _ sent: Timestamp) -> Bool {
    isCrowded || (!hashes.isEmpty && hashes.contains(Self.hash(id, sent.milliseconds)))
  }

  func contains(app: Int64, _ id: UnsafeRawBufferPointer, _ sent: Timestamp) throws -> Bool {
    find.bind(1, app)
    find.bind(2, blob: id)
    find.bind(3, sent.milliseconds)
    return try find.integer() != nil
  }

  func add(
    app: Int64, _ id: UnsafeRawBufferPointer, _ value: Identifier128, _ sent: Timestamp, received: Timestamp
  ) throws {
    insert.bind(1, app)
    insert.bind(2, blob: id)
    insert.bind(3, sent.milliseconds)
    insert.bind(4, received.milliseconds)
    _ = try insert.insert()
    if sent.milliseconds != 0 { remember(value, sent.milliseconds) }
  }

  /// Takes out what belongs to an erased row.
  func forget(app: Int64, _ id: UnsafeRawBufferPointer) throws {
    forget.bind(1, app)
    forget.bind(2, blob: id)
    try forget.run()
  }

  /// Takes out what no retry will ask for any more, a bounded number at a time, at most every ten minutes.
  func prune(now: Timestamp) throws {
    guard now.milliseconds >= nextPruning else { return }
    expired.bind(1, now.milliseconds - Self.lifetime)
    defer { expired.reset() }
    var count = 0
    var gone: [(app: Int64, id: [UInt8], sent: Int64)] = []
    while try expired.step() {
      gone.append((expired.column(0), Array(expired.blob(1)), expired.column(2)))
    }
    for entry in gone {
      delete.bind(1, entry.app)
      delete.bind(2, entry.id)
      delete.bind(3, entry.sent)
      try delete.run()
      hashes.remove(Self.hash(Identifier128(bytes: entry.id), entry.sent))
      count += 1
    }
    if count < 1000 { nextPruning = now.milliseconds + 600_000 }
  }

  private func remember(_ id: Identifier128, _ sent: Int64) {
    hashes.insert(Self.hash(id, sent))
    if hashes.count >= Self.crowd {
      isCrowded = true
      hashes = []
    }
  }

  private static func hash(_ id: Identifier128, _ sent: Int64) -> UInt64 {
    (id.high ^ id.low &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(bitPattern: sent) &* 0xD6E8_FEB8_6659_FD93
  }
}

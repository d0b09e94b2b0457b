import AvowWire
import GRDB

/// One request for erasure as the collector keeps it: nothing in it says whom it concerned.
struct Deletion: Sendable {
  /// Who brought the request.
  enum Source: String, Sendable {
    /// An operator, by command or through the admin interface.
    case operators = "operator"
    /// A program that speaks Amplitude's privacy interface.
    case amplitude
    /// The user's own client.
    case client
  }

  var number: Int64
  var app: String
  var source: Source
  var asked: Timestamp
  /// `nil` until no byte of a pseudonym is left, and nobody can ask for a row.
  var erased: Timestamp?
  /// `nil` until no copy of a removed row is left either, in parts of pages that no query reaches.
  var cleaned: Timestamp?
  /// `nil` while the store is at it.
  var users: Int?
  var events: Int?
  /// The signed statement, as text.
  var receipt: String?

  var json: JSONValue {
    [
      "number": .integer(number), "app": .string(app), "source": .string(source.rawValue),
      "status": erased == nil ? "pending" : "erased", "asked": .string("\(asked)"),
      "erased": erased.map { .string("\($0)") } ?? .null,
      "cleaned": cleaned.map { .string("\($0)") } ?? .null,
      "users": users.map { .integer(Int64($0)) } ?? .null,
      "events": events.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

extension ControlDatabase {
  static func makeDeletions(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE deletions(
          number INTEGER PRIMARY KEY, app TEXT NOT NULL, source TEXT NOT NULL, asked INTEGER NOT NULL,
          erased INTEGER, users INTEGER, events INTEGER, receipt TEXT)
        """)
  }

  static func addCleaning(_ db: Database) throws {
    try db.execute(sql: "ALTER TABLE deletions ADD COLUMN cleaned INTEGER")
  }

  func insertDeletion(app: String, source: Deletion.Source, asked: Timestamp) throws(CollectorError) -> Int64
  {
    try write { db in
      try db.execute(
        sql: "INSERT INTO deletions(app, source, asked) VALUES (?, ?, ?)",
        arguments: [app, source.rawValue, asked.milliseconds])
      return db.lastInsertedRowID
    }
  }

  func updateDeletion(_ deletion: Deletion) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql:
          "UPDATE deletions SET erased = ?, cleaned = ?, users = ?, events = ?, receipt = ? WHERE number = ?",
        arguments: [
          deletion.erased?.milliseconds, deletion.cleaned?.milliseconds, deletion.users, deletion.events,
          deletion.receipt, deletion.number,
        ])
    }
  }

  func removeDeletion(_ number: Int64) throws(CollectorError) {
    try write { try $0.execute(sql: "DELETE FROM deletions WHERE number = ?", arguments: [number]) }
  }

  /// Forgets requests that were answered before a moment, and those a crash cut short unanswered.
  func pruneDeletions(erasedBefore: Timestamp) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql: "DELETE FROM deletions WHERE erased < ?", arguments: [erasedBefore.milliseconds])
    }
  }

  func removeInterruptedDeletions() throws(CollectorError) {
    try write { try $0.execute(sql: "DELETE FROM deletions WHERE events IS NULL") }
  }

  /// The requests of an app, the newest first; `nil` means of all. Without days the newest thousand.
  func deletions(
    app: String?, isPending: Bool? = nil, askedOn days: ClosedRange<Int>? = nil
  ) throws(CollectorError) -> [Deletion] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM deletions WHERE (?1 IS NULL OR app = ?1)
            AND (?2 IS NULL OR ?2 = (erased IS NULL AND events IS NOT NULL))
            AND (?3 IS NULL OR (asked >= ?3 AND asked < ?4)) ORDER BY number DESC LIMIT ?5
          """,
        arguments: [
          app, isPending, days.map { Timestamp(day: $0.lowerBound).milliseconds },
          days.map { Timestamp(day: $0.upperBound + 1).milliseconds }, days == nil ? 1000 : -1,
        ]
      ).map(Self.deletion)
    }
  }

  /// The requests that are erased and wait for the night.
  func uncleanedDeletions() throws(CollectorError) -> [Deletion] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM deletions WHERE erased IS NOT NULL AND cleaned IS NULL ORDER BY number"
      ).map(Self.deletion)
    }
  }

  func deletion(number: Int64) throws(CollectorError) -> Deletion? {
    try read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM deletions WHERE number = ?", arguments: [number])
        .map(Self.deletion)
    }
  }

  private static func deletion(_ row: Row) -> Deletion {
    Deletion(
      number: row["number"], app: row["app"], source: .init(rawValue: row["source"]) ?? .operators,
      asked: Timestamp(milliseconds: row["asked"]),
      erased: (row["erased"] as Int64?).map(Timestamp.init(milliseconds:)),
      cleaned: (row["cleaned"] as Int64?).map(Timestamp.init(milliseconds:)), users: row["users"],
      events: row["events"], receipt: row["receipt"])
  }
}

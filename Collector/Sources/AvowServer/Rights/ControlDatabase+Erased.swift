import AvowCatalog
import AvowIngest
import AvowWire
import Foundation
import GRDB

/// What erasures need to know beside the catalogs in force.
extension ControlDatabase {
  static func makeMarks(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE erased(
          app TEXT NOT NULL, mark BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(app, mark)) WITHOUT ROWID
        """)
  }

  /// Keeps what stands for erased users in all periods; it holds no identifier and no pseudonym of an event.
  func insertMarks(_ marks: [Identifier128], app: String, at time: Timestamp) throws(CollectorError) {
    try write { db in
      for mark in marks {
        try db.execute(
          sql: "INSERT OR REPLACE INTO erased(app, mark, at) VALUES (?, ?, ?)",
          arguments: [app, Data(mark.bytes), time.milliseconds])
      }
    }
  }

  func marks() throws(CollectorError) -> [Identifier128] {
    try read { db in
      try Data.fetchAll(db, sql: "SELECT mark FROM erased").map { Identifier128(bytes: Array($0)) }
    }
  }

  /// Forgets the marks of those who were erased before a moment; returns whether there were any.
  func pruneMarks(app: String, erasedBefore: Timestamp) throws(CollectorError) -> Bool {
    try write { db in
      try db.execute(
        sql: "DELETE FROM erased WHERE app = ? AND at < ?", arguments: [app, erasedBefore.milliseconds])
      return db.changesCount > 0
    }
  }

  /// What all catalogs an app ever ran with say about its users' names.
  ///
  /// One that can no longer be read counts as having rotated in every way.
  func history(of app: String) throws(CollectorError) -> IdentityHistory {
    var history = IdentityHistory(app: app)
    for kept in try catalogs(app: app) {
      if let catalog = CatalogFile.read(kept.text, file: app).catalog {
        history.add(catalog)
      } else {
        history.rotations.formUnion(Catalog.Identity.Rotation.allCases)
        history.days = max(history.days, 366)
      }
    }
    return history
  }

  // MARK: The pepper

  /// When another pepper took the place of one that was lost; `nil` when none ever did.
  func pepperReplaced() throws(CollectorError) -> Timestamp? {
    try note(Self.pepperNote).flatMap { Int64($0) }.map(Timestamp.init(milliseconds:))
  }

  func notePepperReplaced(at time: Timestamp) throws(CollectorError) {
    try setNote(Self.pepperNote, String(time.milliseconds))
  }

  private static let pepperNote = "pepper replaced"
}

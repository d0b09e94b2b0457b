import AvowStore
import AvowWire
import GRDB

extension ControlDatabase {
  static func makePublications(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE publications(
          app TEXT NOT NULL, week INTEGER NOT NULL, question TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY(app, week, question)) WITHOUT ROWID
        """)
  }

  /// Keeps a publication; one that is there already stays as it is.
  func insertPublication(_ publication: Publication, app: String) throws(CollectorError) {
    try write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO publications(app, week, question, json) VALUES (?, ?, ?, ?)",
        arguments: [app, publication.week, publication.question, publication.json.text])
    }
  }

  /// What was published of an app, by week.
  func publications(app: String, from week: Int) throws(CollectorError) -> [Publication] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: "SELECT question, json FROM publications WHERE app = ? AND week >= ? ORDER BY week, question",
        arguments: [app, week]
      ).compactMap { row in
        let text: String = row["json"]
        return try Publication(question: row["question"], json: JSONValue(parsing: Array(text.utf8)))
      }
    }
  }
}

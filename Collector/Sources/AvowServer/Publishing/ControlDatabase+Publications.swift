import AvowStore
import AvowWire
import GRDB

extension ControlDatabase {
  static func makePublications(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE publications(
          app TEXT NOT NULL, week INTEGER NOT NULL, question TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY(app, week, question)) WITHOUT ROWID;
        CREATE TABLE published_states(
          app TEXT NOT NULL, week INTEGER NOT NULL, state TEXT NOT NULL,
          PRIMARY KEY(app, week)) WITHOUT ROWID
        """)
  }

  /// Keeps what was published of a week, and the state it was counted in; what is there already stays.
  func insertPublications(
    _ publications: [Publication], app: String, week: Int, state: String
  ) throws(CollectorError) {
    try write { db in
      for publication in publications {
        try db.execute(
          sql: "INSERT OR IGNORE INTO publications(app, week, question, json) VALUES (?, ?, ?, ?)",
          arguments: [app, week, publication.question, publication.json.text])
      }
      try db.execute(
        sql: "INSERT OR IGNORE INTO published_states(app, week, state) VALUES (?, ?, ?)",
        arguments: [app, week, state])
    }
  }

  /// What was stored of a week when its first numbers were published.
  func publishedState(app: String, week: Int) throws(CollectorError) -> String? {
    try read { db in
      try String.fetchOne(
        db, sql: "SELECT state FROM published_states WHERE app = ? AND week = ?", arguments: [app, week])
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

import AvowWire
import GRDB

extension AppSchema {
  /// Reads what is stored of every app.
  static func load(_ db: Database) throws -> [String: AppSchema] {
    var schemas: [String: AppSchema] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT number, name, texts FROM apps") {
      let app: String = row["name"]
      schemas[app] = AppSchema(app: app, number: row["number"], texts: row["texts"])
    }
    // In order of their making, so that a changed type's newest column comes last.
    let columns = Dictionary(
      grouping: try Row.fetchAll(
        db, sql: "SELECT \"table\", name, field, scope, type FROM columns ORDER BY rowid")
    ) { $0["table"] as String }
    for row in try Row.fetchAll(
      db, sql: "SELECT name, \"view\", app, event, list, kind FROM tables ORDER BY rowid")
    {
      guard let kind = StoredTable.Kind(rawValue: row["kind"]) else { continue }
      let name: String = row["name"]
      let stored = (columns[name] ?? []).compactMap { column -> StoredColumn? in
        guard let scope = StoredColumn.Scope(rawValue: column["scope"]),
          let type = StoredType(rawValue: column["type"])
        else { return nil }
        return StoredColumn(name: column["name"], field: column["field"], scope: scope, type: type)
      }
      schemas[row["app"] as String]?.tables.append(
        StoredTable(
          name: name, view: row["view"], event: row["event"], list: row["list"], kind: kind,
          columns: stored))
    }
    return schemas
  }

  /// Finds or makes the place of an app.
  static func find(_ app: String, _ db: Database) throws -> AppSchema {
    if let schema = try load(db)[app] { return schema }
    let texts = try SchemaInstaller.freeName(app + "__texts", in: db)
    try db.execute(
      sql: "CREATE TABLE \(quoted(texts)) (n INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)")
    try db.execute(sql: "INSERT INTO apps (name, texts) VALUES (?, ?)", arguments: [app, texts])
    return AppSchema(app: app, number: db.lastInsertedRowID, texts: texts)
  }
}

import GRDB

/// Views with texts, times and names as people write them, for anyone who opens `main.db`.
struct SchemaViews {
  private let db: Database
  private let schema: AppSchema

  init(_ db: Database, _ schema: AppSchema) {
    self.db = db
    self.schema = schema
  }

  func create() throws {
    for table in schema.tables {
      try db.execute(sql: "DROP VIEW IF EXISTS \(quoted(table.view))")
      try db.execute(sql: "CREATE VIEW \(quoted(table.view)) AS \(select(table))")
    }
  }

  private func select(_ table: StoredTable) -> String {
    switch (table.event, table.kind) {
    case (_, .list), (_, .records): items(table)
    case (nil, .row): context(table)
    case (_, .row): events(table)
    }
  }

  private func events(_ table: StoredTable) -> String {
    var names = Names()
    var parts = [
      "e._key AS \(names.add("key"))",
      "lower(hex(e._id)) AS \(names.add("id"))",
      "\(Self.iso(RowKey.timeSQL("e."))) AS \(names.add("time"))",
      "\(Self.iso("((e._key >> \(RowKey.idBits)) + \(RowKey.epoch) + e._received)")) AS \(names.add("received"))",
      "e._user AS \(names.add("user"))",
      "printf('%012x', e._session) AS \(names.add("session"))",
      "coalesce(e._ephemeral, 0) AS \(names.add("ephemeral"))",
      // The key of the context's own views.
      "e._context AS \(names.add("context"))",
    ]
    // Properties come last but choose their names first: they are what a reader looks for.
    let own = table.columns.filter { $0.scope == .own }.map { column in
      "\(value(column, of: "e")) AS \(names.add(column.name, otherwise: "properties."))"
    }
    let context = schema.table(event: nil)
    for column in context?.columns ?? [] {
      parts.append("\(value(column, of: "c")) AS \(names.add(column.name, otherwise: "context."))")
    }
    for column in table.columns where column.scope == .context {
      parts.append("\(value(column, of: "e")) AS \(names.add(column.field, otherwise: "context."))")
    }
    let join = context.map { " LEFT JOIN \(quoted($0.name)) AS c ON c._key = e._context" } ?? ""
    return "SELECT \((parts + own).joined(separator: ", ")) FROM \(quoted(table.name)) AS e\(join)"
  }

  private func context(_ table: StoredTable) -> String {
    var names = Names()
    let parts =
      ["e._key AS \(names.add("key"))"]
      + table.columns.map { "\(value($0, of: "e")) AS \(names.add($0.name, otherwise: "context."))" }
    return "SELECT \(parts.joined(separator: ", ")) FROM \(quoted(table.name)) AS e"
  }

  private func items(_ table: StoredTable) -> String {
    var names = Names()
    let parts =
      ["e._key AS \(names.add("key"))", "e._row AS \(names.add("row"))"]
      + table.columns.map { "\(value($0, of: "e")) AS \(names.add($0.name, otherwise: "fields."))" }
    return "SELECT \(parts.joined(separator: ", ")) FROM \(quoted(table.name)) AS e"
  }

  /// A join for each text would meet SQLite's limit of 64 tables; a look-up for each does not.
  private func value(_ column: StoredColumn, of table: String) -> String {
    let name = "\(table).\(quoted(column.name))"
    return column.type.isText
      ? "(SELECT text FROM \(quoted(schema.texts)) AS t WHERE t.n = \(name))" : name
  }

  private static func iso(_ milliseconds: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(milliseconds) / 1000.0, 'unixepoch')"
  }

  /// Gives each column of a view a name of its own. Declared names hold no dot.
  private struct Names {
    private var taken: Set<String> = []

    mutating func add(_ name: String, otherwise prefix: String = "") -> String {
      let free = taken.insert(name).inserted ? name : prefix + name
      taken.insert(free)
      return quoted(free)
    }
  }
}

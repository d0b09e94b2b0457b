import AvowStore
import AvowWire
import GRDB

/// Makes tables and columns for a catalog, adding to what older catalogs left.
struct SchemaInstaller {
  let db: Database
  private(set) var schema: AppSchema
  private(set) var hasChanged = false
  /// Whether integers became numbers, which packed days hold in another form.
  private(set) var hasNewNumbers = false

  init(_ db: Database, _ schema: AppSchema) {
    self.db = db
    self.schema = schema
  }

  mutating func install(_ catalog: Catalog) throws {
    var context = try table(event: nil, list: nil, kind: .row)
    for field in catalog.context where !field.standsBesideEvent {
      try add(field, to: &context, event: nil)
    }
    for event in catalog.events {
      var rows = try table(event: event.name, list: nil, kind: .row)
      for field in event.properties { try add(field, to: &rows, event: event.name) }
      for field in catalog.context where field.standsBesideEvent {
        try column(field.name, StoredType(field.type), scope: .context, of: &rows)
      }
    }
    if hasChanged { try SchemaViews(db, schema).create() }
  }

  private mutating func add(_ field: Field, to owner: inout StoredTable, event: String?) throws {
    switch field.type {
    case .list(let element, _):
      // Lists of lists have no place in the grammar; one that came through would have no column.
      guard element.isScalar else { return }
      try column(field.name, .list, of: &owner)
      var items = try table(event: event, list: field.name, kind: .list)
      try column("value", StoredType(element), of: &items)
    case .records(let fields, _):
      try column(field.name, .records, of: &owner)
      var items = try table(event: event, list: field.name, kind: .records)
      for field in fields where field.type.isScalar {
        try column(field.name, StoredType(field.type), of: &items)
      }
    default:
      try column(field.name, StoredType(field.type), of: &owner)
    }
  }

  // MARK: Tables

  private mutating func table(
    event: String?, list: String?, kind: StoredTable.Kind
  ) throws -> StoredTable {
    if let table = schema.table(event: event, list: list, kind: kind) { return table }
    let base = schema.app + (event.map { "_" + $0 } ?? "__context") + (list.map { "__" + $0 } ?? "")
    let name = try Self.freeName(base, in: db)
    let view = try Self.freeName(name + "_view", in: db)
    switch (event, kind) {
    case (nil, .row):
      try db.execute(
        sql: "CREATE TABLE \(quoted(name)) (_key INTEGER PRIMARY KEY, _digest BLOB NOT NULL)")
    case (_, .row):
      try db.execute(
        sql: """
          CREATE TABLE \(quoted(name)) (
            _key INTEGER PRIMARY KEY, _id BLOB, _shift INTEGER, _received INTEGER, _user INTEGER,
            _session INTEGER, _context INTEGER, _ephemeral INTEGER)
          """)
      // No table has a dot in its name, so the index's name is free.
      try db.execute(
        sql: """
          CREATE INDEX \(quoted(name + ".shifted")) ON \(quoted(name)) (\(RowKey.timeSQL()))
          WHERE \(RowKey.shiftedSQL())
          """)
    default:
      try db.execute(
        sql: """
          CREATE TABLE \(quoted(name)) (
            _key INTEGER NOT NULL, _row INTEGER NOT NULL, PRIMARY KEY (_key, _row)) WITHOUT ROWID
          """)
    }
    try db.execute(
      sql: "INSERT INTO tables (name, view, app, event, list, kind) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [name, view, schema.app, event, list, kind.rawValue])
    let table = StoredTable(name: name, view: view, event: event, list: list, kind: kind)
    schema.tables.append(table)
    hasChanged = true
    return table
  }

  /// Names of apps and events may run into each other (`a` + `b_c`, `a_b` + `c`), and SQLite keeps names
  /// that begin with `sqlite_` for itself.
  static func freeName(_ wanted: String, in db: Database) throws -> String {
    let base = wanted.hasPrefix("sqlite_") ? "app_" + wanted : wanted
    var name = base
    var number = 2
    let taken = """
      SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE lower(name) = lower(?1))
        OR EXISTS (SELECT 1 FROM tables WHERE view = ?1)
      """
    while try Bool.fetchOne(db, sql: taken, arguments: [name]) == true {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  // MARK: Columns

  @discardableResult
  private mutating func column(
    _ field: String, _ type: StoredType, scope: StoredColumn.Scope = .own, of table: inout StoredTable
  ) throws -> StoredColumn {
    if let column = table.column(field, type: type, scope: scope) { return column }
    if let column = try widen(field, type, scope, in: &table) { return column }
    var name = field
    var number = 2
    while table.columns.contains(where: { $0.name == name }) {
      name = "\(field)_\(number)"
      number += 1
    }
    let column = StoredColumn(name: name, field: field, scope: scope, type: type)
    try db.execute(
      sql: "ALTER TABLE \(quoted(table.name)) ADD COLUMN \(quoted(name)) \(type.affinity)")
    try db.execute(
      sql: "INSERT INTO columns (\"table\", name, field, scope, type) VALUES (?, ?, ?, ?, ?)",
      arguments: [table.name, name, field, scope.rawValue, type.rawValue])
    table.columns.append(column)
    if let index = schema.tables.firstIndex(where: { $0.name == table.name }) {
      schema.tables[index] = table
    }
    hasChanged = true
    return column
  }

  /// Lets the column of a narrower type take what the wider one brings. No row is written anew: SQLite keeps an
  /// integer and a number in the same column, and texts and versions are codes of one dictionary.
  private mutating func widen(
    _ field: String, _ type: StoredType, _ scope: StoredColumn.Scope, in table: inout StoredTable
  ) throws -> StoredColumn? {
    guard let narrower = type.narrower,
      let index = table.columns.firstIndex(where: {
        $0.field == field && $0.type == narrower && $0.scope == scope
      })
    else { return nil }
    table.columns[index].type = type
    try db.execute(
      sql: "UPDATE columns SET type = ? WHERE \"table\" = ? AND name = ?",
      arguments: [type.rawValue, table.name, table.columns[index].name])
    if let place = schema.tables.firstIndex(where: { $0.name == table.name }) { schema.tables[place] = table }
    hasChanged = true
    if type == .number { hasNewNumbers = true }
    return table.columns[index]
  }
}

import AvowStore
import AvowWire
import GRDB

/// Reads whole events back, with every value that any catalog ever declared. Lives in one read.
struct EventReader {
  /// An event whose user is still a number.
  struct Event: Sendable {
    var stored: StoredEvent
    var user: UInt32?
  }

  private let schema: AppSchema
  private let db: Database

  init(_ schema: AppSchema, _ db: Database) {
    self.schema = schema
    self.db = db
  }

  /// Reads the rows at these places; rows that are gone meanwhile are left out.
  func read(_ places: [ExportCursor.Place]) throws -> [Event] {
    let connection = try AvowStoreSQLite.connection(db)
    var texts = TextReader(
      statement: try Statement(connection, "SELECT text FROM \(quoted(schema.texts)) WHERE n = ?1"))
    var tables: [Int: TableReader] = [:]
    let contextTable = schema.table(event: nil)
    let contextReader = try contextTable.map { try TableReader(connection, $0, schema, prefix: []) }
    var contexts: [Int64: [String: JSONValue]] = [:]
    var events: [Event] = []
    for place in places {
      let table = schema.tables[place.table]
      let reader: TableReader
      if let known = tables[place.table] {
        reader = known
      } else {
        reader = try TableReader(
          connection, table, schema,
          prefix: ["_id", "_shift", "_received", "_user", "_session", "_context", "_ephemeral"])
        tables[place.table] = reader
      }
      let row = reader.row
      row.bind(1, place.key)
      defer { row.reset() }
      guard try row.step() else { continue }
      var context: [String: JSONValue] = [:]
      if let code = row.optional(5), let contextReader {
        if let known = contexts[code] {
          context = known
        } else {
          contextReader.row.bind(1, code)
          defer { contextReader.row.reset() }
          if try contextReader.row.step() {
            context = try contextReader.values(scope: .own, key: code, texts: &texts)
          }
          contexts[code] = context
        }
      }
      context.merge(try reader.values(scope: .context, key: place.key, texts: &texts)) { $1 }
      let id =
        row.isNull(0)
        ? Identifier128(high: UInt64(place.table), low: UInt64(bitPattern: place.key))
        : Identifier128(bytes: row.blob(0))
      let time = RowKey.time(of: place.key)
      let stored = StoredEvent(
        id: id, event: table.event ?? "",
        time: Timestamp(milliseconds: time + row.column(1)),
        received: Timestamp(milliseconds: time + row.column(2)), sent: Timestamp(milliseconds: time),
        user: nil, session: row.optional(4).map { Identifier128(high: UInt64(bitPattern: $0) << 16, low: 0) },
        isEphemeral: !row.isNull(6) && row.column(6) != 0,
        context: .object(context),
        properties: .object(try reader.values(scope: .own, key: place.key, texts: &texts)))
      events.append(Event(stored: stored, user: row.optional(3).map { UInt32(truncatingIfNeeded: $0) }))
    }
    return events
  }
}

/// The app's dictionary of texts, read as needed.
struct TextReader {
  let statement: Statement
  private var known: [Int64: String] = [:]

  init(statement: Statement) { self.statement = statement }

  mutating func text(_ code: Int64) throws -> String {
    if let text = known[code] { return text }
    statement.bind(1, code)
    defer { statement.reset() }
    let text = try statement.step() ? statement.text(0) : ""
    if known.count > 50_000 { known.removeAll(keepingCapacity: true) }
    known[code] = text
    return text
  }
}

/// Reads the rows of one table by key, with the items of their lists.
private final class TableReader {
  let row: Statement
  private let table: StoredTable
  private let first: Int32
  private var items: [Int: Statement] = [:]
  private var itemTables: [Int: StoredTable] = [:]

  init(
    _ connection: OpaquePointer, _ table: StoredTable, _ schema: AppSchema,
    prefix: [String]
  ) throws {
    self.table = table
    first = Int32(prefix.count)
    let names = prefix + table.columns.map(\.name) + (prefix.isEmpty && table.columns.isEmpty ? ["_key"] : [])
    row = try Statement(
      connection,
      "SELECT \(names.map(quoted).joined(separator: ", ")) FROM \(quoted(table.name)) WHERE _key = ?1")
    for (index, column) in table.columns.enumerated() {
      let kind: StoredTable.Kind
      switch column.type {
      case .list: kind = .list
      case .records: kind = .records
      default: continue
      }
      guard let child = schema.table(event: table.event, list: column.field, kind: kind) else { continue }
      let columns = ["_row"] + child.columns.map(\.name)
      items[index] = try Statement(
        connection,
        "SELECT \(columns.map(quoted).joined(separator: ", ")) FROM \(quoted(child.name)) "
          + "WHERE _key = ?1 ORDER BY _row")
      itemTables[index] = child
    }
  }

  /// Returns the values of the row at hand by field name, only those present.
  func values(
    scope: StoredColumn.Scope, key: Int64, texts: inout TextReader
  ) throws -> [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    for (index, column) in table.columns.enumerated() where column.scope == scope {
      let position = first + Int32(index)
      if row.isNull(position) { continue }
      if let items = items[index], let child = itemTables[index] {
        values[column.field] = .array(try read(items, child, key: key, texts: &texts))
      } else {
        values[column.field] = try Self.value(row, position, column.type, &texts)
      }
    }
    return values
  }

  private func read(
    _ items: Statement, _ table: StoredTable, key: Int64, texts: inout TextReader
  ) throws -> [JSONValue] {
    items.bind(1, key)
    defer { items.reset() }
    var result: [JSONValue] = []
    while try items.step() {
      var members: [String: JSONValue] = [:]
      for (index, column) in table.columns.enumerated() where !items.isNull(Int32(index + 1)) {
        members[column.field] = try Self.value(items, Int32(index + 1), column.type, &texts)
      }
      result.append(table.kind == .records ? .object(members) : members["value"] ?? .null)
    }
    return result
  }

  private static func value(
    _ statement: Statement, _ position: Int32, _ type: StoredType, _ texts: inout TextReader
  ) throws -> JSONValue {
    switch type {
    case .boolean: .boolean(statement.column(position) != 0)
    case .integer, .list, .records: .integer(statement.column(position))
    case .number: .number(statement.number(position))
    case .text, .version: .string(try texts.text(statement.column(position)))
    }
  }
}

import AvowWire

/// What a table of an app holds.
struct StoredTable: Sendable, Hashable {
  enum Kind: String, Sendable {
    /// A row an event, or a row a set of context values.
    case row
    /// A row an element of a list.
    case list
    /// A row a record.
    case records
  }

  var name: String
  var view: String
  /// `nil`: the app's context.
  var event: String?
  /// The field whose items these are; `nil` for `row`.
  var list: String?
  var kind: Kind
  var columns: [StoredColumn] = []

  func column(_ field: String, type: StoredType, scope: StoredColumn.Scope = .own) -> StoredColumn? {
    columns.first { $0.field == field && $0.type == type && $0.scope == scope }
  }

  /// The column that takes values of a type: where a newer catalog widened it, a batch of the older one goes
  /// there too.
  func column(
    holding field: String, type: StoredType, scope: StoredColumn.Scope = .own
  ) -> StoredColumn? {
    column(field, type: type, scope: scope)
      ?? columns.first { $0.field == field && $0.type.narrower == type && $0.scope == scope }
  }
}

/// One column, made for a field of a certain type. When that type widens (an integer becomes a number, a
/// version a text) the column goes on and keeps its history. With any other change the field gets another column
/// and this one stays, with what older versions sent.
struct StoredColumn: Sendable, Hashable {
  enum Scope: String, Sendable {
    /// A field of what the table is about.
    case own
    /// A context field that changes while a process runs, so that it stands beside the event.
    case context
  }

  var name: String
  var field: String
  var scope: Scope
  var type: StoredType
}

/// How a value lies in a column.
enum StoredType: String, Sendable, Hashable {
  case boolean, integer, number, text, version
  /// How many items there are, which lie in a table of their own.
  case list, records

  init(_ type: FieldType) {
    switch type {
    case .boolean: self = .boolean
    case .integer: self = .integer
    case .number: self = .number
    case .text: self = .text
    case .version: self = .version
    case .list: self = .list
    case .records: self = .records
    }
  }

  /// Texts are numbers of the app's dictionary.
  var affinity: String { self == .number ? "REAL" : "INTEGER" }
  var isText: Bool { self == .text || self == .version }

  /// The type whose values are all values of this one too, and lie in rows as this one's do.
  var narrower: StoredType? {
    switch self {
    case .number: .integer
    case .text: .version
    default: nil
    }
  }
}

/// Everything stored for one app, of all versions of its catalog.
struct AppSchema: Sendable {
  let app: String
  let number: Int64
  /// The table of texts.
  let texts: String
  var tables: [StoredTable] = []

  func table(event: String?, list: String? = nil, kind: StoredTable.Kind = .row) -> StoredTable? {
    tables.first { $0.event == event && $0.list == list && $0.kind == kind }
  }

  /// The tables that hold a row an event.
  var eventTables: [StoredTable] { tables.filter { $0.event != nil && $0.kind == .row } }

  /// The tables of lists that belong to `table`.
  func children(of table: StoredTable) -> [StoredTable] {
    tables.filter { $0.event == table.event && $0.kind != .row }
  }
}

extension Field {
  /// Whether a context value stands beside each event instead of in the set that events share.
  ///
  /// A set that held a value which changes from event to event would be stored again with each of them.
  var standsBesideEvent: Bool {
    if source == .uptime { return true }
    guard source == nil else { return false }
    return switch type {
    case .integer(let rule): rule.bucket.isEmpty
    case .number(let rule): rule.bucket.isEmpty
    default: false
    }
  }
}

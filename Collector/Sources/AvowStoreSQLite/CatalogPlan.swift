import AvowWire
import GRDB

/// How the events of one catalog version go into tables: prepared statements and, for each declared field,
/// which parameter it is. Belongs to the writer's thread.
final class CatalogPlan {
  /// Where the values of a field go.
  enum Target {
    case nowhere
    case scalar(parameter: Int32, isText: Bool)
    /// The parameter takes the number of items.
    case items(parameter: Int32, ItemPlan)
    /// Beside the event: an index into the event's `beside`.
    case beside
  }

  /// The items of one list.
  final class ItemPlan {
    let insert: Statement
    let isRecords: Bool
    let limit: Int
    /// By column of the records; a list has one.
    let columns: [Target]
    /// What stands for their names in the digest of a set of context values.
    let names: [UInt64]

    fileprivate init(
      _ connection: OpaquePointer, _ table: StoredTable, _ fields: [(String, StoredType)], limit: Int
    ) throws {
      var names = ["_key", "_row"]
      var columns: [Target] = []
      for (field, type) in fields {
        if let column = table.column(holding: field, type: type) {
          names.append(column.name)
          columns.append(.scalar(parameter: Int32(names.count), isText: type.isText))
        } else {
          columns.append(.nowhere)
        }
      }
      self.columns = columns
      self.names = fields.map { ContextMap.word(of: $0.0) }
      self.limit = limit
      isRecords = table.kind == .records
      insert = try Statement(connection, insertSQL(table.name, names))
    }
  }

  /// One event.
  final class EventPlan {
    let insert: Statement
    let idAtKey: Statement
    /// By property.
    let properties: [Target]
    /// By property: the parameter of a single value twice, and one more for a text; 0 for everything else.
    let places: [Int]
    /// By context field: the parameters of those that stand beside the event.
    let beside: [Target]
    let hasBeside: Bool

    fileprivate init(
      _ connection: OpaquePointer, _ schema: AppSchema, _ event: EventDeclaration, _ context: [Field]
    ) throws {
      guard let table = schema.table(event: event.name) else { throw MissingTable() }
      var names = [
        "_key", "_id", "_shift", "_received", "_user", "_session", "_context", "_ephemeral",
      ]
      properties = try event.properties.map {
        try target(of: $0, in: table, schema, connection, names: &names)
      }
      places = properties.map { target in
        guard case .scalar(let parameter, let isText) = target else { return 0 }
        return Int(parameter) << 1 | (isText ? 1 : 0)
      }
      beside = context.map { field in
        guard field.standsBesideEvent,
          let column = table.column(holding: field.name, type: StoredType(field.type), scope: .context)
        else { return .nowhere }
        names.append(column.name)
        return .scalar(parameter: Int32(names.count), isText: false)
      }
      hasBeside = context.contains(where: \.standsBesideEvent)
      insert = try Statement(connection, insertSQL(table.name, names))
      idAtKey = try Statement(connection, "SELECT _id FROM \(quoted(table.name)) WHERE _key = ?1")
    }
  }

  let app: AppWriter
  let events: [EventPlan]
  /// By context field.
  let context: [Target]
  /// By context field: what stands for its name in the digest of a set.
  let contextNames: [UInt64]
  let insertContext: Statement

  init(_ connection: OpaquePointer, _ catalog: Catalog, app: AppWriter, schema: AppSchema) throws {
    self.app = app
    guard let table = schema.table(event: nil) else { throw MissingTable() }
    var names = ["_key", "_digest"]
    context = try catalog.context.map { field in
      if field.standsBesideEvent { return .beside }
      return try target(of: field, in: table, schema, connection, names: &names)
    }
    contextNames = catalog.context.map { ContextMap.word(of: $0.name) }
    events = try catalog.events.map { try EventPlan(connection, schema, $0, catalog.context) }
    insertContext = try Statement(connection, insertSQL(table.name, names))
  }

  struct MissingTable: Error {}
}

private func insertSQL(_ table: String, _ names: [String]) -> String {
  let parameters = (1...names.count).map { "?\($0)" }.joined(separator: ", ")
  return "INSERT INTO \(quoted(table)) (\(names.map(quoted).joined(separator: ", "))) VALUES (\(parameters))"
}

/// Finds the column of a field and gives it the next parameter.
private func target(
  of field: Field, in table: StoredTable, _ schema: AppSchema, _ connection: OpaquePointer,
  names: inout [String]
) throws -> CatalogPlan.Target {
  let type = StoredType(field.type)
  guard let column = table.column(holding: field.name, type: type) else { return .nowhere }
  names.append(column.name)
  let parameter = Int32(names.count)
  switch field.type {
  case .list(let element, let limit):
    guard let items = schema.table(event: table.event, list: field.name, kind: .list) else { return .nowhere }
    let plan = try CatalogPlan.ItemPlan(connection, items, [("value", StoredType(element))], limit: limit)
    return .items(parameter: parameter, plan)
  case .records(let fields, let limit):
    guard let items = schema.table(event: table.event, list: field.name, kind: .records)
    else { return .nowhere }
    let plan = try CatalogPlan.ItemPlan(
      connection, items, fields.map { ($0.name, StoredType($0.type)) }, limit: limit)
    return .items(parameter: parameter, plan)
  default:
    return .scalar(parameter: parameter, isText: type.isText)
  }
}

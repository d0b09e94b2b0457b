import AvowStore
import AvowWire
import GRDB

/// A question's filters as SQL over one event's table. Values are bound, names come from the bookkeeping.
///
/// - Filters on columns of records hold when one item meets all of them.
/// - A list holds a value when one element does; `notEquals` means that none does.
/// - `notEquals` is the opposite of `equals`: it also holds for an absent value.
struct FilterSQL {
  private(set) var joins = ""
  private(set) var condition = ""
  private var values: [Value] = []

  private enum Value {
    case integer(Int64)
    case number(Double)
  }
  private typealias List = ResolvedQuestion.Column.List

  private let table: StoredTable
  private let schema: AppSchema
  private let context: StoredTable?
  private let findText: Statement
  private let allTexts: Statement
  private let catalog: Catalog
  private let event: EventDeclaration

  init(
    _ question: ResolvedQuestion, _ source: ResolvedQuestion.Source, _ table: StoredTable,
    _ schema: AppSchema, _ db: Database
  ) throws {
    self.table = table
    self.schema = schema
    catalog = question.catalog
    event = catalog.events[source.event]
    context = schema.table(event: nil)
    findText = try Statement(connection(db), "SELECT n FROM \(quoted(schema.texts)) WHERE text = ?1")
    allTexts = try Statement(connection(db), "SELECT n, text FROM \(quoted(schema.texts))")
    if let context { joins += " LEFT JOIN \(quoted(context.name)) AS c ON c._key = e._context" }

    var groups: [List: [ResolvedQuestion.Condition]] = [:]
    for filter in source.filters {
      if let list = filter.column.list, list.isRecords {
        groups[list, default: []].append(filter)
      } else if filter.column.list != nil {
        condition += " AND " + (try element(filter))
      } else {
        condition += " AND " + (try test(filter.test, on: name(of: filter.column), filter.column))
      }
    }
    // Sorted, so that the same question is the same SQL.
    for (list, filters) in groups.sorted(by: { $0.key.field < $1.key.field }) {
      condition += " AND " + (try item(of: list, filters))
    }
  }

  /// Binds the values of the filters.
  func bind(_ statement: Statement) {
    for (index, value) in values.enumerated() {
      switch value {
      case .integer(let integer): statement.bind(Int32(index + 3), integer)
      case .number(let number): statement.bind(Int32(index + 3), number)
      }
    }
  }

  // MARK: Names

  private func field(_ place: ResolvedQuestion.Column.Place, _ index: Int) -> Field {
    place == .context ? catalog.context[index] : event.properties[index]
  }

  private func items(of list: List) -> StoredTable? {
    schema.table(
      event: list.place == .context ? nil : event.name, list: field(list.place, list.field).name,
      kind: list.isRecords ? .records : .list)
  }

  private func owner(of list: List) -> String { list.place == .context ? "e._context" : "e._key" }

  /// A column as SQL, of the item `x` when it lies in a list.
  private func name(of column: ResolvedQuestion.Column) -> String {
    let declared = field(column.place, column.field)
    let type = StoredType(column.type)
    if let list = column.list {
      return stored(items(of: list)?.column(Self.member(column, of: declared), type: type), "x")
    }
    if column.place == .property { return stored(table.column(declared.name, type: type), "e") }
    if declared.standsBesideEvent {
      return stored(table.column(declared.name, type: type, scope: .context), "e")
    }
    return stored(context?.column(declared.name, type: type), "c")
  }

  private static func member(_ column: ResolvedQuestion.Column, of field: Field) -> String {
    if let member = column.member, case .records(let fields, _) = field.type { return fields[member].name }
    return "value"
  }

  private func stored(_ column: StoredColumn?, _ alias: String) -> String {
    column.map { "\(alias).\(quoted($0.name))" } ?? "NULL"
  }

  // MARK: Conditions

  private mutating func element(_ filter: ResolvedQuestion.Condition) throws -> String {
    guard let list = filter.column.list, let items = items(of: list) else { return nothing() }
    var test = filter.test
    var negation = ""
    if case .notEquals(let text) = test {
      test = .equals(text)
      negation = "NOT "
    }
    let condition = try self.test(test, on: name(of: filter.column), filter.column)
    return "\(negation)EXISTS (SELECT 1 FROM \(quoted(items.name)) AS x "
      + "WHERE x._key = \(owner(of: list)) AND \(condition))"
  }

  private mutating func item(of list: List, _ filters: [ResolvedQuestion.Condition]) throws -> String {
    guard let items = items(of: list) else { return nothing() }
    var conditions = "x._key = \(owner(of: list))"
    for filter in filters {
      conditions += " AND " + (try test(filter.test, on: name(of: filter.column), filter.column))
    }
    return "EXISTS (SELECT 1 FROM \(quoted(items.name)) AS x WHERE \(conditions))"
  }

  private mutating func test(
    _ test: Filter.Condition, on column: String, _ declared: ResolvedQuestion.Column
  ) throws -> String {
    switch test {
    case .equals(let text):
      guard let value = try value(text, as: declared) else { return nothing() }
      return "\(column) = \(parameter(value))"
    case .notEquals(let text):
      guard let value = try value(text, as: declared) else { return "1" }
      return "\(column) IS NOT \(parameter(value))"
    case .oneOf(let texts):
      let parameters = try texts.compactMap { try value($0, as: declared) }.map { parameter($0) }
      if parameters.isEmpty { return nothing() }
      return "\(column) IN (\(parameters.joined(separator: ", ")))"
    case .version(let comparison, let limit):
      var codes: [String] = []
      while try allTexts.step() {
        if VersionOrder.holds(comparison, allTexts.text(1), limit) {
          codes.append(String(allTexts.column(0)))
        }
      }
      allTexts.reset()
      return "(\(column) IN (\(codes.joined(separator: ", "))) AND \(parameter(.integer(1))))"
    case .range(let low, let high):
      var parts = ["\(column) IS NOT NULL"]
      if let low { parts.append("\(column) >= \(parameter(.number(low)))") }
      if let high { parts.append("\(column) <= \(parameter(.number(high)))") }
      return "(\(parts.joined(separator: " AND ")))"
    }
  }

  /// A condition that never holds. A constant would let SQLite drop the index it was told to use, which it
  /// then reports as an error.
  private mutating func nothing() -> String { parameter(.integer(0)) }

  private mutating func parameter(_ value: Value) -> String {
    values.append(value)
    return "?\(values.count + 2)"
  }

  /// Reads a filter's text as a value of the field; `nil`: no stored value can be equal to it.
  private func value(_ text: String, as column: ResolvedQuestion.Column) throws -> Value? {
    switch column.type {
    case .boolean: return text == "true" ? .integer(1) : text == "false" ? .integer(0) : nil
    case .integer: return (Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }).map(Value.integer)
    case .number: return Double(text).flatMap { $0.isNaN ? nil : .number($0) }
    case .text, .version:
      findText.bind(1, text)
      return try findText.integer().map(Value.integer)
    case .list, .records: return nil
    }
  }
}

import AvowStore
import AvowWire
import GRDB

/// Which columns of segments one source of a question reads, and what it tests them for.
struct ScanPlan {
  struct Column {
    let stream: Int
    let type: StoredType
    /// The list, among `lists`, whose items the values are.
    let list: Int?
  }

  enum Filter {
    case scalar(stream: Int, ValueTest)
    /// One element, or none, of a list of single values.
    case element(list: Int, stream: Int, ValueTest, isNone: Bool)
    /// One record for which all tests hold.
    case record(list: Int, [(stream: Int, test: ValueTest)])
  }

  /// A list that filters or groups look into.
  struct List {
    let identity: ResolvedQuestion.Column.List
    /// The stream of how many items each row has.
    let counts: Int
  }

  let event: String
  /// The streams of the rows themselves.
  let users, times, ephemeral, receipts: Int
  /// How many events a row stands for; `nil`: one.
  let weights: Int?
  private(set) var lists: [List] = []
  private(set) var keys: [Column] = []
  private(set) var number: Column?
  private(set) var filters: [Filter] = []
  /// The tests that choose the items of lists which keys or the number reach, by list.
  private(set) var itemTests: [Int: [(stream: Int, test: ValueTest)]] = [:]
  /// The lists that keys or the number reach, in the order of their naming.
  private(set) var reached: [Int] = []

  private let names: Names

  /// Finds columns by name.
  struct Names {
    let schema: AppSchema
    let streams: StreamNames
    let texts: Texts
    /// The event's table; the context's for the day's users.
    let table: StoredTable
    let catalog: Catalog
    let event: EventDeclaration

    func stream(_ column: String) -> Int {
      streams.number(of: StreamKey(app: schema.number, table: table.name, column: column))
    }

    func field(_ column: ResolvedQuestion.Column) -> Field {
      column.place == .context ? catalog.context[column.field] : event.properties[column.field]
    }

    /// The stream of a field of a type; one without rows when the field has no column of that type.
    func stream(_ column: ResolvedQuestion.Column) -> Int {
      let field = field(column)
      let type = StoredType(column.type)
      if let list = column.list {
        let items = schema.table(
          event: list.place == .context ? nil : event.name, list: field.name,
          kind: list.isRecords ? .records : .list)
        var name = "value"
        if let member = column.member, case .records(let fields, _) = field.type {
          name = fields[member].name
        }
        // Without a column there is still a list, whose items lack it.
        return stream(StreamKey.item(items?.name ?? "", items?.column(name, type: type)?.name ?? ""))
      }
      if column.place == .property {
        return stream(table.column(field.name, type: type)?.name ?? ":nothing")
      }
      if field.standsBesideEvent {
        return stream(
          table.column(field.name, type: type, scope: .context).map { StreamKey.context($0.name) }
            ?? ":nothing")
      }
      let stored = schema.table(event: nil)?.column(field.name, type: type)
      return stream(stored.map { StreamKey.context($0.name) } ?? ":nothing")
    }

    func counts(of list: ResolvedQuestion.Column.List) -> Int {
      let type: StoredType = list.isRecords ? .records : .list
      if list.place == .property {
        return stream(table.column(event.properties[list.field].name, type: type)?.name ?? ":nothing")
      }
      let stored = schema.table(event: nil)?.column(catalog.context[list.field].name, type: type)
      return stream(stored.map { StreamKey.context($0.name) } ?? ":nothing")
    }
  }

  /// - Parameter isWeighted: The table is the context's, whose rows stand for several events.
  init(_ source: ResolvedQuestion.Source, names: Names, isWeighted: Bool) throws {
    self.names = names
    event = names.event.name
    users = names.stream(StreamKey.user)
    times = names.stream(StreamKey.time)
    ephemeral = names.stream(StreamKey.ephemeral)
    receipts = names.stream(StreamKey.receipt)
    weights = isWeighted ? names.stream(StreamKey.weight) : nil
    keys = source.keys.map { column($0) }
    number = source.number.map { column($0) }
    reached = Array(lists.indices)
    var records: [Int: [(stream: Int, test: ValueTest)]] = [:]
    for filter in source.filters {
      let test = try ValueTest(
        filter.test, type: filter.column.type, texts: names.texts,
        isElement: filter.column.list?.isRecords == false)
      let column = column(filter.column)
      if let list = column.list, filter.column.list?.isRecords == true {
        records[list, default: []].append((column.stream, test))
      } else if let list = column.list {
        var isNone = false
        if case .notEquals = filter.test { isNone = true }
        filters.append(.element(list: list, stream: column.stream, test, isNone: isNone))
      } else {
        filters.append(.scalar(stream: column.stream, test))
      }
    }
    for (list, tests) in records {
      filters.append(.record(list: list, tests))
      if reached.contains(list) { itemTests[list] = tests }
    }
    // The cheap ones first.
    filters.sort { Self.cost($0) < Self.cost($1) }
  }

  private static func cost(_ filter: Filter) -> Int { if case .scalar = filter { 0 } else { 1 } }

  private mutating func column(_ column: ResolvedQuestion.Column) -> Column {
    var list: Int?
    if let identity = column.list {
      list = lists.firstIndex { $0.identity == identity }
      if list == nil {
        lists.append(List(identity: identity, counts: names.counts(of: identity)))
        list = lists.count - 1
      }
    }
    return Column(stream: names.stream(column), type: StoredType(column.type), list: list)
  }
}

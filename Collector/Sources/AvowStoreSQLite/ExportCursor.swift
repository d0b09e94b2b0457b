import AvowStore
import AvowWire
import GRDB

/// Where an export stands: walks over the time axis in windows that hold a bounded number of events.
struct ExportCursor: Sendable {
  /// A row's place in the order of the export.
  struct Place: Sendable, Comparable {
    var time: Int64
    var received: Int64
    var table: Int
    var key: Int64

    static func < (left: Self, right: Self) -> Bool {
      (left.time, left.received, left.table, left.key) < (right.time, right.received, right.table, right.key)
    }
  }

  let schema: AppSchema
  private let tables: [Int]
  private let user: UInt32?
  private let filter: ResolvedQuestion?
  /// The first moment not yet looked at.
  private var position: Int64
  private let end: Int64
  private var width: Int64 = 3_600_000
  /// The last place handed out, when a window was too full for one step.
  private var last: Place?

  /// More places than this are not held at once, but for events of one millisecond.
  private static let most = 8192
  private static let widest: Int64 = 64 * 86_400_000

  init(
    _ request: ExportRequest, user: UInt32?, filter: ResolvedQuestion?, zone: ReportingZone,
    _ schema: AppSchema, _ db: Database
  ) throws {
    self.schema = schema
    self.user = user
    self.filter = filter
    let filtered = filter.map { filter in
      Set(filter.sources.map { filter.catalog.events[$0.event].name })
    }
    tables = schema.tables.indices.filter { index in
      let table = schema.tables[index]
      guard table.kind == .row, let event = table.event else { return false }
      guard request.event == nil || request.event == event else { return false }
      return filtered?.contains(event) ?? true
    }
    var low = Int64.max
    var high = Int64.min
    for index in tables {
      let scan = RowScan(table: schema.tables[index].name)
      guard let span = try scan.span(db) else { continue }
      low = min(low, span.lowerBound)
      high = max(high, span.upperBound)
    }
    if let interval = request.interval {
      low = max(low, zone.start(of: interval.first).milliseconds)
      high = min(high, zone.start(of: interval.last + 1).milliseconds - 1)
    }
    position = low
    end = high
  }

  var isAtEnd: Bool { position > end }

  /// Returns the next rows in order; there may be none although more come later.
  mutating func advance(_ db: Database) throws -> [Place] {
    let until = min(end, position + width - 1)
    var places: [Place] = []
    var isFull = false
    for index in tables {
      let condition = user.map { " AND e._user = \($0)" } ?? ""
      let sql = try conditions(on: schema.tables[index], db)
      let scan = RowScan(
        table: schema.tables[index].name, columns: "e._received", joins: sql?.joins ?? "",
        condition: condition + (sql?.condition ?? ""), bind: { sql?.bind($0) })
      try scan.run(db, from: position, through: until) { row in
        let place = Place(
          time: row.time, received: RowKey.time(of: row.key) + row.statement.column(2), table: index,
          key: row.key)
        if let last, place <= last { return }
        places.append(place)
        if places.count >= Self.most * 4 {
          // Too many for one step: the later ones come again.
          places.sort()
          places.removeSubrange(Self.most...)
          isFull = true
        }
      }
    }
    places.sort()
    if isFull || places.count > Self.most {
      if places.count > Self.most { places.removeSubrange(Self.most...) }
      width = max(1, width / 2)
      last = places.last
      position = places.last?.time ?? position
    } else {
      if places.count < Self.most / 8 { width = min(Self.widest, width * 2) }
      last = nil
      position = until + 1
    }
    return places
  }

  private func conditions(on table: StoredTable, _ db: Database) throws -> FilterSQL? {
    guard let filter else { return nil }
    let source = filter.sources.first { filter.catalog.events[$0.event].name == table.event }
    return try source.map { try FilterSQL(filter, $0, table, schema, db) }
  }
}

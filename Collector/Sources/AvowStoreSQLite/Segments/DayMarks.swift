import AvowWire
import GRDB

/// When each day of each app last changed, in `main.db`, written in the transaction that changed it.
///
/// The index keeps the mark of the state it encoded; another mark means that the day must be read from its
/// rows. A mark only grows, and is at least the time of its writing: a file that was restored from a backup
/// never comes to a mark that another past had.
struct DayMark: Sendable, Hashable {
  var day: Int
  var mark: Int64
  /// About how many rows the day has.
  var rows: Int

  /// The days an app has rows in, ascending.
  static func all(of app: Int64, _ db: Database) throws -> [DayMark] {
    let statement = try Statement(
      connection(db), "SELECT day, mark, rows FROM days WHERE app = ?1 AND rows > 0 ORDER BY day")
    statement.bind(1, app)
    var marks: [DayMark] = []
    while try statement.step() {
      marks.append(
        DayMark(day: Int(statement.column(0)), mark: statement.column(1), rows: Int(statement.column(2))))
    }
    return marks
  }

  /// Says that every day of an app has to be encoded again: its rows mean something else than before.
  static func changeAll(of app: Int64, now: Timestamp, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE days SET mark = max(mark + 1, ?) WHERE app = ?", arguments: [now.milliseconds, app])
  }
}

/// Counts the changes of one transaction and writes them. Belongs to the writer's thread.
final class MarkWriter {
  private struct Place: Hashable {
    var app: Int64
    var day: Int
  }

  private let upsert: Statement
  private var changes: [Place: Int] = [:]

  init(_ connection: OpaquePointer) throws {
    upsert = try Statement(
      connection,
      """
      INSERT INTO days (app, day, mark, rows) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (app, day) DO UPDATE SET mark = max(mark + 1, excluded.mark), rows = rows + excluded.rows
      """)
  }

  /// Notes that so many rows came (or went, when negative, or changed, when none).
  func note(app: Int64, day: Int, rows: Int = 1) { changes[Place(app: app, day: day), default: 0] += rows }

  /// Writes what was noted. Inside the transaction.
  func write(now: Timestamp) throws {
    for (place, rows) in changes {
      upsert.bind(1, place.app)
      upsert.bind(2, Int64(place.day))
      upsert.bind(3, now.milliseconds)
      upsert.bind(4, Int64(rows))
      try upsert.run()
    }
    changes.removeAll(keepingCapacity: true)
  }

  /// Forgets what was noted in a transaction that was undone.
  func rollBack() { changes = [:] }
}

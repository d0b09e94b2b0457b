import AvowStore
import GRDB

/// Hands out the columns of one day after the other, from the index or from an image.
///
/// Belongs to one question.
final class DayReader {
  private let find: Statement
  private let findAny: Statement
  /// By stream: whether the index holds anything of it.
  private var held: [Int: Bool] = [:]
  private let app: Int64
  private let indexDB: Database
  private(set) var day = 0
  private var image = DayImage()
  private var isIndexed = false

  init(app: Int64, index db: Database) throws {
    self.app = app
    indexDB = db
    find = try Statement(connection(db), "SELECT b FROM segments WHERE k = ?1")
    findAny = try Statement(
      connection(db), "SELECT 1 FROM segments WHERE k BETWEEN ?1 AND ?2 LIMIT 1")
  }

  /// Damage of the index, with the day it was found in.
  struct DamagedDay: Error { let day: Int }

  /// Goes to a day whose image is at hand.
  func open(_ day: Int, image: DayImage) {
    self.day = day
    self.image = image
    isIndexed = false
  }

  /// Goes to a day of the index.
  func open(_ day: Int, summary: DayImage) {
    self.day = day
    image = summary
    isIndexed = true
  }

  var parts: Int { image.parts }

  /// How many rows a table has in a part of the day.
  func rows(_ table: Int, part: Int) -> Int {
    guard let rows = image.tables[table]?.rows, part < rows.count else { return 0 }
    return Int(rows[part])
  }

  /// How many rows all tables but one have in a part of the day.
  func rows(besides table: Int, part: Int) -> Int {
    var sum = 0
    for (stream, other) in image.tables where stream != table && part < other.rows.count {
      sum += Int(other.rows[part])
    }
    return sum
  }

  /// Whether there may be anything of a column that few apps have: saves looking for it in each day.
  func has(_ stream: Int) throws -> Bool {
    if !isIndexed { return true }
    if let held = held[stream] { return held }
    findAny.bind(1, IndexFile.key(stream: stream, day: 0, part: 0))
    findAny.bind(2, IndexFile.key(stream: stream + 1, day: 0, part: 0) - 1)
    let isHeld = try findAny.integer() != nil
    held[stream] = isHeld
    return isHeld
  }

  /// Reads a column; when there is none, its `count` values are absent. `nil`: as many as there are.
  func read(_ stream: Int, part: Int, count: Int?, into decoder: ColumnDecoder) throws {
    do {
      if isIndexed {
        find.bind(1, IndexFile.key(stream: stream, day: day, part: part))
        defer { find.reset() }
        if try find.step() {
          try decoder.decode(find.blob(0))
        } else {
          decoder.setAbsent(count: count ?? 0)
        }
      } else if let blob = image.blobs[DayImage.BlobKey(stream: stream, part: part)] {
        try blob.withUnsafeBytes { try decoder.decode($0) }
      } else {
        decoder.setAbsent(count: count ?? 0)
      }
    } catch is PackedColumn.Damage {
      throw DamagedDay(day: day)
    }
    if let count, decoder.count != count { throw DamagedDay(day: day) }
  }
}

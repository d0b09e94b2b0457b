import AvowStore
import AvowWire
import GRDB

/// Takes the selected rows of a question, block by block.
protocol Tallying: AnyObject {
  /// - Parameter day: The day of the catalog's zone that the rows lie in; it never falls.
  func take(_ block: Block, day: Int) throws
}

/// Walks over all days of a question in order. Lives in one read of `main.db` and one of `index.db`.
final class Scan {
  let reach: DayInterval
  let zone: ReportingZone
  let blocks: [Block]
  private let days: [Day]
  private let reader: DayReader

  /// A UTC day that has rows, and where they are found.
  struct Day {
    var day: Int
    /// `nil`: the index holds it as it is now.
    var image: DayImage?
    var summary: DayImage?
  }

  /// - Parameter reach: The days that are wanted.
  init(
    _ reach: DayInterval, plans: [ScanPlan], zone: ReportingZone, days: [Day], reader: DayReader
  ) {
    self.reach = reach
    self.zone = zone
    self.days = days
    self.reader = reader
    blocks = plans.enumerated().map { Block($1, source: $0, reader: reader) }
  }

  /// Gives every block to `tally`, the days ascending.
  func run(_ tally: any Tallying) throws {
    for day in days { try run(tally, on: day) }
  }

  /// Gives every block of one day to `tally`.
  func run(_ tally: any Tallying, on day: Day) throws {
    open(day)
    let isAlone = zone.isUTC && blocks.count == 1 && reader.parts == 1
    for piece in pieces(of: day.day) {
      for block in blocks {
        block.isAlone = isAlone
        for part in 0..<reader.parts where try block.load(part: part, span: piece.span) {
          try tally.take(block, day: piece.day)
        }
      }
    }
  }

  /// Calls `body` for each part of each UTC day with all blocks loaded; which of them have rows is said by
  /// `selectedCount`.
  func runTogether(_ body: ([Block], _ dayStart: Int64) throws -> Void) throws {
    for day in days {
      open(day)
      let pieces = pieces(of: day.day)
      guard let first = pieces.first, let last = pieces.last else { continue }
      let span: Range<Int64>? =
        first.span == nil
        ? nil : (first.span?.lowerBound ?? 0)..<(last.span?.upperBound ?? 86_400_000)
      for part in 0..<reader.parts {
        var some = false
        for block in blocks where try block.load(part: part, span: span) { some = true }
        if some { try body(blocks, Timestamp(day: day.day).milliseconds) }
      }
    }
  }

  private func open(_ day: Day) {
    if let image = day.image {
      reader.open(day.day, image: image)
    } else {
      reader.open(day.day, summary: day.summary ?? DayImage())
    }
  }

  /// The days of the zone that a UTC day's moments belong to, as far as the question reaches.
  private func pieces(of day: Int) -> [(day: Int, span: Range<Int64>?)] {
    if zone.isUTC { return day >= reach.first && day <= reach.last ? [(day, nil)] : [] }
    let start = Timestamp(day: day).milliseconds
    return (day - 1...day + 1).compactMap { local in
      guard local >= reach.first, local <= reach.last else { return nil }
      let first = max(0, zone.start(of: local).milliseconds - start)
      let end = min(86_400_000, zone.start(of: local + 1).milliseconds - start)
      return first < end ? (local, first..<end) : nil
    }
  }
}

extension ReportingZone {
  /// The UTC days that hold the moments of an interval's days.
  func days(of interval: DayInterval, among days: ClosedRange<Int>) -> ClosedRange<Int>? {
    // Far from all data a zone's history is not asked.
    let first = max(interval.first, days.lowerBound - 2)
    let last = min(interval.last, days.upperBound + 2)
    guard first <= last else { return nil }
    return start(of: first).day...Timestamp(milliseconds: start(of: last + 1).milliseconds - 1).day
  }
}

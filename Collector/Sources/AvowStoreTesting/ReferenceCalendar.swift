import AvowStore
import AvowWire
import Foundation

/// Days, weeks and months by Foundation's calendar: another way than the one stores take.
struct ReferenceCalendar {
  private let zone: TimeZone?
  private var calendar = Calendar(identifier: .iso8601)

  init(zone name: String?) {
    zone = name.flatMap { TimeZone(identifier: $0) }
    calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .gmt
  }

  func day(of time: Timestamp) -> Int {
    var local = time
    if let zone {
      let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
      local.milliseconds += Int64(zone.secondsFromGMT(for: date)) * 1000
    }
    return local.day
  }

  /// The first day of the period that a day lies in.
  func start(of day: Int, _ period: Question.Period, in interval: DayInterval) -> Int {
    let date = Date(timeIntervalSince1970: Double(day) * 86_400)
    let unit: Calendar.Component
    switch period {
    case .day: return day
    case .total: return interval.first
    case .week: unit = .weekOfYear
    case .month: unit = .month
    }
    let start = calendar.dateInterval(of: unit, for: date)?.start ?? date
    return Int((start.timeIntervalSince1970 / 86_400).rounded(.down))
  }
}

import AvowStore
import AvowWire

/// Writes days as people read them.
enum DateText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// `21 Nov`.
  static func short(_ day: Int) -> String {
    let date = CivilDate(dayNumber: day)
    return "\(date.day) \(months[date.month - 1])"
  }

  /// `21 Nov 2026`.
  static func long(_ day: Int) -> String { "\(short(day)) \(CivilDate(dayNumber: day).year)" }

  /// `Sat 21 Nov 2026`.
  static func full(_ day: Int) -> String { "\(weekdays[((day + 3) % 7 + 7) % 7]) \(long(day))" }

  /// `25 Oct to 21 Nov 2026`, with both years only when they differ.
  static func interval(_ interval: DayInterval) -> String {
    if interval.first == interval.last { return long(interval.first) }
    let sameYear =
      CivilDate(dayNumber: interval.first).year == CivilDate(dayNumber: interval.last).year
    return "\(sameYear ? short(interval.first) : long(interval.first)) to \(long(interval.last))"
  }

  /// The name of the period that begins on `day`: a day, `week of 16 Nov 2026`, `Nov 2026`.
  static func period(_ day: Int, _ period: Question.Period) -> String {
    switch period {
    case .day: return full(day)
    case .week: return "week of \(long(day))"
    case .month:
      let date = CivilDate(dayNumber: day)
      return "\(months[date.month - 1]) \(date.year)"
    case .total: return "the whole interval"
    }
  }

  /// A short mark for an axis.
  static func tick(_ day: Int, _ period: Question.Period, withYear: Bool) -> String {
    let date = CivilDate(dayNumber: day)
    let name = months[date.month - 1]
    return switch (period, withYear) {
    case (.month, true): "\(name) \(date.year)"
    case (.month, false): name
    case (_, true): "\(date.day) \(name) ’\(String(date.year).suffix(2))"
    case (_, false): short(day)
    }
  }

  /// `2026-11-21 07:20`, UTC.
  static func moment(_ time: Timestamp) -> String {
    let text = time.description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
  }
}

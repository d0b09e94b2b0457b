/// Milliseconds since 1970-01-01T00:00:00Z, the one form of time on the wire and in the store.
public struct Timestamp: Sendable, Hashable, Comparable {
  public var milliseconds: Int64

  /// Creates a time from milliseconds since the epoch.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Creates the first moment of a UTC day, counted from 1970-01-01.
  public init(day: Int) { self.init(milliseconds: Int64(day) * 86_400_000) }

  /// The UTC day this moment lies in, counted from 1970-01-01.
  public var day: Int {
    Int(
      milliseconds >= 0 ? milliseconds / 86_400_000 : -((-milliseconds + 86_399_999) / 86_400_000))
  }

  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
}

/// A date of the proleptic Gregorian calendar.
public struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var year: Int
  public var month: Int
  public var day: Int

  /// Creates a date from its parts; they are not checked.
  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Creates the date of a day counted from 1970-01-01.
  ///
  /// After H. Hinnant, "chrono-compatible low-level date algorithms": years start in March, so that
  /// the leap day is a year's last.
  public init(dayNumber: Int) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Reads `YYYY-MM-DD`; `nil` for anything that is no date.
  @inlinable
  public init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8)) }

  /// Reads `YYYY-MM-DD`; `nil` for anything that is no date.
  public init?(utf8: [UInt8]) {
    guard utf8.count == 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-") else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in utf8[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      (1...12).contains(month), day >= 1
    else { return nil }
    self.init(year: year, month: month, day: day)
    guard CivilDate(dayNumber: dayNumber) == self else { return nil }
  }

  /// Days since 1970-01-01.
  public var dayNumber: Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// `YYYY-MM-DD`.
  public var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

  public static func < (left: Self, right: Self) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-21T07:20:43.123Z`.
  public var description: String {
    let inDay = milliseconds - Int64(day) * 86_400_000
    let seconds = inDay / 1000
    return
      "\(CivilDate(dayNumber: day))T\(padded(Int(seconds / 3600), 2)):\(padded(Int(seconds / 60 % 60), 2)):\(padded(Int(seconds % 60), 2)).\(padded(Int(inDay % 1000), 3))Z"
  }

  /// Reads ISO 8601 / RFC 3339: a date, `T` or a space, a time, a fraction of any length, and `Z`, an offset
  /// or nothing (read as UTC). `nil` for anything else.
  @inlinable
  public init?(iso8601 text: some StringProtocol) { self.init(iso8601: Array(text.utf8)) }

  /// Reads ISO 8601 / RFC 3339 in UTF-8, as from text.
  public init?(iso8601 utf8: [UInt8]) {
    guard utf8.count >= 10, let date = CivilDate(utf8: Array(utf8[0..<10])) else { return nil }
    var total = Int64(date.dayNumber) * 86_400_000
    if utf8.count > 10 {
      guard utf8[10] == UInt8(ascii: "T") || utf8[10] == UInt8(ascii: "t") || utf8[10] == 0x20
      else { return nil }
      var position = 11
      func number(_ width: Int) -> Int64? {
        guard position + width <= utf8.count else { return nil }
        var value: Int64 = 0
        for byte in utf8[position..<position + width] {
          guard byte >= 48, byte <= 57 else { return nil }
          value = value * 10 + Int64(byte - 48)
        }
        position += width
        return value
      }
      func skip(_ byte: UInt8) -> Bool {
        guard position < utf8.count, utf8[position] == byte else { return false }
        position += 1
        return true
      }
      guard let hour = number(2), hour < 24, skip(UInt8(ascii: ":")), let minute = number(2),
        minute < 60
      else { return nil }
      var second: Int64 = 0
      var millisecond: Int64 = 0
      if skip(UInt8(ascii: ":")) {
        guard let value = number(2), value <= 60 else { return nil }
        second = value
        if skip(UInt8(ascii: ".")) || skip(UInt8(ascii: ",")) {
          var scale: Int64 = 100
          var digits = 0
          while position < utf8.count, utf8[position] >= 48, utf8[position] <= 57 {
            millisecond += Int64(utf8[position] - 48) * scale
            scale /= 10
            digits += 1
            position += 1
          }
          guard digits > 0 else { return nil }
        }
      }
      total += ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
      if position < utf8.count {
        let sign = utf8[position]
        position += 1
        switch sign {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
          guard let hours = number(2) else { return nil }
          _ = skip(UInt8(ascii: ":"))
          let minutes = position < utf8.count ? number(2) : 0
          guard let minutes else { return nil }
          let offset = (hours * 60 + minutes) * 60_000
          total += sign == UInt8(ascii: "+") ? -offset : offset
        default: return nil
        }
        guard position == utf8.count else { return nil }
      }
    }
    self.init(milliseconds: total)
  }
}

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The header `Retry-After`: seconds, or a date of HTTP (RFC 9110, sections 5.6.7 and 10.2.3).
enum RetryAfter {
  /// Returns the pause a server asks for, at most a day; `nil` for what is neither.
  ///
  /// - Parameters:
  ///   - date: The answer's own `Date`: the server's clock, by which its date is meant, may differ from ours.
  ///   - now: Our clock, for an answer without.
  static func parse(_ text: some StringProtocol, date: (some StringProtocol)?, now: Timestamp) -> Duration? {
    let text = trimmed(text)
    if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
      return .seconds(min(Int(text) ?? 86_400, 86_400))
    }
    guard let until = httpDate(text) else { return nil }
    let from = date.flatMap { httpDate(trimmed($0)) } ?? now
    return .milliseconds(max(0, min(until.milliseconds - from.milliseconds, 86_400_000)))
  }

  /// Reads the preferred form (`Sun, 06 Nov 1994 08:49:37 GMT`) and the two old ones.
  static func httpDate(_ text: some StringProtocol) -> Timestamp? {
    let words = String(text).split { " ,-".contains($0) }.map { String($0) }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day: Int?
    let month: Int?
    var year: Int?
    let time: String
    if words.count == 6, words[5] == "GMT" {
      (day, month, year, time) = (Int(words[1]), months.firstIndex(of: words[2]), Int(words[3]), words[4])
    } else if words.count == 5 {
      // asctime: Sun Nov  6 08:49:37 1994
      (day, month, year, time) = (Int(words[2]), months.firstIndex(of: words[1]), Int(words[4]), words[3])
    } else {
      return nil
    }
    // RFC 850 has two digits.
    if let short = year, short < 100 { year = short < 70 ? 2000 + short : 1900 + short }
    let clock = time.split(separator: ":").map { Int($0) }
    guard let day, let month, let year, (1...31).contains(day), (1900...9999).contains(year),
      clock.count == 3,
      let hour = clock[0], let minute = clock[1], let second = clock[2], (0..<24).contains(hour),
      (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    let number = CivilDate(year: year, month: month + 1, day: day).dayNumber
    return Timestamp(milliseconds: Int64(number * 86_400 + hour * 3600 + minute * 60 + second) * 1000)
  }

  private static func trimmed(_ text: some StringProtocol) -> Substring {
    var rest = Substring(text)
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest.drop { $0.isWhitespace }
  }
}

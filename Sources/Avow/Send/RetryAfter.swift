/// The header `Retry-After`: seconds, or a date of HTTP (RFC 9110, sections 5.6.7 and 10.2.3).
enum RetryAfter {
  /// Returns the pause a server asks for, at most a day; `nil` for what is neither.
  ///
  /// - Parameters:
  ///   - date: The answer's own `Date`: the server's clock, by which its date is meant, may differ from ours.
  ///   - now: Our clock, for an answer without.
  static func parse(_ text: String, date: String?, now: Timestamp) -> Duration? {
    let text = trimmed(text)
    if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
      return .seconds(min(PlainText.number(text) ?? 86_400, 86_400))
    }
    guard let until = httpDate(text) else { return nil }
    let from = date.flatMap { httpDate(trimmed($0)) } ?? now
    return .milliseconds(max(0, min(until.milliseconds - from.milliseconds, 86_400_000)))
  }

  /// Reads the preferred form (`Sun, 06 Nov 1994 08:49:37 GMT`) and the two old ones.
  static func httpDate(_ text: Substring) -> Timestamp? {
    let words = PlainText.words(text, between: " ,-")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    // asctime: Sun Nov  6 08:49:37 1994
    let isOld = words.count == 5
    guard isOld || words.count == 6 && words[5] == "GMT",
      let month = months.firstIndex(where: { $0 == words[isOld ? 1 : 2] }),
      let day = PlainText.number(words[isOld ? 2 : 1]), (1...31).contains(day),
      var year = PlainText.number(words[isOld ? 4 : 3])
    else { return nil }
    // RFC 850 has two digits.
    if year < 100 { year = year < 70 ? 2000 + year : 1900 + year }
    let clock = PlainText.words(words[isOld ? 3 : 4], between: ":").map { PlainText.number($0) }
    guard (1900...9999).contains(year), clock.count == 3,
      let hour = clock[0], let minute = clock[1], let second = clock[2], (0..<24).contains(hour),
      (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    let number = Int64(CivilDate(year: Int(year), month: month + 1, day: Int(day)).dayNumber)
    return Timestamp(milliseconds: (number * 86_400 + hour * 3600 + minute * 60 + second) * 1000)
  }

  private static func trimmed(_ text: String) -> Substring {
    var rest = text[...]
    while let last = rest.utf8.last, last <= 32 { rest.unicodeScalars.removeLast() }
    while let first = rest.utf8.first, first <= 32 { rest.unicodeScalars.removeFirst() }
    return rest
  }
}

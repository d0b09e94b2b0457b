/// The names a user has towards the collector: random, derived from a secret that never leaves the
/// machine, and unlinkable for everybody else.
///
/// A pseudonym is HMAC-SHA-256 of (rule, count of `forget`s, period) under the secret, so the machine can
/// list all it ever used, which is what `forget` needs.
struct Pseudonyms: Equatable {
  var secret: [UInt8]
  /// How often the user had his data erased; each time a new series begins.
  var series: Int
  /// When the secret was drawn.
  var created: Timestamp

  static let fileName = "identity"

  /// Draws a secret.
  init(created: Timestamp) {
    secret = Randomness.bytes(32)
    series = 0
    self.created = created
  }

  /// Reads `SECRET SERIES CREATED`; `nil` for anything else.
  init?(parsing bytes: [UInt8]) {
    let words = stateWords(bytes)
    guard words.count == 3, let secret = Identifier128.pair(words[0]),
      let series = PlainText.number(words[1][...]).map({ Int($0) }),
      let created = PlainText.number(words[2][...])
    else { return nil }
    self.secret = secret
    self.series = series
    self.created = Timestamp(milliseconds: created)
  }

  var bytes: [UInt8] { Array("\(hexadecimal(secret)) \(series) \(created.milliseconds)\n".utf8) }

  /// Returns the pseudonym that stands for the user at `time`.
  func user(_ rotation: Catalog.Identity.Rotation, at time: Timestamp) -> Identifier128 {
    pseudonym(series: series, period: Self.period(rotation, of: time))
  }

  /// Returns all pseudonyms used from the beginning to `time`, oldest first.
  func all(_ rotation: Catalog.Identity.Rotation, until time: Timestamp) -> [Identifier128] {
    // A clock that was wrong for a while must not make this list endless.
    let last = max(time.day, created.day)
    let first = max(created.day, last - 366 * 10)
    var periods: [String] = []
    for day in first...last {
      let period = Self.period(rotation, of: Timestamp(day: day))
      if periods.last != period { periods.append(period) }
    }
    return (0...max(0, series)).flatMap { series in periods.map { pseudonym(series: series, period: $0) } }
  }

  /// The period a moment lies in, in UTC; weeks are those of ISO 8601, named by their Monday.
  static func period(_ rotation: Catalog.Identity.Rotation, of time: Timestamp) -> String {
    let date = CivilDate(dayNumber: time.day)
    switch rotation {
    case .never: return ""
    case .year: return String(date.year)
    case .month: return "\(date.year)-\(date.month)"
    case .week:
      // Day 0 was a Thursday.
      let weekday = ((time.day + 3) % 7 + 7) % 7
      return "w" + String(time.day - weekday)
    case .day: return "d" + String(time.day)
    }
  }

  private func pseudonym(series: Int, period: String) -> Identifier128 {
    Identifier128(bytes: SHA256.authenticate(Array("avow user \(series) \(period)".utf8), key: secret))
  }
}

/// The dimensions whose spellings are read: sizes and times.
enum Unit: Sendable, Hashable {
  /// A size, with how many bytes one of it is.
  case size(Double)
  /// A time, with how many seconds one of it is.
  case time(Double)

  /// A unit as a catalog declares it; `nil` for one that is a mere word, such as `reports`.
  init?(declared text: String) {
    guard let unit = Self.find(Array(text.utf8)) else { return nil }
    self = unit
  }

  /// Reads the letters after a number: `MB`, `GiB`, `ms`.
  static func find(_ letters: some Collection<UInt8>) -> Unit? {
    guard letters.count <= 12 else { return nil }
    switch String(decoding: letters, as: UTF8.self).lowercased() {
    case "b", "byte", "bytes": return .size(1)
    case "kb": return .size(1e3)
    case "mb": return .size(1e6)
    case "gb": return .size(1e9)
    case "tb": return .size(1e12)
    case "kib": return .size(1024)
    case "mib": return .size(1_048_576)
    case "gib": return .size(1_073_741_824)
    case "tib": return .size(1_099_511_627_776)
    case "ns": return .time(1e-9)
    case "us", "µs", "μs": return .time(1e-6)
    case "ms": return .time(1e-3)
    case "s", "sec", "secs", "second", "seconds": return .time(1)
    case "m", "min", "minutes": return .time(60)
    case "h", "hour", "hours": return .time(3600)
    case "d", "day", "days": return .time(86_400)
    default: return nil
    }
  }

  /// Returns a value given in `self` in the unit `target`; `nil` when one is a size and the other a time.
  func convert(_ value: Double, to target: Unit) -> Double? {
    switch (self, target) {
    case (.size(let from), .size(let to)), (.time(let from), .time(let to)):
      // Dividing by what is greater than 1 keeps decimal values exact more often than multiplying by a fraction.
      from == to ? value : from > to ? value * (from / to) : value / (to / from)
    default: nil
    }
  }
}

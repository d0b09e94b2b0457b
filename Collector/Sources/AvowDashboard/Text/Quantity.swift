/// Writes a number in its declared unit, in the size a person would use: `102 MB`, `30 ms`, `19 reports`.
struct Quantity: Sendable, Hashable {
  /// The unit as declared in the catalog; `nil` for a plain number.
  var unit: String?

  /// Creates a writer for a unit.
  init(unit: String?) { self.unit = unit }

  /// The number and its unit.
  func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    switch unit {
    case nil: return Decimal.count(value)
    case "bytes": return Self.scaled(value, [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")], "B")
    case "s": return Self.duration(value)
    case "ms": return Self.duration(value / 1e3)
    case "us": return Self.duration(value / 1e6)
    case "ns": return Self.duration(value / 1e9)
    case "%": return Decimal.significant(value, digits: 3) + "%"
    case let unit?: return "\(Decimal.count(value)) \(unit)"
    }
  }

  /// The same without a unit that the reader sees beside it anyway: for axes.
  func axis(_ value: Double) -> String {
    switch unit {
    case "bytes", "s", "ms", "us", "ns", "%": text(value)
    default: Decimal.compact(value)
    }
  }

  private static func duration(_ seconds: Double) -> String {
    let size = abs(seconds)
    if size == 0 { return "0 s" }
    if size >= 86_400 * 2 { return Decimal.significant(seconds / 86_400, digits: 3) + " d" }
    if size >= 7200 { return Decimal.significant(seconds / 3600, digits: 3) + " h" }
    if size >= 120 { return Decimal.significant(seconds / 60, digits: 3) + " min" }
    return scaled(seconds, [(1, "s"), (1e-3, "ms"), (1e-6, "µs")], "ns", least: 1e-9)
  }

  private static func scaled(
    _ value: Double, _ sizes: [(Double, String)], _ smallest: String, least: Double = 1
  ) -> String {
    // Rounding must not cross into the next size: 999.7 kB is 1 MB.
    for (size, name) in sizes where abs(value) >= size * 0.9995 {
      return "\(Decimal.significant(value / size, digits: 3)) \(name)"
    }
    return "\(Decimal.significant(value / least, digits: 3)) \(smallest)"
  }
}

/// Writes numbers without Foundation.
enum Decimal {
  /// `value` with exactly `places` digits after the point.
  static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "–" }
    var scale: Double = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return value.description }
    let digits = Int64(scaled)
    let sign = value < 0 && digits != 0 ? "-" : ""
    guard places > 0 else { return sign + String(digits) }
    let unit = Int64(scale)
    let fraction = String(digits % unit)
    return sign + String(digits / unit) + "." + String(repeating: "0", count: places - fraction.count)
      + fraction
  }

  /// `value` with at most `places` digits after the point, no trailing zeros.
  static func shortest(_ value: Double, places: Int) -> String {
    var text = fixed(value, places: places)
    guard places > 0, text.utf8.contains(UInt8(ascii: ".")) else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// `value` to `digits` significant digits, no trailing zeros, never in scientific form below 10^15.
  static func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
    var magnitude = 0
    var rest = abs(value)
    while rest >= 10, magnitude < 300 { rest /= 10; magnitude += 1 }
    while rest < 1, magnitude > -12 { rest *= 10; magnitude -= 1 }
    return shortest(value, places: min(12, max(0, digits - 1 - magnitude)))
  }

  /// A whole number with commas between thousands: `12,345`.
  static func grouped(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let digits = fixed(value, places: 0)
    let isNegative = digits.hasPrefix("-")
    var result = ""
    let plain = isNegative ? String(digits.dropFirst()) : digits
    guard plain.utf8.allSatisfy({ (48...57).contains($0) }) else { return digits }
    for (index, character) in plain.enumerated() {
      if index > 0, (plain.count - index) % 3 == 0 { result.append(",") }
      result.append(character)
    }
    return isNegative ? "-" + result : result
  }

  /// Whole numbers with commas, others to three significant digits.
  static func count(_ value: Double) -> String {
    value == value.rounded() || abs(value) >= 1000 ? grouped(value) : significant(value, digits: 3)
  }

  /// A short form for axes and tight places: `950`, `1.2k`, `35k`, `4.1M`.
  static func compact(_ value: Double) -> String {
    for (size, letter) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= size {
      return significant(value / size, digits: 3) + letter
    }
    return significant(value, digits: 3)
  }

  /// A share of a whole: `12.3%`, `<0.1%`.
  static func percent(_ part: Double, of whole: Double) -> String {
    guard whole > 0 else { return "–" }
    let share = part / whole * 100
    if share > 0, share < 0.1 { return "<0.1%" }
    return shortest(share, places: share < 99.95 && share >= 10 ? 0 : 1) + "%"
  }
}

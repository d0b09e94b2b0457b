/// Turns the digits of JSON numbers, and of texts that hold a number, into values.
enum NumberText {
  /// A whole number within 64 bits, also when written `3.0` or `3e2`; `nil` for anything else.
  static func integer(_ text: Bytes) -> Int64? {
    if let value = plainInteger(text) { return value }
    guard let value = double(text) else { return nil }
    // Beyond 2^53 a double no longer says which whole number was meant.
    guard abs(value) <= 9_007_199_254_740_992 else { return nil }
    return Int64(exactly: value)
  }

  /// Digits with an optional minus sign, and nothing else.
  @inline(__always)
  static func plainInteger(_ text: Bytes) -> Int64? {
    var index = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { index = 1 }
    guard index < text.count, text.count - index <= 19 else { return nil }
    var value: UInt64 = 0
    while index < text.count {
      let digit = text[index] &- 48
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      index += 1
    }
    if isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
    return Int64(exactly: value)
  }

  /// The nearest double; `nil` when the text is no number or beyond what a double holds.
  static func double(_ text: Bytes) -> Double? {
    guard !text.isEmpty else { return nil }
    var index = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative || text[0] == UInt8(ascii: "+") { index = 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var exponent = 0
    var sawDigit = false
    while index < text.count, text[index] &- 48 < 10 {
      sawDigit = true
      if mantissa != 0 || text[index] != 48 { digits += 1 }
      if digits <= 19 { mantissa = mantissa &* 10 &+ UInt64(text[index] &- 48) }
      index += 1
    }
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index += 1
      while index < text.count, text[index] &- 48 < 10 {
        sawDigit = true
        if mantissa != 0 || text[index] != 48 { digits += 1 }
        if digits <= 19 {
          mantissa = mantissa &* 10 &+ UInt64(text[index] &- 48)
          exponent -= 1
        }
        index += 1
      }
    }
    guard sawDigit else { return nil }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      var isDown = false
      if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
        isDown = text[index] == UInt8(ascii: "-")
        index += 1
      }
      guard index < text.count else { return nil }
      var written = 0
      while index < text.count, text[index] &- 48 < 10 {
        written = min(written * 10 + Int(text[index] &- 48), 100_000)
        index += 1
      }
      exponent += isDown ? -written : written
    }
    guard index == text.count else { return nil }
    // Clinger's fast path: both factors are exact, so one rounding gives the nearest double.
    if digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      let value = exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
      return isNegative ? -value : value
    }
    guard text.count <= 1024, let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
  ]

  /// A number followed by a unit (`102.23 MB`, `30ms`), or a bare one (`unit` is `nil` then).
  static func quantity(_ text: Bytes) -> (value: Double, unit: Unit?)? {
    var end = text.count
    while end > 0, isUnitLetter(text[end - 1]) { end -= 1 }
    // `1e5` ends in a digit; a bare `e` cannot be a unit, so letters are never part of the number.
    var numberEnd = end
    while numberEnd > 0, text[numberEnd - 1] == 0x20 { numberEnd -= 1 }
    guard let value = double(Bytes(rebasing: text[..<numberEnd])) else { return nil }
    if end == text.count { return numberEnd == text.count ? (value, nil) : nil }
    guard let unit = Unit.find(text[end...]) else { return nil }
    return (value, unit)
  }

  private static func isUnitLetter(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte >= 0x80
  }
}

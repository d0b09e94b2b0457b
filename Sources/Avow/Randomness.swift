import CAvowShims

/// Random bits from the system's own source.
enum Randomness {
  static func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress { avow_random(base, count) }
      filled = count
    }
  }

  static func word() -> UInt64 {
    var word: UInt64 = 0
    avow_random(&word, 8)
    return word
  }

  static func identifier() -> Identifier128 {
    var words: (high: UInt64, low: UInt64) = (0, 0)
    avow_random(&words, 16)
    return Identifier128(high: words.high, low: words.low)
  }
}

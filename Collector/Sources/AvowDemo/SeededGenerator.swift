/// Random numbers that are the same for the same seed, on every machine (SplitMix64).
///
/// Every user, day and purpose gets a stream of its own, so that a day's traffic does not depend on
/// which other days were asked for before.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates the stream that belongs to `seed`.
  public init(seed: UInt64) { state = seed }

  /// Creates the stream that belongs to `seed` and everything named in `path`.
  public init(seed: UInt64, _ path: Int...) {
    var generator = SeededGenerator(seed: seed)
    for step in path {
      generator = SeededGenerator(seed: generator.next() ^ UInt64(bitPattern: Int64(step)))
    }
    // One more turn: neighbouring numbers in the path must not give neighbouring streams.
    self.init(seed: generator.next())
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// Returns a number in `0..<1`.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns `true` with this probability.
  public mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// Returns a number of the range, each as likely.
  public mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// Returns a number that is often near `typical` and now and then several times as much.
  public mutating func duration(around typical: Double) -> Double {
    let spread = unit() + unit() + unit() - 1.5
    let value = typical * (1 + spread * 0.6) * (chance(0.05) ? 3 : 1)
    return (value * 1e6).rounded() / 1e6
  }

  /// Returns one of the choices, by their weights. Precondition: there is one.
  public mutating func pick<Choice>(_ choices: [(Choice, weight: Int)]) -> Choice {
    precondition(!choices.isEmpty, "there must be something to pick from")
    var left = Int(next() % UInt64(choices.reduce(0) { $0 + $1.weight }))
    for (choice, weight) in choices {
      if left < weight { return choice }
      left -= weight
    }
    return choices[choices.count - 1].0
  }

  /// Returns a random UUID (version 4) as text.
  public mutating func uuid() -> String {
    var bytes = (0..<16).map { _ in UInt8(truncatingIfNeeded: next()) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return UUIDText.text(of: bytes)
  }
}

extension SeededGenerator {
  /// Returns the seed of the part of a simulation with this number.
  static func seed(_ seed: UInt64, _ part: Int) -> UInt64 {
    var generator = SeededGenerator(seed: seed, part)
    return generator.next()
  }
}

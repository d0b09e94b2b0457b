/// A version in the order people mean: `1.9` before `1.10`, `2.0rc1` before `2.0`.
///
/// Up to four numbers, missing ones are 0; then a pre-release: `dev`, `a` or `alpha`, `b` or `beta`, `c`,
/// `rc`, `pre` or `preview`, each with a number of its own, before the release; `post` after it. Any other
/// text after the numbers counts as a pre-release before `dev`. This covers what admission keeps of SemVer
/// and PEP 440.
public struct VersionOrder: Sendable, Hashable, Comparable {
  private var numbers: [UInt64] = []
  private var stage = 6
  private var stageNumber: UInt64 = 0

  /// Reads a version; `nil` when it does not begin with a number.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    var index = bytes.first.map { $0 | 0x20 == UInt8(ascii: "v") } == true ? 1 : 0
    func number() -> UInt64? {
      var value: UInt64?
      while index < bytes.count, bytes[index] &- 48 < 10 {
        value = (value ?? 0) &* 10 &+ UInt64(bytes[index] &- 48)
        index += 1
      }
      return value
    }
    guard let first = number() else { return nil }
    numbers = [first]
    while numbers.count < 4, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "."),
      bytes[index + 1] &- 48 < 10
    {
      index += 1
      numbers.append(number() ?? 0)
    }
    // 1.0 and 1 are the same version.
    while numbers.last == 0, numbers.count > 1 { numbers.removeLast() }
    func skipMarks() {
      while index < bytes.count, [45, 46, 95].contains(bytes[index]) { index += 1 }
    }
    skipMarks()
    guard index < bytes.count, bytes[index] != UInt8(ascii: "+") else { return }
    let start = index
    while index < bytes.count, (97...122).contains(bytes[index] | 0x20) { index += 1 }
    switch String(decoding: bytes[start..<index].map { $0 | 0x20 }, as: UTF8.self) {
    case "dev": stage = 2
    case "a", "alpha": stage = 3
    case "b", "beta": stage = 4
    case "c", "rc", "pre", "preview": stage = 5
    case "post": stage = 7
    default: stage = 1
    }
    skipMarks()
    stageNumber = number() ?? 0
  }

  public static func < (left: Self, right: Self) -> Bool {
    for index in 0..<max(left.numbers.count, right.numbers.count) {
      let one = index < left.numbers.count ? left.numbers[index] : 0
      let other = index < right.numbers.count ? right.numbers[index] : 0
      if one != other { return one < other }
    }
    return (left.stage, left.stageNumber) < (right.stage, right.stageNumber)
  }

  /// Whether `text` is on the asked side of `limit`; never when one of them is no version.
  public static func holds(_ comparison: Filter.VersionComparison, _ text: String, _ limit: String) -> Bool {
    guard let version = VersionOrder(text), let limit = VersionOrder(limit) else { return false }
    return switch comparison {
    case .atLeast: version >= limit
    case .atMost: version <= limit
    case .above: version > limit
    case .below: version < limit
    }
  }
}

/// Reduces a version to at most three numeric parts and a known pre-release.
///
/// The rest is cut: `6.1.119-acme-build7` becomes `6.1.119`; a fourth part would let an address through.
enum VersionText {
  /// Appends the reduced version to `bytes`; false, and nothing appended, when there is none.
  static func reduce(_ text: Bytes, parts: Int, into bytes: inout [UInt8]) -> Bool {
    guard let first = text.first else { return false }
    if first &- 48 < 10 { return reduce(text, from: 0, parts: parts, into: &bytes) }
    if first | 0x20 == UInt8(ascii: "v"), text.count > 1, text[1] &- 48 < 10 {
      return reduce(text, from: 1, parts: parts, into: &bytes)
    }
    return position(in: text).map { reduce(text, from: $0, parts: parts, into: &bytes) } ?? false
  }

  /// The numeric parts of a reduced version, and whether a pre-release follows them.
  static func parts(_ text: String) -> (numbers: [Int], isPreRelease: Bool) {
    var numbers: [Int] = []
    var rest = Substring(text)
    while let part = Int(rest.prefix { ("0"..."9").contains($0) }) {
      numbers.append(part)
      rest = rest.drop { ("0"..."9").contains($0) }
      guard numbers.count < 3, rest.first == "." else { break }
      rest = rest.dropFirst()
    }
    return (numbers, !rest.isEmpty)
  }

  /// Whether a reduced version is `bound` or a later one; a pre-release comes before its release.
  static func isAtLeast(_ text: String, _ bound: [Int]) -> Bool {
    let (numbers, isPreRelease) = parts(text)
    for index in 0..<max(numbers.count, bound.count) {
      let (own, other) = (index < numbers.count ? numbers[index] : 0, index < bound.count ? bound[index] : 0)
      if own != other { return own > other }
    }
    return !isPreRelease
  }

  /// Where a version stands in a build string such as `Darwin Kernel Version 21.6.0: Sat Jun 18 ...`: the first
  /// two or three numbers joined by dots. Four of them are rather an address.
  private static func position(in text: Bytes) -> Int? {
    guard text.count <= 512 else { return nil }
    var index = 0
    while index < text.count {
      guard text[index] &- 48 < 10, index == 0 || !Detector.isAlphanumeric(text[index - 1]) else {
        index += 1
        continue
      }
      let start = index
      var dots = 0
      while index < text.count {
        if text[index] == UInt8(ascii: "."), index + 1 < text.count, text[index + 1] &- 48 < 10 {
          dots += 1
        } else if text[index] &- 48 >= 10 {
          break
        }
        index += 1
      }
      if dots == 1 || dots == 2 { return start }
    }
    return nil
  }

  private static func reduce(_ text: Bytes, from start: Int, parts: Int, into bytes: inout [UInt8]) -> Bool {
    var index = start
    let first = bytes.count
    var count = 0
    while count < parts {
      var end = index
      while end < text.count, text[end] &- 48 < 10 { end += 1 }
      // Nine digits hold every version there is, dates too, but no MAC address and no clock.
      guard end > index, end - index <= 9 else {
        if count == 0 || end - index > 9 {
          bytes.removeLast(bytes.count - first)
          return false
        }
        break
      }
      if count > 0 { bytes.append(UInt8(ascii: ".")) }
      var start = index
      while start < end - 1, text[start] == 48 { start += 1 }
      bytes.append(contentsOf: text[start..<end])
      index = end
      count += 1
      guard count < parts, index + 1 < text.count, text[index] == UInt8(ascii: "."),
        text[index + 1] &- 48 < 10
      else { break }
      index += 1
    }
    if parts == 3 { appendPreRelease(text, from: index, into: &bytes) }
    return true
  }

  /// SemVer's `-rc.1`, PEP 440's `rc1`, `.dev3`, `a2`: the separator, the word and its number are kept.
  private static func appendPreRelease(_ text: Bytes, from start: Int, into bytes: inout [UInt8]) {
    var index = start
    guard index < text.count else { return }
    var separator: UInt8 = 0
    if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: ".")
      || text[index] == UInt8(ascii: "_")
    {
      separator = text[index]
      index += 1
    }
    let words: [StaticString] = ["alpha", "beta", "preview", "pre", "rc", "dev", "a", "b", "c"]
    for word in words where Detector.has(text, at: index, word) {
      var end = index + word.utf8CodeUnitCount
      var joint = -1
      if end + 1 < text.count, text[end] == 0x2E || text[end] == 0x2D, text[end + 1] &- 48 < 10 {
        joint = end
        end += 1
      }
      let digits = end
      while end < text.count, text[end] &- 48 < 10 { end += 1 }
      guard end - digits <= 8 else { return }
      // What follows must not be more of the word: `acme` is no alpha release.
      guard end == text.count || !Detector.isAlphanumeric(text[end]) else { continue }
      if separator != 0 { bytes.append(separator) }
      bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
      if joint >= 0 { bytes.append(text[joint]) }
      bytes.append(contentsOf: text[digits..<end])
      return
    }
  }
}

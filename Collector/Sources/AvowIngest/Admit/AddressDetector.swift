/// Finds IP and MAC addresses in texts.
enum AddressDetector {
  /// Whether an IPv4 or IPv6 address stands in the text, bounded by something that is no part of one.
  static func isIP(_ text: Bytes) -> Bool {
    var index = 0
    while index < text.count {
      guard isPart(text[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < text.count, isPart(text[end]) { end += 1 }
      let bounded =
        (index == 0 || !isWord(text[index - 1]))
        && (end == text.count || !isWord(text[end]) || text[end] == UInt8(ascii: "%"))
      if bounded, isIPv6(trimmed(text, index..<end)) { return true }
      index = end
    }
    return hasIPv4(text)
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    hexadecimalValue(byte) < 16 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    Detector.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  /// Without the full stop, or the single colon, that a sentence put after it.
  private static func trimmed(_ text: Bytes, _ range: Range<Int>) -> Bytes {
    var range = range
    while let last = range.last, text[last] == 0x2E { range.removeLast() }
    while let first = range.first, text[first] == 0x2E { range.removeFirst() }
    return Bytes(rebasing: text[range])
  }

  /// Four numbers up to 255 with dots between, not part of a longer row of numbers.
  private static func hasIPv4(_ text: Bytes) -> Bool {
    var index = 0
    while index < text.count {
      guard text[index] &- 48 < 10,
        index == 0 || !(Detector.isAlphanumeric(text[index - 1]) || text[index - 1] == 0x2E)
      else {
        index += 1
        continue
      }
      var position = index
      var parts = 0
      while parts < 4 {
        var value = 0
        var digits = 0
        while position < text.count, text[position] &- 48 < 10, digits < 4 {
          value = value * 10 + Int(text[position] &- 48)
          position += 1
          digits += 1
        }
        guard digits > 0, digits <= 3, value <= 255 else { break }
        parts += 1
        if parts == 4 { break }
        guard position < text.count, text[position] == 0x2E else { break }
        position += 1
      }
      if parts == 4 {
        let goesOn = position + 1 < text.count && text[position] == 0x2E && text[position + 1] &- 48 < 10
        if !goesOn, position == text.count || !Detector.isAlphanumeric(text[position]) { return true }
      }
      while index < text.count, Detector.isAlphanumeric(text[index]) || text[index] == 0x2E { index += 1 }
    }
    return false
  }

  /// Groups of up to four hexadecimal digits: eight of them, or fewer around one `::`; possibly with an IPv4
  /// address at the end. A mere `::` between two words is none: some digit must be there.
  private static func isIPv6(_ text: Bytes) -> Bool {
    guard text.count >= 3, text.count <= 45, text.contains(UInt8(ascii: ":")) else { return false }
    var groups = 0
    var digits = 0
    var gaps = 0
    var hasDigit = false
    var index = 0
    var endsOpen = false
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: ":") {
        if index + 1 < text.count, text[index + 1] == UInt8(ascii: ":") {
          gaps += 1
          if digits > 0 { groups += 1 }
          index += 2
          digits = 0
          endsOpen = false
          continue
        }
        guard digits > 0 else { return false }
        groups += 1
        digits = 0
        endsOpen = true
      } else if byte == 0x2E {
        // The rest must be dotted: an IPv4 tail counts as two groups and is found by itself anyway.
        return false
      } else {
        digits += 1
        endsOpen = false
        if byte &- 48 < 10 { hasDigit = true }
        guard digits <= 4 else { return false }
      }
      index += 1
    }
    if digits > 0 { groups += 1 }
    guard !endsOpen, hasDigit else { return false }
    return gaps == 0 ? groups == 8 : gaps == 1 && groups >= 1 && groups <= 7
  }

  /// Six pairs with one separator, colon or dash, throughout; or three groups of four with dots.
  static func isMAC(_ text: Bytes) -> Bool {
    guard text.count >= 14 else { return false }
    for start in 0...(text.count - 14) {
      guard hexadecimalValue(text[start]) < 16, start == 0 || !isWord(text[start - 1]) else { continue }
      if matches(text, start, group: 2, count: 6, separators: [UInt8(ascii: ":"), UInt8(ascii: "-")]) {
        return true
      }
      if matches(text, start, group: 4, count: 3, separators: [0x2E]) { return true }
    }
    return false
  }

  private static func matches(_ text: Bytes, _ start: Int, group: Int, count: Int, separators: [UInt8])
    -> Bool
  {
    let length = group * count + count - 1
    let end = start + length
    guard end <= text.count, end == text.count || !isWord(text[end]) else { return false }
    let separator = text[start + group]
    guard separators.contains(separator) else { return false }
    if end < text.count, text[end] == separator, end + 1 < text.count, hexadecimalValue(text[end + 1]) < 16 {
      return false
    }
    for offset in 0..<length {
      let byte = text[start + offset]
      if offset % (group + 1) == group {
        if byte != separator { return false }
      } else if hexadecimalValue(byte) >= 16 {
        return false
      }
    }
    return true
  }
}

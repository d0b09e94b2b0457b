/// Small texts read by their bytes.
///
/// The standard library's own readers are compiled anew for each kind of text and of number: with these, a
/// host carries each once.
package enum PlainText {
  /// White space of the files and answers that are read here.
  package static let blanks = " \t\r\n\u{B}\u{C}"

  /// Returns the whole number that a text is, sign included; `nil` for anything else.
  @inline(never)
  package static func number(_ text: Substring, radix: Int64 = 10) -> Int64? {
    var value: Int64 = 0
    var digits = 0
    var isNegative: Bool?
    for byte in text.utf8 {
      if digits == 0, isNegative == nil, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
        isNegative = byte == UInt8(ascii: "-")
        continue
      }
      let digit: Int64
      switch byte {
      case 48...57: digit = Int64(byte) - 48
      case 65...70: digit = Int64(byte) - 55
      case 97...102: digit = Int64(byte) - 87
      default: return nil
      }
      guard digit < radix else { return nil }
      let (product, isTooMuch) = value.multipliedReportingOverflow(by: radix)
      let (sum, isTooLarge) = product.addingReportingOverflow(isNegative == true ? -digit : digit)
      guard !isTooMuch, !isTooLarge else { return nil }
      value = sum
      digits += 1
    }
    return digits > 0 ? value : nil
  }

  /// Returns the words between any of the characters in `gaps`, all of them ASCII; no word is empty.
  @inline(never)
  package static func words(_ text: Substring, between gaps: String) -> [Substring] {
    var words: [Substring] = []
    let utf8 = text.utf8
    var start = utf8.startIndex
    var index = start
    while index < utf8.endIndex {
      let next = utf8.index(after: index)
      if gaps.utf8.contains(utf8[index]) {
        if start < index { words.append(text[start..<index]) }
        start = next
      }
      index = next
    }
    if start < index { words.append(text[start..<index]) }
    return words
  }

  /// Returns names in the order of their UTF-8 bytes; by a heap, so that no number of them takes long.
  @inline(never)
  package static func ordered(_ names: [String]) -> [String] {
    var names = names
    for root in (0..<names.count / 2).reversed() { sift(&names, root, names.count) }
    for end in (0..<names.count).reversed() {
      names.swapAt(0, end)
      sift(&names, 0, end)
    }
    return names
  }

  /// Lets a name sink until none below it comes after it.
  private static func sift(_ names: inout [String], _ start: Int, _ end: Int) {
    var root = start
    while root * 2 + 1 < end {
      var child = root * 2 + 1
      if child + 1 < end, precedes(names[child], names[child + 1]) { child += 1 }
      guard precedes(names[root], names[child]) else { return }
      names.swapAt(root, child)
      root = child
    }
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    var rest = left.utf8.makeIterator()
    for byte in right.utf8 {
      guard let other = rest.next() else { return true }
      if other != byte { return other < byte }
    }
    return false
  }
}

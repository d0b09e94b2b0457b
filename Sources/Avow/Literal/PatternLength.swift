/// How long a text is that matches a pattern of the catalog.
///
/// The whole pattern is compiled where catalogs are read; a host that got it from there needs the length alone.
enum PatternLength {
  /// The most bytes a matching text has, where the pattern is within the grammar.
  static func most(_ pattern: String) -> Int {
    let source = Array(pattern.utf8)
    var longest = 0
    var length = 0
    var position = 0
    while position < source.count {
      switch source[position] {
      case UInt8(ascii: "|"):
        longest = max(longest, length)
        length = 0
        position += 1
        continue
      case UInt8(ascii: "\\"): position += 2
      case UInt8(ascii: "["):
        position += 1
        while position < source.count, source[position] != UInt8(ascii: "]") {
          position += source[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
      default: position += 1
      }
      length = min(length + repetitions(in: source, at: &position), 64 * 1024)
    }
    return max(longest, length)
  }

  /// Reads the quantifier of an atom: the last number between braces, one without.
  private static func repetitions(in source: [UInt8], at position: inout Int) -> Int {
    guard position < source.count else { return 1 }
    if source[position] == UInt8(ascii: "?") {
      position += 1
      return 1
    }
    guard source[position] == UInt8(ascii: "{") else { return 1 }
    var number = 0
    while position < source.count, source[position] != UInt8(ascii: "}") {
      let byte = source[position]
      number =
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "{")
        ? 0 : min(number * 10 + Int(byte & 15), 1 << 20)
      position += 1
    }
    position += 1
    return number
  }
}

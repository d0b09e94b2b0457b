/// The part of a version's text that is kept: at most three numbers and a known pre-release.
///
/// A fourth number would let an address through, build strings name machines and people.
enum VersionText {
  private static let preReleases = ["alpha", "beta", "preview", "pre", "dev", "post", "rc", "a", "b"]

  /// Returns where the kept part lies; empty when the text does not begin like a version.
  static func range(in utf8: UnsafeBufferPointer<UInt8>, precision: FieldType.Precision) -> Range<Int> {
    var position = 0
    if let first = utf8.first, first | 0x20 == UInt8(ascii: "v") { position = 1 }
    let start = position
    let wanted =
      switch precision {
      case .major: 1
      case .minor: 2
      case .patch: 3
      }
    var end = start
    for part in 0..<wanted {
      if part > 0 {
        guard position < utf8.count, utf8[position] == UInt8(ascii: ".") else { break }
        position += 1
      }
      let digits = skipDigits(utf8, from: position)
      guard digits > position, digits - position <= 9 else { break }
      position = digits
      end = position
    }
    guard end > start, precision == .patch else { return start..<end }
    return start..<preRelease(utf8, after: end)
  }

  /// Returns the reduced text, `nil` when it does not begin like a version.
  static func reduced(_ text: String, precision: FieldType.Precision = .patch) -> String? {
    var text = text
    return text.withUTF8 { utf8 in
      let kept = range(in: utf8, precision: precision)
      return kept.isEmpty ? nil : String(decoding: utf8[kept], as: UTF8.self)
    }
  }

  /// `1.2.0-beta.2`, `1.2rc1`: the word, an optional point, and at most four digits, where a word ends.
  private static func preRelease(_ utf8: UnsafeBufferPointer<UInt8>, after end: Int) -> Int {
    var position = end
    if position < utf8.count, utf8[position] == UInt8(ascii: "-") || utf8[position] == UInt8(ascii: ".") {
      position += 1
    }
    for word in preReleases {
      let count = word.utf8.count
      guard position + count <= utf8.count,
        zip(utf8[position..<position + count], word.utf8).allSatisfy({ $0 | 0x20 == $1 })
      else { continue }
      var after = position + count
      if after < utf8.count, utf8[after] == UInt8(ascii: ".") { after += 1 }
      let digits = skipDigits(utf8, from: after)
      if digits == after { after = position + count }
      guard digits - after <= 4 else { return end }
      let stop = digits > after ? digits : after
      let isWordEnd = stop == utf8.count || !isWord(utf8[stop])
      if isWordEnd { return stop }
    }
    return end
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte | 0x20)
  }

  private static func skipDigits(_ utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = start
    while position < utf8.count, (48...57).contains(utf8[position]) { position += 1 }
    return position
  }
}

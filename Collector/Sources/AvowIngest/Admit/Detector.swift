public import AvowWire

/// Finds what must never be stored in texts that a pattern or `free` would let through.
///
/// Enforced in every catalog, listed under `never` or not: e-mail, IP and MAC addresses, URLs, file paths and
/// secrets (keys, tokens, UUIDs). It prefers to remove a rare harmless text over keeping a harmful one.
public enum Detector {
  /// Returns the first class that `text` holds, `nil` for harmless text.
  public static func find(in text: some StringProtocol) -> SensitiveClass? {
    var text = String(text)
    return text.withUTF8 { find(in: $0) }
  }

  /// How often the bytes occur that the classes are made of, a byte for each: most texts have too few of
  /// them for any class and are done after one pass.
  private struct Census {
    private var lanes: UInt64 = 0

    init(_ text: Bytes) {
      // Beyond 255 a lane could flow over, and a text that long is worth a closer look in any case.
      guard text.count <= 255 else {
        lanes = .max
        return
      }
      Self.table.withUnsafeBufferPointer { table in
        for byte in text { lanes &+= table[Int(byte)] }
      }
    }

    private func lane(_ index: UInt64) -> Int { Int(lanes >> (index * 8) & 0xFF) }
    var ats: Int { lane(0) }
    var colons: Int { lane(1) }
    var dots: Int { lane(2) }
    var separators: Int { lane(3) }
    var dashes: Int { lane(4) }
    var digits: Int { lane(5) }
    var gaps: Int { lane(6) }

    private static let table: [UInt64] = (0...255).map { value in
      switch UInt8(value) {
      case UInt8(ascii: "@"): 1
      case UInt8(ascii: ":"): 1 << 8
      case UInt8(ascii: "."): 1 << 16
      case UInt8(ascii: "/"), UInt8(ascii: "\\"): 1 << 24
      case UInt8(ascii: "-"): 1 << 32
      case 48...57: 1 << 40
      case UInt8(ascii: "="), 0x20: 1 << 48
      default: 0
      }
    }
  }

  static func find(in text: Bytes) -> SensitiveClass? {
    let census = Census(text)
    if census.ats > 0, isEmail(text) { return .email }
    if census.colons > 0 || census.dots > 1, isURL(text) { return .url }
    if census.colons >= 5 || census.dashes >= 5 || census.dots >= 2, AddressDetector.isMAC(text) {
      return .macAddress
    }
    if census.colons >= 2 || census.dots >= 3, AddressDetector.isIP(text) { return .ipAddress }
    if census.separators > 0, isPath(text) { return .filePath }
    // Every shape of a secret has a digit and some length; an assignment has its sign.
    if census.digits > 0, text.count >= 14, SecretDetector.finds(text, digits: census.digits) {
      return .secret
    }
    if census.colons > 0 || census.gaps > 0 || census.dashes >= 5, SecretDetector.hasAssignment(text) {
      return .secret
    }
    return nil
  }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- 48 < 10 || (byte | 0x20) &- 97 < 26
  }

  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }

  /// `local@host.tld`, also with `%40`-less quoting around it; the top-level domain is letters, so that
  /// `i7@2.60GHz` is no address.
  private static func isEmail(_ text: Bytes) -> Bool {
    for at in text.indices where text[at] == UInt8(ascii: "@") {
      guard at > 0, isLocal(text[at - 1]) else { continue }
      var end = at + 1
      var lastDot = -1
      while end < text.count,
        isAlphanumeric(text[end]) || text[end] == 0x2D || text[end] == 0x2E || text[end] >= 0x80
      {
        if text[end] == 0x2E, end + 1 < text.count, isAlphanumeric(text[end + 1]) || text[end + 1] >= 0x80 {
          lastDot = end
        }
        end += 1
      }
      while end > lastDot + 1, text[end - 1] == 0x2E || text[end - 1] == 0x2D { end -= 1 }
      guard lastDot > at + 1, end - lastDot > 2 else { continue }
      if text[(lastDot + 1)..<end].allSatisfy({ isLetter($0) || $0 >= 0x80 }) { return true }
    }
    return false
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte >= 0x80 || "!#$%&'*+-/=?^_`{|}~.\"".utf8.contains(byte)
  }

  /// A scheme with `://`, `www.`, or `mailto:`, `data:` and their like.
  private static func isURL(_ text: Bytes) -> Bool {
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: ":"), index > 0, index + 2 < text.count, text[index + 1] == UInt8(ascii: "/"),
        text[index + 2] == UInt8(ascii: "/"), isAlphanumeric(text[index - 1])
      {
        return true
      }
      if byte | 0x20 == UInt8(ascii: "w"), index == 0 || !isAlphanumeric(text[index - 1]),
        has(text, at: index, "www."), index + 4 < text.count, isAlphanumeric(text[index + 4])
      {
        return true
      }
      if byte | 0x20 == UInt8(ascii: "m"), index == 0 || !isAlphanumeric(text[index - 1]),
        has(text, at: index, "mailto:")
      {
        return true
      }
    }
    return false
  }

  /// Whether `word` (lower case) stands at `index`, in any letter case.
  static func has(_ text: Bytes, at index: Int, _ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard index + length <= text.count else { return false }
    for offset in 0..<length {
      let byte = text[index + offset]
      let lowered = byte &- 65 < 26 ? byte | 0x20 : byte
      if lowered != word.utf8Start[offset] { return false }
    }
    return true
  }

  /// An absolute or home path, a drive, a share, two or more separators, or one separator before a file
  /// name with an extension. `org/model`, `N/A` and `2022/08/21` are none of these.
  private static func isPath(_ text: Bytes) -> Bool {
    func separates(_ index: Int) -> Bool {
      index < text.count && (text[index] == UInt8(ascii: "/") || text[index] == UInt8(ascii: "\\"))
    }
    func starts(_ index: Int) -> Bool {
      index == 0 || !(isAlphanumeric(text[index - 1]) || text[index - 1] >= 0x80)
    }
    var separators = 0
    var hasWord = false
    var lastSeparator = -1
    for index in text.indices {
      let byte = text[index]
      if separates(index) {
        separators += 1
        lastSeparator = index
        let next = index + 1
        if starts(index), next < text.count,
          isAlphanumeric(text[next]) || text[next] == 0x2E || text[next] == 0x5F || text[next] >= 0x80,
          index == 0 || !separates(index - 1)
        {
          // `/home/ada`, ` /etc`, `./x`, `../x`, `~/x`; after `)` or a quote it is still a path's beginning.
          return true
        }
        if byte == UInt8(ascii: "\\"), separates(next), next + 1 < text.count, isAlphanumeric(text[next + 1])
        {
          return true
        }
      } else if byte == UInt8(ascii: "~"), starts(index), separates(index + 1) {
        return true
      } else if isLetter(byte), starts(index), index + 2 < text.count, text[index + 1] == UInt8(ascii: ":"),
        separates(index + 2)
      {
        return true
      }
      if isLetter(byte) { hasWord = true }
    }
    guard separators > 0, hasWord else { return false }
    if separators >= 2 { return true }
    // One separator: a file name with an extension, some letter in it, that ends at its word's end.
    var end = lastSeparator + 1
    while end < text.count, isAlphanumeric(text[end]) || "._-".utf8.contains(text[end]) { end += 1 }
    let name = text[(lastSeparator + 1)..<end]
    guard let dot = name.lastIndex(of: 0x2E), dot > name.startIndex else { return false }
    let ending = name[(dot + 1)...]
    return (1...8).contains(ending.count) && ending.contains(where: isLetter)
      && ending.allSatisfy(isAlphanumeric)
  }
}

/// Finds keys, tokens and identifiers in texts: by the prefixes their makers gave them, and by their looks.
enum SecretDetector {
  /// Whether a token in the text, which has so many digits in all, looks like a secret.
  static func finds(_ text: Bytes, digits: Int) -> Bool {
    var index = 0
    while index < text.count {
      guard isToken(text[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < text.count, isToken(text[end]) { end += 1 }
      if end - index >= 14, isSecret(Bytes(rebasing: text[index..<end]), digits: digits) { return true }
      index = end
    }
    return false
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    Detector.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")
  }

  private static func isSecret(_ token: Bytes, digits: Int) -> Bool {
    if hasUUID(token) || hasKnownPrefix(token) { return true }
    guard digits >= 2 else { return false }
    // Base64 goes on over `+` and `/`; dashes, dots and underscores join words, so each part is judged alone.
    var index = 0
    while index < token.count {
      var end = index
      while end < token.count,
        Detector.isAlphanumeric(token[end]) || token[end] == UInt8(ascii: "+")
          || token[end] == UInt8(ascii: "/")
      {
        end += 1
      }
      if end - index >= 14 {
        var run = Run()
        for byte in token[index..<end] where run.add(byte) { return true }
        if run.isSecret { return true }
      }
      index = end + 1
    }
    return false
  }

  /// 8-4-4-4-12 hexadecimal digits, anywhere.
  private static func hasUUID(_ token: Bytes) -> Bool {
    guard token.count >= 36 else { return false }
    for start in 0...(token.count - 36) where token[start + 8] == 0x2D && token[start + 13] == 0x2D {
      let fits = (0..<36).allSatisfy { offset in
        switch offset {
        case 8, 13, 18, 23: token[start + offset] == 0x2D
        default: hexadecimalValue(token[start + offset]) < 16
        }
      }
      if fits { return true }
    }
    return false
  }

  /// What makers of keys begin them with, in lower case, and the length from which it is one.
  private static let prefixes: [(first: UInt8, word: StaticString, least: Int)] = [
    ("sk-", 20), ("sk_live_", 16), ("sk_test_", 16), ("pk_live_", 16), ("rk_live_", 16), ("ghp_", 20),
    ("gho_", 20), ("ghs_", 20), ("ghu_", 20), ("github_pat_", 20), ("glpat-", 16), ("xoxb-", 16),
    ("xoxp-", 16), ("xoxa-", 16), ("xapp-", 16), ("akia", 20), ("asia", 20), ("aiza", 30), ("ya29.", 20),
    ("hf_", 20), ("npm_", 20), ("pypi-", 20), ("phx_", 16), ("phc_", 16), ("dop_v1_", 20), ("sq0", 20),
    ("eyj", 20), ("s2s.", 16), ("wk_", 16), ("whsec_", 16), ("age-secret-key-", 20),
  ].map { (word: StaticString, least: Int) in (word.utf8Start[0], word, least) }

  private static func hasKnownPrefix(_ token: Bytes) -> Bool {
    prefixes.contains { prefix in
      guard prefix.first == token[0] | 0x20, token.count >= prefix.least,
        Detector.has(token, at: 0, prefix.word)
      else { return false }
      // A word that only happens to begin so has no digit in it.
      return token.contains { $0 &- 48 < 10 }
    }
  }

  /// A run of letters and digits, judged by how it mixes them.
  private struct Run {
    private var length = 0
    private var digits = 0
    private var upper = 0
    private var lower = 0
    private var hexadecimal = 0
    private var digitRun = 0
    private var changes = 0
    private var last: UInt8 = 0

    /// Adds a byte; true once the run so far is a long number.
    mutating func add(_ byte: UInt8) -> Bool {
      let kind: UInt8
      switch byte {
      case 48...57: kind = 1
      case 65...90: kind = 2
      case 97...122: kind = 3
      default: return false
      }
      length += 1
      if kind == 1 { digits += 1 } else if kind == 2 { upper += 1 } else { lower += 1 }
      if hexadecimalValue(byte) < 16 { hexadecimal += 1 }
      digitRun = kind == 1 ? digitRun + 1 : 0
      if last != 0, last != kind { changes += 1 }
      last = kind
      // Fourteen digits are a card, an account or a MAC address written as a number.
      return digitRun >= 14
    }

    var isSecret: Bool {
      if length >= 20, hexadecimal == length, digits >= 4, upper + lower >= 4 { return true }
      // Words in CamelCase change between kinds about twice in seven letters, random text three times in five.
      if length >= 20, digits >= 2, upper >= 2, lower >= 2, changes * 20 >= length * 7 { return true }
      return length >= 24 && digits >= 4 && upper + lower >= 4 && changes * 3 >= length
    }
  }

  /// `password=...`, `token: ...`.
  static func hasAssignment(_ text: Bytes) -> Bool {
    let words: [StaticString] = ["password", "passwd", "secret", "token", "api_key", "apikey", "bearer"]
    for index in text.indices where index == 0 || !Detector.isAlphanumeric(text[index - 1]) {
      for word in words where Detector.has(text, at: index, word) {
        let next = index + word.utf8CodeUnitCount
        if next + 1 < text.count, text[next] == UInt8(ascii: "=") || text[next] == UInt8(ascii: ":") {
          return true
        }
        if next + 8 < text.count, text[next] == 0x20, Detector.has(text, at: index, "bearer") { return true }
      }
    }
    return Detector.has(text, at: 0, "-----begin")
  }
}

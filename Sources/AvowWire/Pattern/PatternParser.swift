/// A set of byte values, as bits.
struct ByteSet: Sendable, Hashable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init(_ bytes: some Sequence<UInt8> = EmptyCollection()) {
    for byte in bytes { insert(byte) }
  }

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  func contains(_ byte: UInt8) -> Bool {
    let bit = UInt64(1) << UInt64(byte & 63)
    return switch byte >> 6 {
    case 0: words.0 & bit != 0
    case 1: words.1 & bit != 0
    case 2: words.2 & bit != 0
    default: words.3 & bit != 0
    }
  }

  static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

/// One byte of a pattern with its quantifier written out.
struct PatternStep: Sendable {
  var bytes: ByteSet
  var isOptional: Bool
}

/// Reads a pattern into alternatives, each a row of steps.
struct PatternParser {
  /// More steps than this cannot fit 256 states, whatever they are.
  static let maxSteps = 1024

  private let source: [UInt8]
  private var position = 0

  static func parse(_ text: String) throws(PatternError) -> [[PatternStep]] {
    var parser = PatternParser(source: Array(text.utf8))
    return try parser.alternatives()
  }

  private init(source: [UInt8]) { self.source = source }

  private mutating func alternatives() throws(PatternError) -> [[PatternStep]] {
    guard !source.isEmpty else {
      throw PatternError(
        "an empty pattern matches nothing but the empty text", hint: "say what may occur", at: 0)
    }
    var alternatives: [[PatternStep]] = []
    var steps: [PatternStep] = []
    var total = 0
    while let byte = peek() {
      if byte == UInt8(ascii: "|") {
        position += 1
        alternatives.append(steps)
        steps = []
        continue
      }
      let bytes = try atom()
      let (fewest, most) = try quantifier()
      total += most
      guard total <= Self.maxSteps else {
        throw PatternError(
          "the pattern is too long", hint: "a matching text may have at most \(Self.maxSteps) bytes",
          at: position)
      }
      for index in 0..<most { steps.append(PatternStep(bytes: bytes, isOptional: index >= fewest)) }
    }
    alternatives.append(steps)
    guard !alternatives.contains(where: \.isEmpty) else {
      throw PatternError("an alternative is empty", hint: "remove the extra |", at: source.count)
    }
    return alternatives
  }

  private func peek() -> UInt8? { position < source.count ? source[position] : nil }

  private mutating func atom() throws(PatternError) -> ByteSet {
    let start = position
    let byte = source[position]
    position += 1
    switch byte {
    case UInt8(ascii: "["): return try bracket(from: start)
    case UInt8(ascii: "\\"): return try escape(from: start)
    case UInt8(ascii: "*"), UInt8(ascii: "+"):
      throw PatternError(
        "`\(Character(Unicode.Scalar(byte)))` repeats without limit",
        hint: "write {0,64} or another limit", at: start)
    case UInt8(ascii: "."):
      throw PatternError("`.` stands for anything", hint: #"write \. for a dot, or a class"#, at: start)
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      throw PatternError(
        "groups are not in the pattern grammar", hint: "use | at the top, or escape the bracket", at: start)
    case UInt8(ascii: "^"), UInt8(ascii: "$"):
      throw PatternError(
        "anchors are not in the pattern grammar", hint: "the whole text always matches; leave it out",
        at: start)
    case UInt8(ascii: "?"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"):
      throw PatternError(
        "`\(Character(Unicode.Scalar(byte)))` has nothing before it to belong to",
        hint: "escape it with \\ if it is meant literally", at: start)
    case 0x20...0x7E: return ByteSet([byte])
    default:
      throw PatternError(
        "only printable ASCII can be written in a pattern", hint: "use one_of for such values", at: start)
    }
  }

  private mutating func escape(from start: Int) throws(PatternError) -> ByteSet {
    guard let byte = peek() else {
      throw PatternError("the pattern ends in a backslash", hint: "write \\\\ for a backslash", at: start)
    }
    position += 1
    switch byte {
    case UInt8(ascii: "d"): return ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    case UInt8(ascii: "w"):
      return ByteSet(Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".utf8))
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      throw PatternError(
        #"`\\#(Character(Unicode.Scalar(byte)))` is no escape of the pattern grammar"#,
        hint: #"there are \d, \w and escaped punctuation"#, at: start)
    case 0x20...0x7E: return ByteSet([byte])
    default:
      throw PatternError("only printable ASCII can be escaped", hint: "use one_of for such values", at: start)
    }
  }

  private mutating func bracket(from start: Int) throws(PatternError) -> ByteSet {
    var members = ByteSet()
    var isEmpty = true
    var negated = false
    if peek() == UInt8(ascii: "^") {
      negated = true
      position += 1
    }
    let unclosed = PatternError("a class is not closed", hint: "add the missing ]", at: start)
    while true {
      guard let byte = peek() else { throw unclosed }
      if byte == UInt8(ascii: "]") {
        position += 1
        break
      }
      isEmpty = false
      let low = try member()
      guard case .byte(let first) = low else {
        if case .set(let set) = low {
          for value in UInt8.min...UInt8.max where set.contains(value) { members.insert(value) }
        }
        continue
      }
      // A dash before the closing bracket is a dash.
      guard peek() == UInt8(ascii: "-"), position + 1 < source.count,
        source[position + 1] != UInt8(ascii: "]")
      else {
        members.insert(first)
        continue
      }
      position += 1
      guard case .byte(let last) = try member(), last >= first else {
        throw PatternError("a range runs backwards", hint: "write the smaller end first", at: start)
      }
      for value in first...last { members.insert(value) }
    }
    guard !isEmpty else {
      throw PatternError("a class is empty", hint: "say what may occur, or escape the brackets", at: start)
    }
    guard negated else { return members }
    return ByteSet((UInt8(0x20)...0x7E).filter { !members.contains($0) })
  }

  private enum Member {
    case byte(UInt8)
    case set(ByteSet)
  }

  private mutating func member() throws(PatternError) -> Member {
    let start = position
    guard let byte = peek() else {
      throw PatternError("a class is not closed", hint: "add the missing ]", at: start)
    }
    position += 1
    guard (0x20...0x7E).contains(byte) else {
      throw PatternError(
        "only printable ASCII can be written in a pattern", hint: "use one_of for such values", at: start)
    }
    guard byte == UInt8(ascii: "\\") else { return .byte(byte) }
    if let next = peek(), next != UInt8(ascii: "d"), next != UInt8(ascii: "w") {
      _ = try escape(from: start)
      return .byte(next)
    }
    return .set(try escape(from: start))
  }

  private mutating func quantifier() throws(PatternError) -> (Int, Int) {
    let start = position
    switch peek() {
    case UInt8(ascii: "?"):
      position += 1
      try refuseSecond(at: start)
      return (0, 1)
    case UInt8(ascii: "{"):
      position += 1
      let fewest = number()
      var most = fewest
      if peek() == UInt8(ascii: ",") {
        position += 1
        most = number()
        guard most != nil else {
          throw PatternError(
            "a repetition has no upper limit", hint: "write {m,n} with both numbers", at: start)
        }
      }
      guard let fewest, let most, peek() == UInt8(ascii: "}") else {
        throw PatternError("a repetition is malformed", hint: "write {n} or {m,n}", at: start)
      }
      position += 1
      guard most >= fewest, most >= 1 else {
        throw PatternError("a repetition runs backwards", hint: "write the smaller number first", at: start)
      }
      try refuseSecond(at: start)
      return (fewest, most)
    default: return (1, 1)
    }
  }

  private func refuseSecond(at start: Int) throws(PatternError) {
    switch peek() {
    case UInt8(ascii: "?"), UInt8(ascii: "{"), UInt8(ascii: "*"), UInt8(ascii: "+"):
      throw PatternError("two quantifiers follow each other", hint: "one is enough: {m,n}", at: start)
    default: break
    }
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      value = min(100_000, (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0")))
      position += 1
    }
    return value
  }
}

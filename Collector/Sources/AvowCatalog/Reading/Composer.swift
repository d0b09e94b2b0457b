import Yams

/// Turns the text of a file into nodes, with bounded time and memory whatever the text is.
struct Composer {
  /// The largest file that is read.
  static let maxBytes = 1 << 20
  /// Aliases are expanded while walking; this many nodes is far beyond any catalog.
  static let maxNodes = 50_000
  static let maxDepth = 32
  /// How many twice-written keys are reported before giving up.
  static let maxDuplicates = 20

  private let report: Report
  private var lines: [Substring.UnicodeScalarView] = []
  /// Where a mark was put before a key that stands twice, to shift columns back.
  private var insertions: [Position] = []
  private var duplicates: Set<Unicode.Scalar> = []
  private var nodeCount = 0
  private var isTooLarge = false

  init(report: Report) { self.report = report }

  static func reportSize(_ report: Report) {
    report.error(
      "A001", "the file is larger than 1 MiB", hint: "a catalog has at most \(maxBytes) bytes", at: .start)
  }

  /// Returns the file's tree, or `nil` after reporting why there is none.
  mutating func compose(_ source: String) -> SourceNode? {
    guard source.utf8.count <= Self.maxBytes else {
      Self.reportSize(report)
      return nil
    }
    var text = source
    text.makeContiguousUTF8()
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    guard !hasComplexKeys(text) else {
      report.error(
        "A006", "a key is an alias, a list or a mapping", hint: "keys are plain words", at: .start)
      return nil
    }
    while true {
      lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
        Substring($0).unicodeScalars
      }
      do {
        // `.basic` resolves nothing: `on`, `0.10` and `2027-01-01` stay the texts they are.
        guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
          report.error("A008", "the file is empty", hint: "start with `avow: 1`", at: .start)
          return nil
        }
        let node = convert(root, depth: 0)
        if isTooLarge {
          report.error(
            "A006", "the file is too complex: more than \(Self.maxNodes) values or \(Self.maxDepth) levels",
            hint: "aliases count as what they stand for", at: .start)
          return nil
        }
        return node
      } catch YamlError.duplicatedKeysInMapping(_, let context) {
        // The parser gives up at the first key that stands twice. Its first writing is marked with a
        // private character, so that everything else in the file can be reported in the same run.
        guard insertions.count < Self.maxDuplicates,
          let marked = mark(text, at: Position(line: context.mark.line, column: context.mark.column))
        else {
          report.error("A007", "keys stand twice", hint: "write each key once", at: .start)
          return nil
        }
        text = marked
      } catch let error as YamlError {
        describe(error)
        return nil
      } catch {
        report.error("A003", "this is not YAML", at: .start)
        return nil
      }
    }
  }

  // MARK: Walking

  private mutating func convert(_ node: Node, depth: Int) -> SourceNode {
    nodeCount += 1
    let position = position(of: node)
    guard nodeCount <= Self.maxNodes, depth <= Self.maxDepth else {
      isTooLarge = true
      return SourceNode(content: .scalar("", isPlain: true), position: position)
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return SourceNode(content: .scalar(scalar.string, isPlain: isPlain), position: position)
    case .sequence(let sequence):
      var items: [SourceNode] = []
      for item in sequence where !isTooLarge { items.append(convert(item, depth: depth + 1)) }
      return SourceNode(content: .sequence(items), position: position)
    case .mapping(let mapping):
      return SourceNode(content: .mapping(members(of: mapping, depth: depth)), position: position)
    case .alias:
      // Composing replaces aliases by what they stand for.
      return SourceNode(content: .scalar("", isPlain: true), position: position)
    }
  }

  private mutating func members(of mapping: Node.Mapping, depth: Int) -> [SourceNode.Member] {
    var members: [SourceNode.Member] = []
    var firstWritten: [String: Position] = [:]
    for (key, value) in mapping where !isTooLarge {
      guard case .scalar(let scalar) = key else {
        report.error(
          "A006", "a key is a list or a mapping", hint: "keys are plain words", at: position(of: key))
        continue
      }
      var name = scalar.string
      let position = position(of: key)
      let converted = convert(value, depth: depth + 1)
      if let first = name.unicodeScalars.first, duplicates.contains(first) {
        name.unicodeScalars.removeFirst()
        firstWritten[name] = firstWritten[name] ?? position
        continue
      }
      if let first = firstWritten[name] {
        report.error(
          "A007", "the key \"\(name)\" stands twice", hint: "the first is in line \(first.line); remove one",
          at: position)
      }
      let isPlain = scalar.style == .plain || scalar.style == .any
      members.append(
        SourceNode.Member(key: name, isPlain: isPlain, position: position, value: converted))
    }
    return members
  }

  private func position(of node: Node) -> Position {
    guard let mark = node.mark else { return .start }
    let shift = insertions.count { $0.line == mark.line && $0.column < mark.column }
    return Position(line: mark.line, column: mark.column - shift)
  }

  // MARK: Looking at the text

  func report(_ code: String, _ message: String, hint: String?, at position: Position) {
    report.error(code, message, hint: hint, at: position)
  }

  /// The character at a position, if there is one.
  func scalar(at position: Position) -> Unicode.Scalar? {
    guard position.line >= 1, position.line <= lines.count else { return nil }
    return lines[position.line - 1].dropFirst(position.column - 1).first
  }

  /// Where a line is indented with a tab.
  func tab(inLine line: Int) -> Position? {
    guard line >= 1, line <= lines.count else { return nil }
    for (index, scalar) in lines[line - 1].enumerated() {
      if scalar == "\t" { return Position(line: line, column: index + 1) }
      if scalar != " " { return nil }
    }
    return nil
  }

  /// The line and column of a character counted from the start.
  func position(ofCharacter offset: Int?, in text: String) -> Position {
    guard let offset, offset <= text.count else { return .start }
    var position = Position.start
    for character in text.prefix(offset) {
      if character.isNewline {
        position = Position(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
    }
    return position
  }

  // MARK: Keys that stand twice

  private mutating func mark(_ text: String, at position: Position) -> String? {
    guard position.line >= 1, position.line <= lines.count,
      let mark = Unicode.Scalar(0xE000 + UInt32(insertions.count))
    else { return nil }
    var line = Array(lines[position.line - 1])
    var index = position.column - 1
    guard index >= 0, index < line.count else { return nil }
    if line[index] == "\"" || line[index] == "'" { index += 1 }
    line.insert(mark, at: index)
    insertions.append(Position(line: position.line, column: index + 1))
    duplicates.insert(mark)
    var scalars = String.UnicodeScalarView()
    for number in lines.indices {
      if number > 0 { scalars.append("\n") }
      if number == position.line - 1 {
        scalars.append(contentsOf: line)
      } else {
        scalars.append(contentsOf: lines[number])
      }
    }
    return String(scalars)
  }

  /// Whether keys could be aliases or collections in a file with many aliases.
  ///
  /// The parser hashes keys as soon as it has read a mapping, and hashing a key that stands for nested
  /// aliases takes for ever. Twenty aliases cannot grow beyond a few thousand values, so only files with
  /// more are looked at.
  private func hasComplexKeys(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
    func isName(_ byte: UInt8) -> Bool {
      byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    var aliases = 0
    var isSuspicious = false
    for (index, byte) in bytes.enumerated() {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
      switch byte {
      case UInt8(ascii: "*") where isName(next):
        aliases += 1
        var end = index + 1
        while end < bytes.count, isName(bytes[end]) { end += 1 }
        while end < bytes.count, bytes[end] == 0x20 { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ":"),
          end + 1 >= bytes.count || isSpace(bytes[end + 1])
        {
          isSuspicious = true
        }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        var end = index + 1
        while end < bytes.count, bytes[end] == 0x20 { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ":"),
          end + 1 >= bytes.count || isSpace(bytes[end + 1])
        {
          isSuspicious = true
        }
      case UInt8(ascii: "?") where isSpace(next):
        let previous = bytes[..<index].last { $0 != 0x20 }
        switch previous {
        case nil, 0x0A, UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "["):
          isSuspicious = true
        default: break
        }
      default: break
      }
      if aliases > 20, isSuspicious { return true }
    }
    return false
  }
}

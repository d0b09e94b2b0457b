/// A compiled `pattern:` of the catalog: whole match, linear time, a table.
///
/// The grammar is small on purpose: printable ASCII literals, escapes (`\.`, `\d`, `\w`), classes
/// (`[A-Za-z0-9_-]`, `[^/]`), the quantifiers `?`, `{n}` and `{m,n}` after one atom, and alternation with
/// `|` at the top. There is no unbounded repetition, so that every pattern also limits the length; and
/// a match is one table look-up a byte, so that no text can be made slow.
///
/// ```swift
/// let pattern = try Pattern("[A-Za-z0-9_]{1,64}")
/// pattern.matches("onnx_runtime".utf8)   // true
/// ```
public struct Pattern: Sendable, Equatable {
  /// The most states a pattern may compile to.
  public static let maxStates = 256

  /// The pattern as written.
  public let source: String
  /// The most bytes a matching text has; `nil` would mean no limit, which the grammar cannot say.
  public let maxLength: Int?
  /// The fewest bytes a matching text has.
  public let minLength: Int

  /// The class of each byte value; class 0 occurs nowhere in the pattern.
  private let classes: [UInt8]
  private let classCount: Int
  /// The next state for each state and class; state 0 is dead, state 1 the start.
  private let transitions: [UInt8]
  private let accepting: [Bool]

  /// Compiles a pattern.
  ///
  /// - Throws: `PatternError` for anything outside the grammar or beyond 256 states.
  public init(_ source: String) throws(PatternError) {
    let alternatives = try PatternParser.parse(source)
    let table = try PatternTable(alternatives)
    self.source = source
    minLength = alternatives.map { $0.count { !$0.isOptional } }.min() ?? 0
    maxLength = alternatives.map(\.count).max() ?? 0
    classes = table.classes
    classCount = table.classCount
    transitions = table.transitions
    accepting = table.accepting
  }

  /// Returns whether the whole text matches.
  public func matches(_ utf8: some Collection<UInt8>) -> Bool {
    var state = 1
    for byte in utf8 {
      state = Int(transitions[state * classCount + Int(classes[Int(byte)])])
      if state == 0 { return false }
    }
    return accepting[state]
  }

  /// Returns whether the whole text matches; the form for bytes in place, which the collector asks most.
  public func matches(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    guard utf8.count >= minLength, utf8.count <= maxLength ?? .max else { return false }
    return transitions.withUnsafeBufferPointer { transitions in
      classes.withUnsafeBufferPointer { classes in
        var state = 1
        for byte in utf8 {
          state = Int(transitions[state * classCount + Int(classes[Int(byte)])])
          if state == 0 { return false }
        }
        return accepting[state]
      }
    }
  }

  /// Returns whether the whole text matches.
  public func matches(_ text: String) -> Bool { matches(text.utf8) }

  /// A text that matches, the shortest and plainest there is: for examples on the page.
  public var example: String {
    // Breadth first over at most 256 states; letters and digits are tried before other bytes.
    var bytes = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    bytes += (UInt8(0x20)...0x7E).filter { !bytes.contains($0) }
    var queue: [(state: Int, text: [UInt8])] = [(1, [])]
    var seen: Set<Int> = [1]
    var next = 0
    while next < queue.count {
      let (state, text) = queue[next]
      next += 1
      if accepting[state], !text.isEmpty || next == queue.count {
        return String(decoding: text, as: UTF8.self)
      }
      for byte in bytes {
        let to = Int(transitions[state * classCount + Int(classes[Int(byte)])])
        guard to != 0, seen.insert(to).inserted else { continue }
        queue.append((to, text + [byte]))
      }
    }
    return ""
  }
}

/// Why a pattern is outside the catalog's grammar.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// How to mend it.
  public let hint: String
  /// Where in the pattern, in bytes from its start.
  public let offset: Int

  /// Creates an error.
  public init(_ reason: String, hint: String, at offset: Int) {
    self.reason = reason
    self.hint = hint
    self.offset = offset
  }

  public var description: String { "\(reason) (\(hint))" }
}

/// A foreign name with `*` (any run of characters) and `?` (one), matched in linear space and without recursion.
struct Glob: Sendable {
  private let pattern: [UInt8]

  init(_ text: String) { pattern = Array(text.utf8) }

  static func isGlob(_ text: String) -> Bool {
    text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
  }

  func matches(_ text: Bytes) -> Bool {
    var at = 0
    var index = 0
    // Where the last star stood and what it had taken so far: going back to it is all the search needs.
    var star = -1
    var taken = 0
    while index < text.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        star = at
        taken = index
        at += 1
      } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[index] {
        at += 1
        index += 1
      } else if star >= 0 {
        taken += 1
        index = taken
        at = star + 1
      } else {
        return false
      }
    }
    while at < pattern.count, pattern[at] == UInt8(ascii: "*") { at += 1 }
    return at == pattern.count
  }
}

/// Which of a catalog's events a foreign name means.
struct EventNames: Sendable {
  enum Meaning: Hashable {
    case event(Int)
    case dropped
    /// An SDK's own call that nobody mapped.
    case control
    case unknown
  }

  private let always: Int
  private let exact: KeyTable
  private let globs: [(glob: Glob, event: Int)]
  private let droppedNames: KeyTable
  private let droppedGlobs: [Glob]

  init(_ entry: AcceptedNames, catalog: [String]) {
    var always = -1
    var names: [String: Int] = [:]
    var globs: [(Glob, Int)] = []
    for (index, name) in catalog.enumerated() { names[name] = index }
    for (foreign, event) in entry.rules {
      guard let index = catalog.firstIndex(of: event) else { continue }
      if Glob.isGlob(foreign) { globs.append((Glob(foreign), index)) } else { names[foreign] = index }
    }
    if let event = entry.always { always = catalog.firstIndex(of: event) ?? -1 }
    self.always = always
    exact = KeyTable(names.map { (0, $0.key, $0.value) })
    self.globs = globs
    droppedNames = KeyTable(names: entry.dropped.filter { !Glob.isGlob($0) })
    droppedGlobs = entry.dropped.filter(Glob.isGlob).map(Glob.init)
  }

  /// Whether the body need not name its event.
  var isFixed: Bool { always >= 0 }

  /// The meaning of a request that names its event, or of one that does not (`nil`).
  func meaning(of name: Bytes?) -> Meaning {
    if let name, let base = name.baseAddress, name.count > 0 {
      let hash = KeyHash.hash(base, name.count)
      if droppedNames.find(name, hash: hash) >= 0 { return .dropped }
      if always < 0 {
        let found = exact.find(name, hash: hash)
        if found >= 0 { return .event(found) }
        if name.count <= 256 {
          for rule in globs where rule.glob.matches(name) { return .event(rule.event) }
          for glob in droppedGlobs where glob.matches(name) { return .dropped }
        }
        if name[0] == UInt8(ascii: "$") || name.starts(with: "[Amplitude]".utf8) { return .control }
        return .unknown
      }
    }
    return always >= 0 ? .event(always) : .unknown
  }
}

/// The part of an entry of `accepts` that speaks of names.
struct AcceptedNames: Sendable {
  var always: String?
  var rules: [(String, String)] = []
  var dropped: [String] = []
}

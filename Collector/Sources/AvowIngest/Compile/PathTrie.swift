/// All paths of one entry of `accepts` in one structure, so that a single pass over an event finds every
/// value that any of them leads to.
struct PathTrie: Sendable {
  /// A field that may take the value found at a state.
  struct Terminal: Sendable {
    var slot: UInt16
    /// Which of the mapping's candidates led here.
    var candidate: UInt16
    /// The lowest wins: candidate first, then the place, then how little the path had to be split.
    var rank: UInt32
  }

  struct State: Sendable {
    var terminals: Range<Int> = 0..<0
    /// The state any key leads to, -1 for none.
    var any: Int32 = -1
    var hasChildren = false
    /// Members of the object here are read as if at the top.
    var isPlace = false
    /// The format's own envelope: known, and not read.
    var isEnvelope = false
    /// Dropped by declaration.
    var isDropped = false
  }

  let states: [State]
  let terminals: [Terminal]
  private let keys: KeyTable

  /// The state of the event itself.
  static let root = 0

  @inline(__always)
  func next(_ state: Int, _ key: Bytes, _ hash: UInt32) -> Int { keys.find(key, hash: hash, scope: state) }

  /// Collects paths before they are laid out flat.
  struct Builder {
    private struct Draft {
      var children: [String: Int] = [:]
      var any: Int?
      var terminals: [Terminal] = []
      var state = State()
    }

    private var drafts: [Draft] = [Draft()]

    /// Adds `path`, and returns the states it can end in, each with the number of splits it took.
    ///
    /// At each step the whole rest is tried as one key before it is split, so that `user.id` finds the
    /// key of that name as well as the member of `user`.
    mutating func add(_ path: [ForeignPath.Step], from start: Int = root) -> [(state: Int, splits: Int)] {
      guard let first = path.first else { return [(start, 0)] }
      if case .key = first {
        var literals: [String] = []
        for step in path {
          guard case .key(let key) = step else { break }
          literals.append(key)
        }
        return (1...literals.count).reversed().flatMap { length in
          let next = child(of: start, literals[..<length].joined(separator: "."))
          return add(Array(path[length...]), from: next).map { end in
            (end.state, end.splits + (length == path.count ? 0 : 1))
          }
        }
      }
      if drafts[start].any == nil {
        drafts.append(Draft())
        drafts[start].any = drafts.count - 1
      }
      return add(Array(path.dropFirst()), from: drafts[start].any ?? start)
    }

    private mutating func child(of state: Int, _ key: String) -> Int {
      if let known = drafts[state].children[key] { return known }
      drafts.append(Draft())
      drafts[state].children[key] = drafts.count - 1
      return drafts.count - 1
    }

    mutating func mark(_ state: Int, _ change: (inout State) -> Void) { change(&drafts[state].state) }

    mutating func offer(_ state: Int, _ terminal: Terminal) { drafts[state].terminals.append(terminal) }

    func build() -> PathTrie {
      var states: [State] = []
      var terminals: [Terminal] = []
      var keys: [(scope: Int, name: String, value: Int)] = []
      for (index, draft) in drafts.enumerated() {
        var state = draft.state
        state.terminals = terminals.count..<terminals.count + draft.terminals.count
        terminals += draft.terminals
        state.any = draft.any.map(Int32.init) ?? -1
        state.hasChildren = draft.any != nil || !draft.children.isEmpty
        states.append(state)
        for (key, child) in draft.children { keys.append((index, key, child)) }
      }
      return PathTrie(states: states, terminals: terminals, keys: KeyTable(keys))
    }
  }

  private init(states: [State], terminals: [Terminal], keys: KeyTable) {
    self.states = states
    self.terminals = terminals
    self.keys = keys
  }
}

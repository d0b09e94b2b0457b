/// The working memory of one walk over a foreign event: what was found for each slot, and what was passed.
struct SlotSearch {
  /// A member that no deeper path leads into, with a state it was reached in.
  struct Visit {
    var node: Int32
    /// -1: no path knows the member.
    var state: Int32
    var frame: Int32
  }

  /// An object the walk went into: enough to name a member by its path from the nearest place.
  struct Frame {
    var node: Int32
    var parent: Int32
    var isPlace: Bool
  }

  static let notFound = UInt32.max

  var ranks: [UInt32] = []
  var nodes: [Int32] = []
  var candidates: [UInt16] = []
  var states: [Int32] = []
  var visits: [Visit] = []
  var frames: [Frame] = []

  mutating func reset(slots: Int) {
    if ranks.count == slots {
      for slot in 0..<slots { ranks[slot] = Self.notFound }
    } else {
      ranks = Array(repeating: Self.notFound, count: slots)
      nodes = Array(repeating: -1, count: slots)
      candidates = Array(repeating: 0, count: slots)
    }
    visits.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    states.removeAll(keepingCapacity: true)
  }

  /// The node found for a slot.
  func node(_ slot: Int) -> Int? { ranks[slot] == Self.notFound ? nil : Int(nodes[slot]) }

  /// Walks an object once, keeping for each slot the value of the lowest rank.
  mutating func walk(_ object: Int, in document: borrowing Document, mapping: Mapping, offset: UInt32) {
    states.append(Int32(PathTrie.root))
    frames.append(Frame(node: Int32(object), parent: -1, isPlace: true))
    walk(
      object, states: states.count - 1..<states.count, in: document, mapping: mapping, offset: offset,
      isSilent: false, frame: Int32(frames.count - 1))
  }

  private mutating func walk(
    _ object: Int, states from: Range<Int>, in document: borrowing Document, mapping: Mapping, offset: UInt32,
    isSilent: Bool, frame: Int32
  ) {
    let trie = mapping.trie
    var child = object + 1
    let end = Int(document.nodes[object].end)
    while child < end {
      let node = document.nodes[child]
      let index = child
      child = Int(node.end)
      if document.isNone(index) { continue }
      if mapping.hasNullValues, mapping.isNull(node, in: document) { continue }
      let key = document.key(node)
      let first = states.count
      for position in from {
        let state = Int(states[position])
        let next = trie.next(state, key, node.keyHash)
        if next >= 0 { states.append(Int32(next)) }
        if trie.states[state].any >= 0 { states.append(trie.states[state].any) }
      }
      if states.count == first {
        let isOwn = mapping.ownPrefix != nil && key.first == mapping.ownPrefix
        if !isSilent, !isOwn { visits.append(Visit(node: Int32(index), state: -1, frame: frame)) }
        continue
      }
      var goesDeeper = false
      var isPlace = false
      var isEnvelope = false
      for position in first..<states.count {
        let state = trie.states[Int(states[position])]
        let entersState = node.kind == .object && state.hasChildren
        for terminal in state.terminals {
          let terminal = trie.terminals[terminal]
          let slot = Int(terminal.slot)
          if entersState, !mapping.takesObject[slot] { continue }
          let rank = terminal.rank + offset
          // Of a key that comes twice the last counts, as JavaScript and Python have it.
          if rank <= ranks[slot] {
            ranks[slot] = rank
            nodes[slot] = Int32(index)
            candidates[slot] = terminal.candidate
          }
        }
        goesDeeper = goesDeeper || entersState
        isPlace = isPlace || state.isPlace
        isEnvelope = isEnvelope || state.isEnvelope || state.isDropped
        if !entersState || state.isDropped {
          visits.append(Visit(node: Int32(index), state: states[position], frame: frame))
        }
      }
      if goesDeeper {
        frames.append(Frame(node: Int32(index), parent: frame, isPlace: isPlace))
        walk(
          index, states: first..<states.count, in: document, mapping: mapping, offset: offset,
          isSilent: isEnvelope || (isSilent && !isPlace), frame: Int32(frames.count - 1))
      }
      states.removeLast(states.count - first)
    }
  }

  /// A member's name as the maintainer would write it in `fields` or `drop`: its path from the nearest place.
  func name(of visit: Visit, in document: borrowing Document) -> String {
    var parts = [String(decoding: document.key(document.nodes[Int(visit.node)]), as: UTF8.self)]
    var frame = Int(visit.frame)
    while frame >= 0, !frames[frame].isPlace {
      parts.append(String(decoding: document.key(document.nodes[Int(frames[frame].node)]), as: UTF8.self))
      frame = Int(frames[frame].parent)
    }
    return parts.reversed().joined(separator: ".")
  }
}

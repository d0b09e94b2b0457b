/// Reads one JSON document (RFC 8259) in a single pass over its bytes, without recursion.
///
/// Everything is checked on the way: grammar, escapes, surrogate pairs, UTF-8, depth. Numbers are checked
/// for their form only; their values are made when a declared field asks for them, so that one absurd
/// number costs its field and not the request.
struct Scanner {
  /// Amplitude's documented depth of 40 fits with its envelope.
  static let maxDepth = 64
  /// 20 MB of real events are about one and a half million values; `[1,1,1,...` of that size would be ten and
  /// fill the memory with nodes.
  static let maxNodes = 2 << 20

  let base: UnsafePointer<UInt8>
  let count: Int
  var position: Int
  var nodes: [Node] = []
  var side: [UInt8] = []

  init(_ bytes: Bytes) throws(ScanError) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { throw ScanError(reason: .empty, offset: 0) }
    guard bytes.count <= 1 << 30 else { throw ScanError(reason: .size, offset: 0) }
    self.base = base
    count = bytes.count
    // A byte order mark is not JSON, yet some clients send one, and ignoring it is permitted.
    position = bytes.count >= 3 && base[0] == 0xEF && base[1] == 0xBB && base[2] == 0xBF ? 3 : 0
    // A large body gets room for the densest there is: memory that is not written to costs nothing, while an array
    // that grows is held twice for a moment.
    let room = bytes.count > 1 << 20 ? bytes.count / 2 : bytes.count / 16
    nodes.reserveCapacity(min(room + 8, Self.maxNodes))
  }

  mutating func scan() throws(ScanError) {
    // Indices of the containers that are open, innermost last.
    var open: [UInt32] = []
    open.reserveCapacity(Self.maxDepth)
    var isObject = false
    var key = Key()
    skipSpace()
    value: while true {
      let byte = try here()
      guard nodes.count < Self.maxNodes else { throw failure(.values) }
      var node = Node(kind: .null, start: UInt32(position), end: UInt32(nodes.count + 1))
      node.keyStart = key.start
      node.keyLength = key.length
      node.keyHash = key.hash
      if key.isAside { node.flags.insert(.keyAside) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        let text = try text()
        node.kind = .text
        node.start = text.start
        node.length = text.length
        if text.isAside { node.flags.insert(.textAside) }
        nodes.append(node)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard open.count < Self.maxDepth else { throw failure(.depth) }
        isObject = byte == UInt8(ascii: "{")
        node.kind = isObject ? .object : .array
        position += 1
        open.append(UInt32(nodes.count))
        nodes.append(node)
        skipSpace()
        if try here() != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          key = isObject ? try self.key() : Key()
          continue value
        }
        close(&open, &isObject)
      case UInt8(ascii: "t"):
        try word("true")
        node.kind = .yes
        nodes.append(node)
      case UInt8(ascii: "f"):
        try word("false")
        node.kind = .no
        nodes.append(node)
      case UInt8(ascii: "n"):
        try word("null")
        nodes.append(node)
      default:
        node.kind = .number
        if try number() { node.flags.insert(.whole) }
        node.length = UInt32(position) - node.start
        nodes.append(node)
      }
      while !open.isEmpty {
        skipSpace()
        let byte = try here()
        if byte == UInt8(ascii: ",") {
          position += 1
          skipSpace()
          key = isObject ? try self.key() : Key()
          continue value
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw failure(.unclosed) }
        close(&open, &isObject)
      }
      break
    }
    skipSpace()
    guard position == count else { throw failure(.trailing) }
  }

  private mutating func close(_ open: inout [UInt32], _ isObject: inout Bool) {
    position += 1
    let index = Int(open.removeLast())
    nodes[index].length = UInt32(position) - nodes[index].start
    nodes[index].end = UInt32(nodes.count)
    if let outer = open.last { isObject = nodes[Int(outer)].kind == .object }
  }

  func failure(_ reason: ScanError.Reason) -> ScanError { ScanError(reason: reason, offset: position) }

  @inline(__always)
  func here() throws(ScanError) -> UInt8 {
    guard position < count else { throw failure(.early) }
    return base[position]
  }

  @inline(__always)
  private mutating func skipSpace() {
    while position < count {
      switch base[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func word(_ word: StaticString) throws(ScanError) {
    let length = word.utf8CodeUnitCount
    guard position + length <= count, KeyHash.same(base + position, word.utf8Start, length) else {
      throw failure(position + length <= count ? .word : .early)
    }
    position += length
  }

  /// Passes over a number and returns whether it is whole.
  private mutating func number() throws(ScanError) -> Bool {
    let start = position
    if base[position] == UInt8(ascii: "-") { position += 1 }
    let first = position
    let digits = digits()
    guard digits > 0 else { throw failure(first == start ? .value : .number) }
    guard digits == 1 || base[first] != UInt8(ascii: "0") else { throw failure(.number) }
    var isWhole = true
    if position < count, base[position] == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      guard self.digits() > 0 else { throw failure(.number) }
    }
    if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") {
        position += 1
      }
      guard self.digits() > 0 else { throw failure(.number) }
    }
    return isWhole
  }

  @inline(__always)
  private mutating func digits() -> Int {
    let start = position
    while position < count, base[position] &- 48 < 10 { position += 1 }
    return position - start
  }

  struct Key {
    var start: UInt32 = 0
    var length: UInt32 = 0
    var hash: UInt32 = 0
    var isAside = false
  }

  private mutating func key() throws(ScanError) -> Key {
    guard try here() == UInt8(ascii: "\"") else { throw failure(.key) }
    position += 1
    let text = try text()
    var key = Key(start: text.start, length: text.length, isAside: text.isAside)
    if text.isAside {
      key.hash = side.withUnsafeBufferPointer { side in
        KeyHash.hash(Bytes(rebasing: side[Int(text.start)..<Int(text.start + text.length)]))
      }
    } else {
      key.hash = KeyHash.hash(base + Int(text.start), Int(text.length))
    }
    skipSpace()
    guard try here() == UInt8(ascii: ":") else { throw failure(.colon) }
    position += 1
    skipSpace()
    return key
  }
}

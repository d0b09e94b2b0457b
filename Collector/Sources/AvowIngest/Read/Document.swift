/// A scanned body: its nodes, and access to the bytes behind them.
///
/// A document is valid only while the body's buffer is; it lives inside `withUnsafeBufferPointer`.
struct Document {
  let base: UnsafePointer<UInt8>
  let count: Int
  var nodes: [Node]
  var side: [UInt8]

  /// Scans `bytes`.
  init(_ bytes: Bytes) throws(ScanError) {
    var scanner = try Scanner(bytes)
    try scanner.scan()
    base = scanner.base
    count = scanner.count
    nodes = scanner.nodes
    side = scanner.side
  }

  /// Joins what was read otherwise than from JSON.
  init(base: UnsafePointer<UInt8>, count: Int, nodes: [Node], side: [UInt8]) {
    self.base = base
    self.count = count
    self.nodes = nodes
    self.side = side
  }

  /// The text of a text node, the digits of a number.
  @inline(__always)
  func bytes(_ node: Node) -> Bytes {
    if node.flags.contains(.textAside) { return aside(node.start, node.length) }
    return Bytes(start: base + Int(node.start), count: Int(node.length))
  }

  /// The key of a member.
  @inline(__always)
  func key(_ node: Node) -> Bytes {
    if node.flags.contains(.keyAside) { return aside(node.keyStart, node.keyLength) }
    return Bytes(start: base + Int(node.keyStart), count: Int(node.keyLength))
  }

  private func aside(_ start: UInt32, _ length: UInt32) -> Bytes {
    // The side buffer belongs to `self` and is never changed once scanning is over.
    side.withUnsafeBufferPointer { side in Bytes(rebasing: side[Int(start)..<Int(start + length)]) }
  }

  /// The text of a text node.
  func text(_ index: Int) -> String? {
    nodes[index].kind == .text ? String(decoding: bytes(nodes[index]), as: UTF8.self) : nil
  }

  /// Calls `body` with each member's or element's index.
  @inline(__always)
  func forEachChild(of index: Int, _ body: (Int) -> Void) {
    var child = index + 1
    let end = Int(nodes[index].end)
    while child < end {
      body(child)
      child = Int(nodes[child].end)
    }
  }

  /// The indices of the members or elements of a container.
  func children(of index: Int) -> [Int] {
    var children: [Int] = []
    forEachChild(of: index) { children.append($0) }
    return children
  }

  /// The last member called `name`, `nil` where there is none or the value is no object.
  func member(_ name: StaticString, of index: Int) -> Int? {
    guard nodes[index].kind == .object else { return nil }
    let length = name.utf8CodeUnitCount
    let hash = KeyHash.hash(name.utf8Start, length)
    var found: Int?
    var child = index + 1
    let end = Int(nodes[index].end)
    while child < end {
      let node = nodes[child]
      if node.keyHash == hash, Int(node.keyLength) == length, let key = key(node).baseAddress,
        KeyHash.same(key, name.utf8Start, length)
      {
        found = child
      }
      child = Int(node.end)
    }
    return found
  }

  /// The text of the member called `name`.
  func text(_ name: StaticString, of index: Int) -> String? {
    member(name, of: index).flatMap { text($0) }
  }

  /// Whether the value says nothing: `null`, `""` or `{}`.
  @inline(__always)
  func isNone(_ index: Int) -> Bool {
    let node = nodes[index]
    switch node.kind {
    case .null: return true
    case .text: return node.length == 0
    case .object: return Int(node.end) == index + 1
    default: return false
    }
  }
}

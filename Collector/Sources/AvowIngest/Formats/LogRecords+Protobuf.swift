/// OTLP in protobuf: an `ExportLogsServiceRequest` as the nodes its JSON would have given.
///
/// Texts and keys stay where they are in the body, as with JSON; numbers are written out, because a node's
/// number is its digits.
struct LogRecordReader {
  private let base: UnsafePointer<UInt8>
  private let count: Int
  private var nodes: [Node] = []
  private var side: [UInt8] = []
  private(set) var records: [LogRecord] = []

  /// Names that protobuf has numbers for.
  private enum Name: String, CaseIterable {
    case eventName, timeUnixNano, observedTimeUnixNano, attributes, body, resource
  }

  private struct Key {
    var start: UInt32
    var length: UInt32
    var hash: UInt32
    var isAside: Bool
  }

  private var names: [Key] = []

  /// Reads a whole request.
  static func read(_ bytes: Bytes) throws(ScanError) -> (document: Document, records: [LogRecord]) {
    // An empty message is no bytes at all, and a buffer of none may have no address.
    guard let base = bytes.baseAddress, bytes.count > 0 else { throw ScanError(reason: .empty, offset: 0) }
    guard bytes.count <= 1 << 30 else { throw ScanError(reason: .size, offset: 0) }
    var reader = LogRecordReader(base: base, count: bytes.count)
    try reader.request()
    return (
      Document(base: base, count: bytes.count, nodes: reader.nodes, side: reader.side), reader.records
    )
  }

  private init(base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
    // Whatever asks the document for a member at the top finds an empty object.
    nodes.append(Node(kind: .object, start: 0, end: 1))
    for name in Name.allCases {
      let text = Array(name.rawValue.utf8)
      names.append(
        Key(
          start: UInt32(side.count), length: UInt32(text.count), hash: KeyHash.hash(name.rawValue),
          isAside: true))
      side += text
    }
  }

  private func key(_ name: Name) -> Key {
    names[Name.allCases.firstIndex(of: name) ?? 0]
  }

  // MARK: Messages

  private mutating func request() throws(ScanError) {
    var reader = ProtobufReader(base, 0..<count)
    while let field = try reader.next() {
      if field.number == 1, case .bytes(let range) = field.value { try resourceLogs(range) }
    }
  }

  private mutating func resourceLogs(_ range: Range<Int>) throws(ScanError) {
    // Fields may come in any order, and every record needs what its resource says.
    var resource = range.lowerBound..<range.lowerBound
    var reader = ProtobufReader(base, range)
    while let field = try reader.next() {
      if field.number == 1, case .bytes(let found) = field.value { resource = found }
    }
    reader = ProtobufReader(base, range)
    while let field = try reader.next() {
      guard field.number == 2, case .bytes(let scope) = field.value else { continue }
      var logs = ProtobufReader(base, scope)
      while let field = try logs.next() {
        if field.number == 2, case .bytes(let record) = field.value { try self.record(record, resource) }
      }
    }
  }

  private mutating func record(_ range: Range<Int>, _ resource: Range<Int>) throws(ScanError) {
    let flat = nodes.count
    try append(.object, nil, at: range.lowerBound)
    var attributes: [Range<Int>] = []
    var body: Range<Int>?
    var reader = ProtobufReader(base, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      // A time of zero means unknown.
      case (1, .fixed64(let time)) where time != 0: try number(String(time), key(.timeUnixNano))
      case (11, .fixed64(let time)) where time != 0: try number(String(time), key(.observedTimeUnixNano))
      case (5, .bytes(let value)): body = value
      case (6, .bytes(let pair)): attributes.append(pair)
      case (12, .bytes(let name)): try text(name, key(.eventName))
      default: break
      }
    }
    try members(attributes, key(.attributes), depth: 0)
    if let body { try value(body, key(.body), depth: 0) }
    var described: [Range<Int>] = []
    reader = ProtobufReader(base, resource)
    while let field = try reader.next() {
      if field.number == 1, case .bytes(let pair) = field.value { described.append(pair) }
    }
    try members(described, key(.resource), depth: 0)
    nodes[flat].end = UInt32(nodes.count)
    records.append(
      LogRecord(
        flat: flat, bytes: Bytes(start: base + range.lowerBound, count: range.count),
        resource: Bytes(start: base + resource.lowerBound, count: resource.count)))
  }

  /// Appends a list of `KeyValue` as an object.
  private mutating func members(_ pairs: [Range<Int>], _ name: Key?, depth: Int) throws(ScanError) {
    guard depth < Scanner.maxDepth else { throw ScanError(reason: .depth, offset: 0) }
    let at = nodes.count
    try append(.object, name, at: pairs.first?.lowerBound ?? 0)
    for pair in pairs {
      var found: Range<Int>?
      var held: Range<Int>?
      var reader = ProtobufReader(base, pair)
      while let field = try reader.next() {
        switch (field.number, field.value) {
        case (1, .bytes(let key)): found = key
        case (2, .bytes(let value)): held = value
        default: break
        }
      }
      guard let found, let held else { continue }
      try check(found)
      let key = Key(
        start: UInt32(found.lowerBound), length: UInt32(found.count),
        hash: KeyHash.hash(base + found.lowerBound, found.count), isAside: false)
      try value(held, key, depth: depth)
    }
    nodes[at].end = UInt32(nodes.count)
  }

  /// Appends an `AnyValue`; one that holds nothing is OpenTelemetry's null and no node.
  private mutating func value(_ range: Range<Int>, _ name: Key?, depth: Int) throws(ScanError) {
    var reader = ProtobufReader(base, range)
    var last: ProtobufReader.Field?
    while let field = try reader.next() {
      if (1...7).contains(field.number) { last = field }
    }
    switch (last?.number, last?.value) {
    case (1, .bytes(let text)): try self.text(text, name)
    case (2, .varint(let truth)): try append(truth == 0 ? .no : .yes, name, at: range.lowerBound)
    case (3, .varint(let integer)): try number(String(Int64(bitPattern: integer)), name)
    case (4, .fixed64(let bits)): try number("\(Double(bitPattern: bits))", name)
    case (5, .bytes(let array)):
      guard depth + 1 < Scanner.maxDepth else { throw ScanError(reason: .depth, offset: range.lowerBound) }
      let at = nodes.count
      try append(.array, name, at: range.lowerBound)
      var elements = ProtobufReader(base, array)
      while let field = try elements.next() {
        if field.number == 1, case .bytes(let element) = field.value {
          try value(element, nil, depth: depth + 1)
        }
      }
      nodes[at].end = UInt32(nodes.count)
    case (6, .bytes(let list)):
      var pairs: [Range<Int>] = []
      var members = ProtobufReader(base, list)
      while let field = try members.next() {
        if field.number == 1, case .bytes(let pair) = field.value { pairs.append(pair) }
      }
      try self.members(pairs, name, depth: depth + 1)
    // No declared type takes bytes; an empty list is a value that none of them takes either.
    case (7, .bytes): try append(.array, name, at: range.lowerBound)
    default: break
    }
  }

  // MARK: Nodes

  private mutating func append(_ kind: Node.Kind, _ key: Key?, at start: Int) throws(ScanError) {
    guard nodes.count < Scanner.maxNodes else { throw ScanError(reason: .values, offset: start) }
    var node = Node(kind: kind, start: UInt32(start), end: UInt32(nodes.count + 1))
    if let key {
      node.keyStart = key.start
      node.keyLength = key.length
      node.keyHash = key.hash
      if key.isAside { node.flags.insert(.keyAside) }
    }
    nodes.append(node)
  }

  private mutating func text(_ range: Range<Int>, _ key: Key?) throws(ScanError) {
    try check(range)
    try append(.text, key, at: range.lowerBound)
    nodes[nodes.count - 1].length = UInt32(range.count)
  }

  private mutating func number(_ digits: String, _ key: Key?) throws(ScanError) {
    try append(.number, key, at: side.count)
    nodes[nodes.count - 1].length = UInt32(digits.utf8.count)
    nodes[nodes.count - 1].flags.insert(.textAside)
    side += Array(digits.utf8)
  }

  private func check(_ range: Range<Int>) throws(ScanError) {
    let text = Bytes(start: base + range.lowerBound, count: range.count)
    guard String(validating: text, as: UTF8.self) != nil else {
      throw ScanError(reason: .utf8, offset: range.lowerBound)
    }
  }
}

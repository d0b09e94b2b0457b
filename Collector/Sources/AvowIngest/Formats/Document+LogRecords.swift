/// A log record as a plain object, its lists of key and value turned into members.
struct LogRecord {
  /// The node of the flattened object.
  var flat: Int
  /// The record's bytes as they were sent, and its resource's: what a retry repeats.
  var bytes: Bytes
  var resource: Bytes
}

/// OTLP in JSON: the scanned nodes are copied into plain objects.
extension Document {
  /// The bytes of a container as they were sent.
  func raw(_ index: Int) -> Bytes {
    Bytes(start: base + Int(nodes[index].start), count: Int(nodes[index].length))
  }

  /// Appends each log record as a plain object and returns where they are.
  mutating func flattenLogRecords() -> [LogRecord] {
    var records: [LogRecord] = []
    guard let resources = member("resourceLogs", of: 0), nodes[resources].kind == .array else { return [] }
    for resource in children(of: resources) {
      let described = member("resource", of: resource).flatMap { nodes[$0].kind == .object ? $0 : nil }
      guard let scopes = member("scopeLogs", of: resource), nodes[scopes].kind == .array else { continue }
      for scope in children(of: scopes) {
        guard let logs = member("logRecords", of: scope), nodes[logs].kind == .array else { continue }
        for record in children(of: logs) where nodes[record].kind == .object {
          records.append(
            LogRecord(
              flat: flatten(record, resource: described), bytes: raw(record),
              resource: described.map { raw($0) } ?? Bytes(start: base, count: 0)))
        }
      }
    }
    return records
  }

  private mutating func flatten(_ record: Int, resource: Int?) -> Int {
    let attributes = member("attributes", of: record)
    let body = member("body", of: record)
    let time = member("timeUnixNano", of: record)
    let at = nodes.count
    nodes.append(nodes[record])
    for child in children(of: record) {
      if child == attributes {
        appendMembers(of: child, named: nodes[child])
      } else if child == body {
        appendValue(child, named: nodes[child])
      } else if child != time || !bytes(nodes[child]).elementsEqual(CollectionOfOne(UInt8(ascii: "0"))) {
        // A time of zero means unknown; the time of observation stands in for it.
        appendCopy(child)
      }
    }
    if let resource, let list = member("attributes", of: resource) {
      appendMembers(of: list, named: nodes[resource])
    }
    nodes[at].end = UInt32(nodes.count)
    return at
  }

  /// Appends a list of `{key, value}` as an object under the key of `name`.
  private mutating func appendMembers(of list: Int, named name: Node) {
    let at = nodes.count
    var node = name
    node.kind = .object
    nodes.append(node)
    for pair in nodes[list].kind == .array ? children(of: list) : [] {
      guard let key = member("key", of: pair), nodes[key].kind == .text, let value = member("value", of: pair)
      else { continue }
      var named = nodes[key]
      named.keyStart = named.start
      named.keyLength = named.length
      named.keyHash = KeyHash.hash(bytes(named))
      named.flags = named.flags.contains(.textAside) ? [.keyAside] : []
      appendValue(value, named: named)
    }
    nodes[at].end = UInt32(nodes.count)
  }

  /// Appends what an `AnyValue` holds under the key of `name`; `{}` is OpenTelemetry's null.
  private mutating func appendValue(_ any: Int, named name: Node) {
    guard nodes[any].kind == .object, let inner = children(of: any).first else { return }
    let kind = key(nodes[inner])
    if kind.elementsEqual("kvlistValue".utf8) {
      if let list = member("values", of: inner) { appendMembers(of: list, named: name) }
      return
    }
    let at = nodes.count
    var node = nodes[inner]
    node.keyStart = name.keyStart
    node.keyLength = name.keyLength
    node.keyHash = name.keyHash
    node.flags.subtract(.keyAside)
    node.flags.formUnion(name.flags.intersection(.keyAside))
    node.end = UInt32(at + 1)
    if kind.elementsEqual("arrayValue".utf8) {
      node.kind = .array
      nodes.append(node)
      if let list = member("values", of: inner), nodes[list].kind == .array {
        for element in children(of: list) { appendValue(element, named: nodes[element]) }
      }
      nodes[at].end = UInt32(nodes.count)
    } else if node.kind != .object, node.kind != .array {
      nodes.append(node)
    }
  }

  private mutating func appendCopy(_ index: Int) {
    let shift = nodes.count - index
    for position in index..<Int(nodes[index].end) {
      var node = nodes[position]
      node.end = UInt32(Int(node.end) + shift)
      nodes.append(node)
    }
  }
}

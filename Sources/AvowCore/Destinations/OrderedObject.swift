#if ForeignFormats
  /// A JSON object whose members stay in the order they were put in, reached by paths.
  struct OrderedObject {
    private enum Node {
      case value(JSONValue)
      case object(OrderedObject)
    }

    private var members: [(key: String, node: Node)] = []

    /// Puts a value at a path; objects on the way are made, a value that is in the way gives way.
    mutating func set(_ value: JSONValue, at path: [String]) { put(.value(value), at: path[...]) }

    mutating func set(_ value: JSONValue, at path: String...) { put(.value(value), at: path[...]) }

    /// Makes sure that there is an object.
    mutating func makeObject(at path: [String]) { makeObject(at: path[...]) }

    private mutating func makeObject(at path: ArraySlice<String>) {
      guard let first = path.first else { return }
      let rest = path.dropFirst()
      let index = members.firstIndex { $0.key == first }
      var inner = OrderedObject()
      if let index, case .object(let found) = members[index].node { inner = found }
      inner.makeObject(at: rest)
      replace(first, index, .object(inner))
    }

    private mutating func put(_ node: Node, at path: ArraySlice<String>) {
      guard let first = path.first else { return }
      let rest = path.dropFirst()
      let index = members.firstIndex { $0.key == first }
      if rest.isEmpty { return replace(first, index, node) }
      var inner = OrderedObject()
      if let index, case .object(let found) = members[index].node { inner = found }
      inner.put(node, at: rest)
      replace(first, index, .object(inner))
    }

    private mutating func replace(_ key: String, _ index: Int?, _ node: Node) {
      if let index { members[index].node = node } else { members.append((key, node)) }
    }

    func write(to writer: inout JSONWriter) {
      writer.beginObject()
      for (key, node) in members {
        writer.key(key)
        switch node {
        case .value(let value): value.write(to: &writer)
        case .object(let object): object.write(to: &writer)
        }
      }
      writer.endObject()
    }
  }

  /// Splits a dotted path; a key with a point in it cannot be said, and none of ours has one.
  func dotted(_ path: String) -> [String] {
    PlainText.words(path[...], between: ".").map { String($0) }
  }
#endif

/// Turns the values `EventEncoder` wrote back into names and JSON.
enum ValueReader {
  /// Returns the members that the bytes hold; `nil` when they are not whole.
  ///
  /// A field the schema does not know is left out, a choice beyond its set as well.
  static func members(
    _ bytes: UnsafeRawBufferPointer, _ schema: [SegmentSchema.Value], depth: Int = 0
  ) -> [EventReport.Member]? {
    // Records in records are no type of the grammar; bytes that claim them must not use up the stack.
    guard depth < 3 else { return nil }
    var reader = ByteReader(bytes)
    var members: [EventReport.Member] = []
    members.reserveCapacity(schema.count)
    while !reader.isAtEnd {
      guard let (field, kind) = key(&reader) else { return nil }
      let declared = schema.indices.contains(field) ? schema[field] : nil
      switch value(&reader, kind, declared, depth) {
      case .malformed: return nil
      case .absent: break
      case .value(let value): if let declared { members.append(.init(declared.name, value)) }
      }
    }
    return members
  }

  private enum Reading {
    case malformed, absent
    case value(JSONValue)
  }

  static func key(_ reader: inout ByteReader) -> (Int, UInt8)? {
    guard let byte = reader.byte() else { return nil }
    if byte < 0xF8 { return (Int(byte >> 3), byte & 7) }
    guard let field = reader.short() else { return nil }
    return (field, byte & 7)
  }

  private static func value(
    _ reader: inout ByteReader, _ kind: UInt8, _ declared: SegmentSchema.Value?, _ depth: Int
  ) -> Reading {
    switch kind {
    case EventEncoder.Kind.no: return .value(.boolean(false))
    case EventEncoder.Kind.yes: return .value(.boolean(true))
    case EventEncoder.Kind.integer:
      guard let bits = reader.varint() else { return .malformed }
      return .value(.integer(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)))
    case EventEncoder.Kind.number:
      guard let bits = reader.word() else { return .malformed }
      return .value(.number(Double(bitPattern: bits)))
    case EventEncoder.Kind.text:
      guard let text = reader.string() else { return .malformed }
      return .value(.string(text))
    case EventEncoder.Kind.choice:
      guard let index = reader.varint() else { return .malformed }
      guard let declared, index < UInt64(declared.choices.count) else { return .absent }
      return .value(.string(declared.choices[Int(index)]))
    case EventEncoder.Kind.list:
      guard let length = reader.short(), let run = reader.run(length) else { return .malformed }
      return elements(run, declared, depth)
    default:
      guard let length = reader.short(), let run = reader.run(length) else { return .malformed }
      return rows(run, declared, depth)
    }
  }

  private static func elements(
    _ run: UnsafeRawBufferPointer, _ declared: SegmentSchema.Value?, _ depth: Int
  ) -> Reading {
    var reader = ByteReader(run)
    var items: [JSONValue] = []
    while !reader.isAtEnd {
      // A list in a list is no type of the grammar: refusing it bounds the depth.
      guard let (_, kind) = key(&reader), kind < EventEncoder.Kind.list else { return .malformed }
      switch value(&reader, kind, declared, depth) {
      case .malformed: return .malformed
      case .absent: break
      case .value(let value): items.append(value)
      }
    }
    return .value(.array(items))
  }

  private static func rows(
    _ run: UnsafeRawBufferPointer, _ declared: SegmentSchema.Value?, _ depth: Int
  ) -> Reading {
    var reader = ByteReader(run)
    var rows: [JSONValue] = []
    while !reader.isAtEnd {
      guard let length = reader.short(), let row = reader.run(length),
        let cells = members(row, declared?.cells ?? [], depth: depth + 1)
      else { return .malformed }
      rows.append(.object(Dictionary(cells.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })))
    }
    return .value(.array(rows))
  }
}

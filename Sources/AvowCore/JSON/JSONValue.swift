/// A JSON document as a tree, for the places where speed does not matter: answers, settings, the
/// control socket. Requests with events are read by the collector's own scanner instead. Looking into it is not
/// inlined, which would cost every host some ten kilobytes.
public enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// The members; a key that comes twice keeps its last value.
  case object([String: JSONValue])

  /// The member called `key`, `nil` for anything that is no object or lacks it.
  @inline(never)
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  @inline(never)
  public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
  @inline(never)
  public var boolValue: Bool? { if case .boolean(let flag) = self { flag } else { nil } }
  @inline(never)
  public var arrayValue: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  @inline(never)
  public var objectValue: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The value as a whole number, also when it was written as `3.0`.
  @inline(never)
  public var integerValue: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  @inline(never)
  public var numberValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// Writes the value with sorted keys and no white space: the canonical form.
  @inline(never)
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .boolean(let value): writer.boolean(value)
    case .integer(let value): writer.integer(value)
    case .number(let value): writer.number(value)
    case .string(let value): writer.string(value)
    case .array(let items):
      writer.beginArray()
      for item in items { item.write(to: &writer) }
      writer.endArray()
    case .object(let members):
      writer.beginObject()
      for key in PlainText.ordered(Array(members.keys)) {
        writer.key(key)
        members[key]?.write(to: &writer)
      }
      writer.endObject()
    }
  }

  /// The canonical text, UTF-8.
  public var bytes: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// The canonical text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}

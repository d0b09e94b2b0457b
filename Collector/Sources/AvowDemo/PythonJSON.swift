import AvowWire

/// JSON as Python's `json.dumps` writes it: a space after each comma and colon, `30.0` for a whole float.
struct PythonJSON {
  private var writer = JSONWriter(capacity: 512)

  init(_ write: (inout JSONWriter) -> Void) { write(&writer) }

  /// The text with Python's spaces.
  var bytes: [UInt8] {
    var spaced: [UInt8] = []
    spaced.reserveCapacity(writer.bytes.count * 5 / 4)
    var isQuoted = false
    var isEscaped = false
    for byte in writer.bytes {
      spaced.append(byte)
      if isQuoted {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: "\"") {
        isQuoted = true
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") {
        spaced.append(UInt8(ascii: " "))
      }
    }
    return spaced
  }
}

extension JSONWriter {
  mutating func member(_ name: String, _ value: String?) {
    key(name)
    if let value { string(value) } else { null() }
  }

  mutating func member(_ name: String, integer value: some FixedWidthInteger) {
    key(name)
    integer(value)
  }

  /// Writes a member that is a floating-point number in its own language, also when it is whole.
  mutating func member(_ name: String, float value: Double) {
    key(name)
    raw(value.description)
  }

  mutating func member(_ name: String, boolean value: Bool) {
    key(name)
    boolean(value)
  }

  mutating func member(_ name: String, strings: [String]) {
    key(name)
    beginArray()
    for text in strings { string(text) }
    endArray()
  }

  mutating func emptyObject(_ name: String) {
    key(name)
    beginObject()
    endObject()
  }
}

/// Writes protobuf messages for tests, independent of the reader it checks.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  init(_ body: (inout ProtobufWriter) -> Void = { _ in }) { body(&self) }

  mutating func varint(_ number: Int, _ value: UInt64) {
    raw(UInt64(number) << 3)
    raw(value)
  }

  mutating func fixed64(_ number: Int, _ value: UInt64) {
    raw(UInt64(number) << 3 | 1)
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func fixed32(_ number: Int, _ value: UInt32) {
    raw(UInt64(number) << 3 | 5)
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func text(_ number: Int, _ text: String) { block(number, Array(text.utf8)) }

  mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    block(number, ProtobufWriter(body).bytes)
  }

  mutating func block(_ number: Int, _ content: [UInt8]) {
    raw(UInt64(number) << 3 | 2)
    raw(UInt64(content.count))
    bytes += content
  }

  private mutating func raw(_ value: UInt64) {
    var value = value
    repeat {
      bytes.append(UInt8(value & 0x7F) | (value > 0x7F ? 0x80 : 0))
      value >>= 7
    } while value > 0
  }

  /// A `KeyValue` whose value is written by `body`.
  mutating func pair(_ number: Int, _ key: String, _ body: (inout ProtobufWriter) -> Void) {
    message(number) { pair in
      pair.text(1, key)
      pair.message(2, body)
    }
  }
}

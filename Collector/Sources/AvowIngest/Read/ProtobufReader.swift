/// Reads the fields of one message in protobuf's wire format, without a schema.
///
/// The collector needs one request of OTLP and no other: a few dozen field numbers that the protocol promises
/// never to change. Generated code and its library would be twenty thousand lines for it, would copy every string
/// into objects, and would be a second way from bytes to events beside the scanner's nodes. This reader hands
/// out places in the body instead, so that both encodings meet in the same nodes.
struct ProtobufReader {
  /// A field as it stands in the body.
  struct Field {
    var number: UInt64
    var value: Value
  }

  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A text, bytes or a message.
    case bytes(Range<Int>)
  }

  private let base: UnsafePointer<UInt8>
  private var position: Int
  private let end: Int

  init(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
    self.base = base
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field, `nil` at the end of the message.
  mutating func next() throws(ScanError) -> Field? {
    guard position < end else { return nil }
    let tag = try varint()
    let number = tag >> 3
    guard number > 0, number < 1 << 29 else { throw failure(.tag) }
    switch tag & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1:
      try need(8)
      defer { position += 8 }
      return Field(
        number: number,
        value: .fixed64(
          UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else { throw failure(.early) }
      let first = position
      position += Int(length)
      return Field(number: number, value: .bytes(first..<position))
    case 5:
      try need(4)
      defer { position += 4 }
      return Field(
        number: number,
        value: .fixed32(
          UnsafeRawPointer(base + position).loadUnaligned(as: UInt32.self).littleEndian))
    // Groups were given up before OTLP began.
    default: throw failure(.tag)
    }
  }

  private mutating func varint() throws(ScanError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      try need(1)
      let byte = base[position]
      position += 1
      // The tenth byte has room for one bit.
      guard shift < 63 || byte <= 1 else { throw failure(.number) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  private func need(_ count: Int) throws(ScanError) {
    guard end - position >= count else { throw failure(.early) }
  }

  func failure(_ reason: ScanError.Reason) -> ScanError { ScanError(reason: reason, offset: position) }
}

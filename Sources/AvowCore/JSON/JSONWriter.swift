/// Writes JSON text into a growing byte buffer, without Foundation.
///
/// Nothing here is inlined: what writes JSON calls these some hundred times, and size matters more there.
/// The caller opens and closes objects and arrays; commas are placed by the writer. Keys and texts
/// are escaped as RFC 8259 asks; text is valid UTF-8 because `String` is. A number that JSON cannot
/// say (`nan`, infinities) is written as `null`.
public struct JSONWriter: Sendable {
  /// The text so far, UTF-8.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Creates an empty writer.
  public init(capacity: Int = 256) {
    bytes.reserveCapacity(capacity)
  }

  /// The text so far.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes the key of the next member.
  @inline(never)
  public mutating func key(_ name: String) {
    comma()
    quoted(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  @inline(never)
  public mutating func string(_ value: String) {
    comma()
    quoted(value)
    needsComma = true
  }

  @inline(never)
  public mutating func integer(_ value: some FixedWidthInteger) {
    comma()
    bytes.append(contentsOf: String(value).utf8)
    needsComma = true
  }

  /// Writes the shortest text that reads back as the same number.
  @inline(never)
  public mutating func number(_ value: Double) {
    comma()
    if value.isFinite {
      if value == value.rounded(), abs(value) < 1e15 {
        bytes.append(contentsOf: String(Int64(value)).utf8)
      } else {
        bytes.append(contentsOf: value.description.utf8)
      }
    } else {
      bytes.append(contentsOf: "null".utf8)
    }
    needsComma = true
  }

  public mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }
  public mutating func null() { raw("null") }

  /// Writes `json` as it is; the caller answers for its being one JSON value.
  @inline(never)
  public mutating func raw(_ json: String) {
    comma()
    bytes.append(contentsOf: json.utf8)
    needsComma = true
  }

  /// Writes UTF-8 bytes as a JSON string; invalid sequences become U+FFFD.
  public mutating func string(utf8 buffer: UnsafeBufferPointer<UInt8>) {
    string(String(decoding: buffer, as: UTF8.self))
  }

  @inline(never)
  private mutating func open(_ byte: UInt8) {
    comma()
    bytes.append(byte)
    needsComma = false
  }

  @inline(never)
  private mutating func close(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }

  private mutating func comma() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  @inline(never)
  private mutating func quoted(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
      case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
      case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20:
        bytes.append(contentsOf: #"\u00"#.utf8)
        bytes.append(Self.hexDigits[Int(byte >> 4)])
        bytes.append(Self.hexDigits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
}

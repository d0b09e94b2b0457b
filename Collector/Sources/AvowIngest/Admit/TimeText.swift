import AvowWire

/// Reads a client's time in whatever unit it was written.
enum TimeText {
  /// A number by its size: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds, else
  /// nanoseconds. BlindAI's ten digits come right.
  static func timestamp(number value: Double) -> Timestamp? {
    let size = abs(value)
    let milliseconds: Double
    if size < 1e11 {
      milliseconds = value * 1000
    } else if size < 1e14 {
      milliseconds = value
    } else if size < 1e17 {
      milliseconds = value / 1000
    } else {
      milliseconds = value / 1_000_000
    }
    guard abs(milliseconds) < 9e15 else { return nil }
    return Timestamp(milliseconds: Int64(milliseconds.rounded()))
  }

  static func timestamp(integer value: Int64) -> Timestamp {
    let size = value.magnitude
    if size < 100_000_000_000 { return Timestamp(milliseconds: value * 1000) }
    if size < 100_000_000_000_000 { return Timestamp(milliseconds: value) }
    if size < 100_000_000_000_000_000 { return Timestamp(milliseconds: value / 1000) }
    return Timestamp(milliseconds: value / 1_000_000)
  }

  /// The time a header holds, in any of the forms a body may use.
  static func timestamp(text: String) -> Timestamp? {
    guard text.utf8.count <= 64 else { return nil }
    if let value = Int64(text) { return timestamp(integer: value) }
    return Timestamp(iso8601: text)
  }

  /// The time a node holds: a number, a number in a text (OTLP), or ISO 8601.
  static func timestamp(_ index: Int, in document: borrowing Document) -> Timestamp? {
    let node = document.nodes[index]
    guard node.kind == .number || node.kind == .text else { return nil }
    let text = document.bytes(node)
    guard text.count <= 64 else { return nil }
    if let value = NumberText.plainInteger(text) { return timestamp(integer: value) }
    if node.kind == .text, let time = Timestamp(iso8601: String(decoding: text, as: UTF8.self)) {
      return time
    }
    return NumberText.double(text).flatMap(timestamp(number:))
  }
}

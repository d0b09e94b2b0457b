/// One JSON value of a scanned body: what it is and where its bytes are.
///
/// Nodes lie in one array in the order of the text; a container's members follow it, and `end` leads past
/// them. A text or key with escapes lies decoded in the document's side buffer, all others in the body.
struct Node {
  enum Kind: UInt8 {
    case null, no, yes, number, text, object, array
  }

  struct Flags: OptionSet {
    let rawValue: UInt8
    static let textAside = Flags(rawValue: 1)
    static let keyAside = Flags(rawValue: 2)
    /// A number without fraction and exponent.
    static let whole = Flags(rawValue: 4)
  }

  var kind: Kind
  var flags: Flags = []
  /// The first byte of the text between its quotes, of the number, or of the container's bracket.
  var start: UInt32
  var length: UInt32 = 0
  /// The key under which an object holds the value.
  var keyStart: UInt32 = 0
  var keyLength: UInt32 = 0
  var keyHash: UInt32 = 0
  /// The index of the first node that does not belong to this value.
  var end: UInt32

  /// Whether the value is `{}` or `[]`, given its own index.
  func isEmptyContainer(at index: Int) -> Bool {
    (kind == .object || kind == .array) && Int(end) == index + 1
  }
}

typealias Bytes = UnsafeBufferPointer<UInt8>

/// Why a body is not JSON; it never quotes the body.
struct ScanError: Error, Hashable, CustomStringConvertible {
  let reason: Reason
  let offset: Int

  var description: String { "\(reason.rawValue) at byte \(offset)" }
}

extension ScanError {
  enum Reason: String {
    case empty = "the body is empty"
    case early = "the body ends too early"
    case value = "a value was expected"
    case word = "an unknown word"
    case key = "a member needs a quoted key"
    case colon = "a key needs a colon after it"
    case unclosed = "an object or array is not closed"
    case trailing = "text after the end of the document"
    case depth = "nesting deeper than 64 levels"
    case number = "a malformed number"
    case control = "a control character inside a string"
    case escape = "an unknown escape"
    case surrogate = "half of a surrogate pair"
    case utf8 = "a string is not valid UTF-8"
    case tag = "a malformed protobuf field"
    case values = "more than two million values"
    case size = "the body is larger than 1 GiB"
  }
}

/// Writes one event's values into the caller's stack memory; generated code is its only user.
///
/// `field` is the index of the field among the event's properties (the catalog's context, a record's
/// fields). Limits are enforced here: a number out of range is left out and counted, a text or list
/// too long is cut and counted; nothing traps. Call order: `begin(event:)` once, then values; the
/// elements of a list between `beginList` and `endList` (their `field` is 0), the cells of a row
/// between `beginRow` and `endRow`.
///
/// The form: a key (the field's index in the upper five bits, 31 meaning "two bytes follow", the kind in
/// the lower three), then by kind nothing, a zigzag varint, eight bytes, or a length and as many bytes.
/// Lists and rows are such runs of values behind a two-byte length.
@frozen
public struct EventEncoder {
  /// What follows a key; the numbers are the spool's format.
  @usableFromInline
  enum Kind {
    @usableFromInline static let no: UInt8 = 0
    @usableFromInline static let yes: UInt8 = 1
    @usableFromInline static let integer: UInt8 = 2
    @usableFromInline static let number: UInt8 = 3
    @usableFromInline static let text: UInt8 = 4
    @usableFromInline static let choice: UInt8 = 5
    @usableFromInline static let list: UInt8 = 6
    @usableFromInline static let records: UInt8 = 7
  }

  @usableFromInline let base: UnsafeMutablePointer<UInt8>
  @usableFromInline var position = 0
  /// How many bytes there are; -1 once a value did not fit, so that nothing later does either.
  @usableFromInline var limit: Int
  /// Where the length of the innermost open list or row goes; each such place holds the one around it.
  @usableFromInline var open = 0xFFFF
  /// Lists and rows begun after the room was used up, whose ends are still to come.
  @usableFromInline var skipped = 0
  @usableFromInline var event = 0
  /// Texts and lists cut to their limit, values refused for being out of range.
  @usableFromInline var trimmed = 0

  /// Creates an encoder over memory of whole words, at most 64 KiB of it.
  @inlinable
  init(_ memory: UnsafeMutablePointer<UInt8>, capacity: Int) {
    base = memory
    limit = capacity &- 8
  }

  @inlinable var overflowed: Bool { limit < 0 }

  @inlinable @inline(__always)
  mutating func hasRoom(_ count: Int) -> Bool {
    if position &+ count <= limit { return true }
    limit = -1
    return false
  }

  @inlinable @inline(__always)
  mutating func byte(_ value: UInt8) {
    base[position] = value
    position &+= 1
  }

  @inlinable @inline(__always)
  mutating func key(_ field: Int, _ kind: UInt8) {
    if field < 31 {
      byte(UInt8(truncatingIfNeeded: field << 3) | kind)
    } else {
      byte(0xF8 | kind)
      byte(UInt8(truncatingIfNeeded: field))
      byte(UInt8(truncatingIfNeeded: field >> 8))
    }
  }

  @inlinable @inline(__always)
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  @inlinable @inline(__always)
  mutating func whole(_ value: Int, _ field: Int) {
    guard hasRoom(13) else { return }
    key(field, Kind.integer)
    let value = Int64(value)
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  @inlinable @inline(__always)
  mutating func real(_ value: Double, _ field: Int) {
    guard hasRoom(11) else { return }
    key(field, Kind.number)
    UnsafeMutableRawPointer(base).storeBytes(of: value.bitPattern, toByteOffset: position, as: UInt64.self)
    position &+= 8
  }

  /// Starts the event with this index in `Catalog.events`.
  @inlinable
  public mutating func begin(event: Int) { self.event = event }

  @inlinable
  public mutating func boolean(_ value: Bool, field: Int) {
    if hasRoom(3) { key(field, value ? Kind.yes : Kind.no) }
  }

  @inlinable
  public mutating func integer(_ value: Int, field: Int, in range: ClosedRange<Int>) {
    if range.contains(value) { whole(value, field) } else { trimmed &+= 1 }
  }

  /// Coarsens to the greatest of the ascending `bucket` edges not above the value.
  @inlinable
  public mutating func integer(
    _ value: Int, field: Int, in range: ClosedRange<Int>, bucket: [Int]
  ) {
    if range.contains(value), let edge = bucket.last(where: { $0 <= value }) {
      whole(edge, field)
    } else {
      trimmed &+= 1
    }
  }

  @inlinable
  public mutating func number(_ value: Double, field: Int, in range: ClosedRange<Double>) {
    if value.isFinite, range.contains(value) { real(value, field) } else { trimmed &+= 1 }
  }

  @inlinable
  public mutating func number(
    _ value: Double, field: Int, in range: ClosedRange<Double>, bucket: [Double]
  ) {
    if value.isFinite, range.contains(value), let edge = bucket.last(where: { $0 <= value }) {
      real(edge, field)
    } else {
      trimmed &+= 1
    }
  }

  /// Text of at most `maxLength` bytes, cut at a character's edge.
  @inlinable
  public mutating func text(_ value: String, field: Int, maxLength: Int) {
    textInPlace(value, field: field, maxLength: maxLength)
  }

  @inlinable @inline(__always)
  mutating func textInPlace(_ value: String, field: Int, maxLength: Int) {
    // Native strings, and all are on Linux, give their bytes without a copy.
    let isDone: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
      cut(utf8, maxLength: maxLength, field: field)
    }
    if isDone == nil { textFromElsewhere(value, field: field, maxLength: maxLength) }
  }

  @usableFromInline @inline(never)
  mutating func textFromElsewhere(_ value: String, field: Int, maxLength: Int) {
    var value = value
    value.withUTF8 { cut($0, maxLength: maxLength, field: field) }
  }

  @inlinable @inline(__always)
  mutating func cut(_ utf8: UnsafeBufferPointer<UInt8>, maxLength: Int, field: Int) {
    var count = utf8.count
    if count > maxLength {
      count = maxLength > 0 ? maxLength : 0
      while count > 0, utf8[count] & 0xC0 == 0x80 { count &-= 1 }
      trimmed &+= 1
    }
    write(utf8, count: count, field: field)
  }

  @inlinable @inline(__always)
  mutating func write(_ utf8: UnsafeBufferPointer<UInt8>, count: Int, field: Int) {
    guard hasRoom(count &+ 13) else { return }
    key(field, Kind.text)
    varint(UInt64(truncatingIfNeeded: count))
    if let source = utf8.baseAddress, count > 0 {
      (base + position).update(from: source, count: count)
      position &+= count
    }
  }

  /// The index of the value in the declared `one_of`.
  @inlinable
  public mutating func choice(_ index: Int, field: Int) {
    guard hasRoom(13) else { return }
    key(field, Kind.choice)
    varint(UInt64(truncatingIfNeeded: index))
  }

  /// At most three numeric parts and a known pre-release; what does not begin like a version is left out.
  public mutating func version(_ value: String, field: Int, precision: FieldType.Precision) {
    var value = value
    value.withUTF8 { utf8 in
      let kept = VersionText.range(in: utf8, precision: precision)
      if kept.isEmpty {
        trimmed &+= 1
      } else {
        write(UnsafeBufferPointer(rebasing: utf8[kept]), count: kept.count, field: field)
      }
    }
  }

  /// Starts a list and returns how many elements the caller may write.
  @inlinable
  public mutating func beginList(field: Int, count: Int, maxItems: Int) -> Int {
    begin(field, Kind.list, count, maxItems)
  }

  @inlinable
  public mutating func endList() { close() }

  /// Starts a list of records and returns how many rows the caller may write.
  @inlinable
  public mutating func beginRecords(field: Int, count: Int, maxItems: Int) -> Int {
    begin(field, Kind.records, count, maxItems)
  }

  @inlinable
  public mutating func beginRow() {
    if hasRoom(2) { push() } else { skipped &+= 1 }
  }

  @inlinable
  public mutating func endRow() { close() }

  @inlinable
  public mutating func endRecords() { close() }

  @inlinable
  mutating func begin(_ field: Int, _ kind: UInt8, _ count: Int, _ maxItems: Int) -> Int {
    guard hasRoom(5) else {
      skipped &+= 1
      return 0
    }
    key(field, kind)
    push()
    if count <= maxItems { return count }
    trimmed &+= 1
    return maxItems
  }

  @inlinable
  mutating func push() {
    let place = position
    byte(UInt8(truncatingIfNeeded: open))
    byte(UInt8(truncatingIfNeeded: open >> 8))
    open = place
  }

  @inlinable
  mutating func close() {
    if skipped > 0 {
      skipped &-= 1
    } else if open != 0xFFFF {
      let around = Int(base[open]) | Int(base[open &+ 1]) << 8
      let length = position &- open &- 2
      base[open] = UInt8(truncatingIfNeeded: length)
      base[open &+ 1] = UInt8(truncatingIfNeeded: length >> 8)
      open = around
    }
  }

  /// Closes what the room did not let the caller close, and fills the last word with zeros.
  @inlinable
  mutating func finish() {
    skipped = 0
    while open != 0xFFFF { close() }
    UnsafeMutableRawPointer(base).storeBytes(of: 0, toByteOffset: position, as: UInt64.self)
  }
}

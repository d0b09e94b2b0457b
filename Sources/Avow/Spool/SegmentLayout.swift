/// Where things lie in a spool segment: 256 bytes of fixed places, cells for counters and timings, names and types,
/// context, records.
///
/// A record is whole words: one that says it is there, one with event and time, one with the uptime
/// where the catalog declares it, then the values. The first is stored last, with release order, and
/// carries the segment's generation, so that neither a torn record nor one of an earlier use is read.
enum SegmentLayout {
  static let magic: UInt64 = 0x3230_4745_5357_4F56
  static let fixedLength = 256
  static let maxCounters = 256
  static let maxTimings = 32

  /// Where a counter's two words are.
  @inline(__always)
  static func cell(_ slot: Int) -> Int { fixedLength &+ slot &* 16 }

  static let magicOffset = 0
  /// UInt32, random at each use.
  static let generationOffset = 8
  /// UInt32: where records begin.
  static let recordsOffset = 12
  static let identifierHighOffset = 16
  static let identifierLowOffset = 24
  static let modeOffset = 28
  static let flagsOffset = 29
  /// UInt16: the context field `uptime` and one; 0 when it is not declared.
  static let uptimeOffset = 30
  static let userOffset = 32
  static let sessionOffset = 48
  /// UInt64 in a cache line of its own: the end of what was handed out. Beyond the capacity: sealed.
  static let reservedOffset = 64
  /// UInt64: where the last record ends, once sealed.
  static let sealedOffset = 72
  /// UInt64: all before it was delivered.
  static let deliveredOffset = 128
  static let lostOffset = 136
  static let createdOffset = 144
  static let versionOffset = 152
  static let schemaLengthOffset = 156
  static let contextLengthOffset = 160
  /// UInt32 over names, types and context.
  static let checkOffset = 164
  /// UInt32: of the user's choice.
  static let epochOffset = 168
  /// UInt16: how many counters have a cell.
  static let counterCountOffset = 172
  static let digestOffset = 192

  static let hasUser: UInt8 = 1
  static let hasSession: UInt8 = 2
  static let isEphemeral: UInt8 = 4

  /// What `reserved` holds while nobody may append: above any capacity, below any overflow.
  static let sealed: UInt64 = 1 << 40

  /// Returns the word that says a record of `count` value bytes is there.
  ///
  /// 20 bits of the generation, 28 of a sum over the generation, the count and the record's other
  /// words, 16 of the count. A generation is odd, so no such word is zero.
  @inline(__always)
  static func word(generation: UInt32, sum: UInt64, count: Int) -> UInt64 {
    let whole = sum &+ mix(UInt64(generation) | UInt64(truncatingIfNeeded: count) << 32, -1)
    return UInt64(generation & 0xF_FFFF) << 44 | (whole >> 36) << 16
      | UInt64(UInt16(truncatingIfNeeded: count))
  }

  /// Whether a word is of this generation, as far as it says by itself.
  @inline(__always)
  static func isOf(_ generation: UInt32, _ word: UInt64) -> Bool {
    word >> 44 == UInt64(generation & 0xF_FFFF)
  }

  /// Adds one word to a record's sum; the multipliers differ by place, so that words cannot be swapped,
  /// and do not wait for each other.
  @inline(__always)
  static func mix(_ word: UInt64, _ index: Int) -> UInt64 {
    let product =
      (word ^ 0x9E37_79B9_7F4A_7C15) &* (0xD6E8_FEB8_6659_FD93 &+ UInt64(truncatingIfNeeded: index) &* 0x1B2)
    return product ^ (product >> 29)
  }

  /// The bytes of a record with `count` bytes of values.
  @inline(__always)
  static func size(count: Int, hasUptime: Bool) -> Int {
    (hasUptime ? 24 : 16) &+ ((count &+ 7) & ~7)
  }
}

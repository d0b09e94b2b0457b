/// Takes bit-packed numbers apart.
///
/// Eight numbers of `width` bits are `width` bytes, so with the width known to the compiler all places and
/// shifts within eight numbers are constants: a third of the time of the loop that must find them.
enum Unpacking {
  /// Precondition: eight bytes may be read wherever a number begins; `width` is at most 56.
  static func run(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Int64>, count: Int, width: Int, least: Int64
  ) {
    switch width {
    case 0: target.update(repeating: least, count: count)
    case 1: wide(source, target, count, 1, least)
    case 2: wide(source, target, count, 2, least)
    case 3: wide(source, target, count, 3, least)
    case 4: wide(source, target, count, 4, least)
    case 5: wide(source, target, count, 5, least)
    case 6: wide(source, target, count, 6, least)
    case 7: wide(source, target, count, 7, least)
    case 8: wide(source, target, count, 8, least)
    case 9: wide(source, target, count, 9, least)
    case 10: wide(source, target, count, 10, least)
    case 11: wide(source, target, count, 11, least)
    case 12: wide(source, target, count, 12, least)
    case 13: wide(source, target, count, 13, least)
    case 14: wide(source, target, count, 14, least)
    case 15: wide(source, target, count, 15, least)
    case 16: wide(source, target, count, 16, least)
    case 17: wide(source, target, count, 17, least)
    case 18: wide(source, target, count, 18, least)
    case 19: wide(source, target, count, 19, least)
    case 20: wide(source, target, count, 20, least)
    case 27: wide(source, target, count, 27, least)
    default: wide(source, target, count, width, least)
    }
  }

  /// Precondition: eight bytes may be read wherever a number begins; `width` is 1 to 16.
  static func run(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<UInt16>, count: Int, width: Int
  ) {
    switch width {
    case 1: narrow(source, target, count, 1)
    case 2: narrow(source, target, count, 2)
    case 3: narrow(source, target, count, 3)
    case 4: narrow(source, target, count, 4)
    case 5: narrow(source, target, count, 5)
    case 6: narrow(source, target, count, 6)
    case 7: narrow(source, target, count, 7)
    case 8: narrow(source, target, count, 8)
    case 9: narrow(source, target, count, 9)
    case 10: narrow(source, target, count, 10)
    default: narrow(source, target, count, width)
    }
  }

  @inline(__always)
  private static func wide(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Int64>, _ count: Int, _ width: Int,
    _ least: Int64
  ) {
    let mask: UInt64 = (1 &<< UInt64(width)) &- 1
    var (source, target) = (source, target)
    for _ in 0..<count &>> 3 {
      for place in 0..<8 {
        let bit = place &* width
        let word = (source + bit &>> 3).loadUnaligned(as: UInt64.self).littleEndian
        target[place] = Int64(bitPattern: (word &>> UInt64(bit & 7)) & mask) &+ least
      }
      source += width
      target += 8
    }
    for place in 0..<count & 7 {
      let bit = place &* width
      let word = (source + bit &>> 3).loadUnaligned(as: UInt64.self).littleEndian
      target[place] = Int64(bitPattern: (word &>> UInt64(bit & 7)) & mask) &+ least
    }
  }

  @inline(__always)
  private static func narrow(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<UInt16>, _ count: Int, _ width: Int
  ) {
    let mask: UInt32 = (1 &<< UInt32(width)) &- 1
    var (source, target) = (source, target)
    for _ in 0..<count &>> 3 {
      for place in 0..<8 {
        let bit = place &* width
        let word = (source + bit &>> 3).loadUnaligned(as: UInt32.self).littleEndian
        target[place] = UInt16(truncatingIfNeeded: (word &>> UInt32(bit & 7)) & mask)
      }
      source += width
      target += 8
    }
    for place in 0..<count & 7 {
      let bit = place &* width
      let word = (source + bit &>> 3).loadUnaligned(as: UInt32.self).littleEndian
      target[place] = UInt16(truncatingIfNeeded: (word &>> UInt32(bit & 7)) & mask)
    }
  }
}

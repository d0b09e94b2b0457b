/// One column of a segment as bytes: whole numbers bit-packed, repeated values through a dictionary.
///
/// ```text
/// 0  checksum of all that follows, 32 bits
/// 4  form: 0 packed, 1 dictionary, 2 decimal, 3 ascending
/// 5  1: some values are absent
/// 6  dictionary: bits of an index; decimal: how many decimal places
/// 8  count of values, 32 bits
/// 12 count of dictionary entries, 32 bits
/// 16 dictionary entries, ascending, packed in blocks as below
///    a bit for each value that is present, in words of 64 (forms 0 and 2 with absent values)
///    blocks of 128 values: the least, 64 bits; bits of a difference, 8 bits; the differences
/// ```
///
/// Little-endian; eight zero bytes end it, so that a decoder may always load a whole word. In the form
/// *ascending* the values are differences to the one before. An absent value in a dictionary has the index
/// after the last entry. The same values always give the same bytes.
struct PackedColumn {
  enum Form: UInt8 { case packed, dictionary, decimal, ascending }

  /// A damaged blob.
  struct Damage: Error {}

  static let header = 16
  static let blockCount = 128
  static let greatestDictionary = 4096

  /// The greatest number of decimal places that are looked for, as powers of ten.
  static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

  /// Whether a blob is what was written.
  static func isIntact(_ blob: UnsafeRawBufferPointer) -> Bool {
    blob.count >= 24 && blob.loadUnaligned(as: UInt32.self).littleEndian == checksum(blob)
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let hash = BytesMap.hash(UnsafeRawBufferPointer(rebasing: bytes[4...]), seed: 0x41564F57)
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}

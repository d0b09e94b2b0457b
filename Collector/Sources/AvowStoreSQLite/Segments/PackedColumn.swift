import AvowStore

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
  private static let greatestDictionary = 4096

  // MARK: Encoding

  /// Packs values, `nil` in `present` meaning that all are there.
  static func encode(_ values: [Int64], present: [Bool]?, isNumber: Bool) -> [UInt8] {
    let hasAbsent = present?.contains(false) ?? false
    let present = hasAbsent ? present : nil
    var bytes: [UInt8] = []
    if let dictionary = dictionary(values, present) {
      bytes = encode(dictionary, hasAbsent: hasAbsent)
    } else if isNumber, let (places, integers) = decimals(values, present) {
      bytes = begin(.decimal, count: values.count, hasAbsent: hasAbsent, detail: places)
      if let present { append(bits: present, to: &bytes) }
      pack(integers, into: &bytes)
    } else {
      bytes = begin(.packed, count: values.count, hasAbsent: hasAbsent)
      if let present { append(bits: present, to: &bytes) }
      pack(values, into: &bytes)
    }
    finish(&bytes)
    return bytes
  }

  /// Packs values that never fall.
  static func encode(ascending values: [Int64]) -> [UInt8] {
    var bytes = begin(.ascending, count: values.count, hasAbsent: false)
    var before: Int64 = 0
    pack(
      values.map { value in
        defer { before = value }
        return value &- before
      }, into: &bytes)
    finish(&bytes)
    return bytes
  }

  private static func begin(_ form: Form, count: Int, hasAbsent: Bool, detail: Int = 0, entries: Int = 0)
    -> [UInt8]
  {
    var bytes: [UInt8] = [0, 0, 0, 0, form.rawValue, hasAbsent ? 1 : 0, UInt8(detail), 0]
    bytes.reserveCapacity(header + count * 2)
    append(UInt32(count), to: &bytes)
    append(UInt32(entries), to: &bytes)
    return bytes
  }

  private static func finish(_ bytes: inout [UInt8]) {
    bytes.append(contentsOf: repeatElement(0, count: 8))
    let sum = bytes.withUnsafeBytes { checksum($0) }
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let hash = BytesMap.hash(UnsafeRawBufferPointer(rebasing: bytes[4...]), seed: 0x41564F57)
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  private static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append(bits: [Bool], to bytes: inout [UInt8]) {
    for first in stride(from: 0, to: bits.count, by: 64) {
      var word: UInt64 = 0
      for index in first..<min(first + 64, bits.count) where bits[index] {
        word |= 1 << UInt64(index - first)
      }
      append(word, to: &bytes)
    }
  }

  private static func width(of value: UInt64) -> Int { 64 - value.leadingZeroBitCount }

  private static func pack(_ values: [Int64], into bytes: inout [UInt8]) {
    for first in stride(from: 0, to: values.count, by: blockCount) {
      let last = min(first + blockCount, values.count)
      var least = values[first]
      var most = least
      for index in first..<last {
        least = min(least, values[index])
        most = max(most, values[index])
      }
      append(least, to: &bytes)
      // A load of one word can hold 57 bits wherever they begin; wider values are whole words.
      let needed = width(of: UInt64(bitPattern: most &- least))
      let width = needed > 56 ? 64 : needed
      bytes.append(UInt8(width))
      append(packed: first..<last, width: width, to: &bytes) { UInt64(bitPattern: values[$0] &- least) }
    }
  }

  private static func append(
    packed range: Range<Int>, width: Int, to bytes: inout [UInt8], _ value: (Int) -> UInt64
  ) {
    if width == 64 {
      for index in range { append(value(index), to: &bytes) }
      return
    }
    var word: UInt64 = 0
    var used = 0
    for index in range {
      word |= value(index) << UInt64(used)
      used += width
      while used >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
        used -= 8
      }
    }
    if used > 0 { bytes.append(UInt8(truncatingIfNeeded: word)) }
  }

  // MARK: Dictionaries

  private struct Dictionary {
    /// Ascending.
    var entries: [Int64]
    /// Of each value; the number of entries for an absent one.
    var indexes: [UInt16]
  }

  /// The different values, when a dictionary takes less room, or little more.
  private static func dictionary(_ values: [Int64], _ present: [Bool]?) -> Dictionary? {
    var least = Int64.max
    var most = Int64.min
    let limit = min(greatestDictionary, values.count / 4 + 2)
    var found = IntegerMap()
    var entries: [Int64] = []
    var places = [UInt16](repeating: 0, count: values.count)
    var last: (value: Int64, place: UInt16)?
    for index in values.indices {
      if let present, !present[index] {
        places[index] = .max
        continue
      }
      let value = values[index]
      if let last, last.value == value {
        places[index] = last.place
        continue
      }
      var place = found.value(of: value)
      if place < 0 {
        if entries.count == limit { return nil }
        place = Int32(entries.count)
        found.insert(value, place)
        entries.append(value)
        least = min(least, value)
        most = max(most, value)
      }
      places[index] = UInt16(truncatingIfNeeded: place)
      last = (value, places[index])
    }
    let kinds = entries.count + (present == nil ? 0 : 1)
    let indexBits = kinds <= 1 ? 0 : width(of: UInt64(kinds - 1))
    let entryBits = entries.isEmpty ? 0 : width(of: UInt64(bitPattern: most &- least))
    let dictionaryBits = entries.count * entryBits + values.count * indexBits
    let plainBits = values.count * (entryBits + (present == nil ? 0 : 1))
    // A little more room is well spent: tests and groups are found once an entry, not once a row.
    guard dictionaryBits <= plainBits * 5 / 4 + 512 else { return nil }
    let order = entries.indices.sorted { entries[$0] < entries[$1] }
    var ranks = [UInt16](repeating: 0, count: entries.count)
    for (rank, place) in order.enumerated() { ranks[place] = UInt16(rank) }
    let absent = UInt16(entries.count)
    for index in places.indices {
      places[index] = places[index] == .max ? absent : ranks[Int(places[index])]
    }
    return Dictionary(entries: order.map { entries[$0] }, indexes: places)
  }

  private static func encode(_ dictionary: Dictionary, hasAbsent: Bool) -> [UInt8] {
    let kinds = dictionary.entries.count + (hasAbsent ? 1 : 0)
    let bits = kinds <= 1 ? 0 : width(of: UInt64(kinds - 1))
    var bytes = begin(
      .dictionary, count: dictionary.indexes.count, hasAbsent: hasAbsent, detail: bits,
      entries: dictionary.entries.count)
    pack(dictionary.entries, into: &bytes)
    if bits == 0 { return bytes }
    append(packed: dictionary.indexes.indices, width: bits, to: &bytes) { UInt64(dictionary.indexes[$0]) }
    return bytes
  }

  // MARK: Numbers

  static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

  /// Numbers with few decimal places as whole numbers: exactly, or not at all.
  static func decimals(_ values: [Int64], _ present: [Bool]?) -> (Int, [Int64])? {
    attempt: for places in 0..<powers.count {
      let power = powers[places]
      var integers: [Int64] = []
      integers.reserveCapacity(values.count)
      var last: Int64 = 0
      for (index, bits) in values.enumerated() {
        guard present?[index] ?? true else {
          integers.append(last)
          continue
        }
        let number = Double(bitPattern: UInt64(bitPattern: bits))
        let scaled = (number * power).rounded()
        guard abs(scaled) < 0x1p50, (scaled / power).bitPattern == number.bitPattern else { continue attempt }
        last = Int64(scaled)
        integers.append(last)
      }
      return (places, integers)
    }
    return nil
  }
}

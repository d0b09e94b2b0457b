import AvowStore

/// A column's values in memory, decoded into buffers that are used again and again.
///
/// Belongs to one question; not `Sendable`.
final class ColumnDecoder {
  private(set) var count = 0
  /// Which block's values these are, for whoever uses the decoder again and again.
  var generation = 0
  /// With a dictionary: its entries, and `indexes` instead of `values`. An index equal to the number of
  /// entries is an absent value.
  private(set) var hasDictionary = false
  private(set) var entries: [Int64] = []
  private(set) var indexes: UnsafeMutablePointer<UInt16>
  /// Without: values, absent ones arbitrary.
  private(set) var values: UnsafeMutablePointer<Int64>
  private(set) var hasAbsent = false
  private var presence: [UInt64] = []
  private var capacity: Int

  init() {
    capacity = 1024
    indexes = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
  }

  deinit {
    indexes.deallocate()
    values.deallocate()
  }

  private func reserve(_ count: Int) {
    guard count > capacity else { return }
    indexes.deallocate()
    values.deallocate()
    capacity = max(count, capacity * 2)
    indexes = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
  }

  /// A column in which every value is absent: what rows hold that were written before there was the column.
  func setAbsent(count: Int) {
    self.count = count
    reserve(count)
    hasDictionary = true
    hasAbsent = true
    entries = []
    for index in 0..<count { indexes[index] = 0 }
  }

  @inline(__always)
  func isAbsent(_ index: Int) -> Bool {
    if !hasAbsent { return false }
    if hasDictionary { return Int(indexes[index]) == entries.count }
    return presence[index >> 6] & (1 << UInt64(index & 63)) == 0
  }

  /// The value at a place; meaningless for an absent one.
  @inline(__always)
  func value(_ index: Int) -> Int64 {
    if !hasDictionary { return values[index] }
    let entry = Int(indexes[index])
    return entry < entries.count ? entries[entry] : 0
  }

  /// All values one after the other, absent ones 0.
  func plainValues() -> UnsafeMutablePointer<Int64> {
    if hasDictionary {
      var entries = entries
      entries.append(0)
      entries.withUnsafeBufferPointer { entries in
        let (values, indexes) = (values, indexes)
        for index in 0..<count { values[index] = entries[Int(indexes[index])] }
      }
    } else if hasAbsent {
      for index in 0..<count where isAbsent(index) { values[index] = 0 }
    }
    return values
  }

  /// Reads a blob.
  ///
  /// - Throws: `PackedColumn.Damage` when its bytes are not what was written; nothing outside of it is read.
  func decode(_ blob: UnsafeRawBufferPointer) throws {
    guard blob.count >= PackedColumn.header + 8,
      blob.loadUnaligned(as: UInt32.self).littleEndian == PackedColumn.checksum(blob),
      let form = PackedColumn.Form(rawValue: blob[4])
    else { throw PackedColumn.Damage() }
    count = Int(blob.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian)
    let entryCount = Int(blob.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian)
    hasAbsent = blob[5] != 0
    hasDictionary = form == .dictionary
    // A constant takes no room, so the size of the blob says nothing of the count.
    guard count <= 1 << 26, entryCount <= 1 << 16 else { throw PackedColumn.Damage() }
    reserve(count)
    var reader = Reader(blob: blob, offset: PackedColumn.header)
    if form == .dictionary {
      try decodeDictionary(&reader, entryCount, width: Int(blob[6]))
      return
    }
    if hasAbsent {
      presence.removeAll(keepingCapacity: true)
      for _ in 0..<(count + 63) / 64 { presence.append(UInt64(bitPattern: try reader.word())) }
    }
    try unpack(&reader, count: count)
    switch form {
    case .ascending:
      var sum: Int64 = 0
      for index in 0..<count {
        sum &+= values[index]
        values[index] = sum
      }
    case .decimal:
      guard Int(blob[6]) < PackedColumn.powers.count else { throw PackedColumn.Damage() }
      let power = PackedColumn.powers[Int(blob[6])]
      for index in 0..<count {
        values[index] = Int64(bitPattern: (Double(values[index]) / power).bitPattern)
      }
    case .packed, .dictionary: break
    }
  }

  private struct Reader {
    let blob: UnsafeRawBufferPointer
    var offset: Int

    mutating func word() throws -> Int64 {
      guard offset + 16 <= blob.count else { throw PackedColumn.Damage() }
      defer { offset += 8 }
      return blob.loadUnaligned(fromByteOffset: offset, as: Int64.self).littleEndian
    }

    /// The place of so many bytes; the eight that end every blob lie behind them.
    mutating func bytes(_ count: Int) throws -> UnsafeRawPointer {
      guard offset + count + 8 <= blob.count, let base = blob.baseAddress else { throw PackedColumn.Damage() }
      defer { offset += count }
      return base + offset
    }
  }

  private func decodeDictionary(
    _ reader: inout Reader, _ entryCount: Int, width: Int
  ) throws {
    reserve(entryCount)
    try unpack(&reader, count: entryCount)
    entries.removeAll(keepingCapacity: true)
    entries.append(contentsOf: UnsafeBufferPointer(start: values, count: entryCount))
    let greatest = entryCount - (hasAbsent ? 0 : 1)
    guard width <= 16, greatest >= 0 || count == 0 else { throw PackedColumn.Damage() }
    let indexes = self.indexes
    if width == 0 {
      guard greatest <= 0 else { throw PackedColumn.Damage() }
      for index in 0..<count { indexes[index] = 0 }
      return
    }
    let base = try reader.bytes((count * width + 7) / 8)
    let mask: UInt32 = (1 << UInt32(width)) - 1
    var bit = 0
    var most: UInt16 = 0
    for index in 0..<count {
      let word = (base + bit >> 3).loadUnaligned(as: UInt32.self).littleEndian
      let value = UInt16(truncatingIfNeeded: word >> UInt32(bit & 7) & mask)
      most = max(most, value)
      indexes[index] = value
      bit += width
    }
    guard Int(most) <= greatest else { throw PackedColumn.Damage() }
  }

  private func unpack(_ reader: inout Reader, count: Int) throws {
    let values = values
    var first = 0
    while first < count {
      let least = try reader.word()
      let width = Int(try reader.bytes(1).load(as: UInt8.self))
      let size = min(PackedColumn.blockCount, count - first)
      let target = values + first
      if width == 64 {
        let base = try reader.bytes(size * 8)
        for index in 0..<size {
          target[index] = (base + index * 8).loadUnaligned(as: Int64.self).littleEndian &+ least
        }
      } else {
        guard width <= 56 else { throw PackedColumn.Damage() }
        let base = try reader.bytes((size * width + 7) / 8)
        let mask: UInt64 = (1 << UInt64(width)) - 1
        var bit = 0
        for index in 0..<size {
          let word = (base + bit >> 3).loadUnaligned(as: UInt64.self).littleEndian
          target[index] = Int64(bitPattern: word >> UInt64(bit & 7) & mask) &+ least
          bit += width
        }
      }
      first += size
    }
  }
}

import AvowStore

/// A column's values in memory, decoded into buffers that are used again and again.
///
/// Belongs to one question; not `Sendable`.
final class ColumnDecoder {
  /// How the values at hand are kept.
  enum Kind {
    /// `entries`, and `indexes` into them; an index equal to the number of entries is an absent value.
    case dictionary
    /// `values`, absent ones arbitrary.
    case plain
    /// `values`, which are the numbers times a power of ten, absent ones arbitrary.
    case decimal
    /// `numbers`, ascending from 0 or more.
    case ascending
  }

  private(set) var count = 0
  /// Which block's values these are, for whoever uses the decoder again and again.
  var generation = 0
  private(set) var kind = Kind.plain
  /// Of a decimal: how many places.
  private(set) var places = 0
  private(set) var entries: [Int64] = []
  private(set) var indexes: UnsafeMutablePointer<UInt16>
  private(set) var values: UnsafeMutablePointer<Int64>
  private(set) var numbers: UnsafeMutablePointer<Int32>
  private(set) var hasAbsent = false
  private var presence: [UInt64] = []
  /// Of `values`; the others grow apart, for a column mostly stays what it is.
  private var capacity = 0
  private var indexCapacity = 0
  private var numberCapacity = 0

  var hasDictionary: Bool { kind == .dictionary }

  init() {
    indexes = .allocate(capacity: 1)
    values = .allocate(capacity: 1)
    numbers = .allocate(capacity: 1)
  }

  deinit {
    indexes.deallocate()
    values.deallocate()
    numbers.deallocate()
  }

  private func reserve(_ count: Int) {
    guard count > capacity else { return }
    values.deallocate()
    capacity = max(count, capacity * 3 / 2)
    values = .allocate(capacity: capacity)
  }

  private func reserveIndexes(_ count: Int) {
    guard count > indexCapacity else { return }
    indexes.deallocate()
    indexCapacity = max(count, indexCapacity * 3 / 2)
    indexes = .allocate(capacity: indexCapacity)
  }

  private func reserveNumbers(_ count: Int) {
    guard count > numberCapacity else { return }
    numbers.deallocate()
    numberCapacity = max(count, numberCapacity * 3 / 2)
    numbers = .allocate(capacity: numberCapacity)
  }

  /// A column in which every value is absent: what rows hold that were written before there was the column.
  func setAbsent(count: Int) {
    self.count = count
    reserveIndexes(count)
    kind = .dictionary
    hasAbsent = true
    entries = []
    indexes.update(repeating: 0, count: count)
  }

  /// Whether no row has a value.
  var isEmpty: Bool { kind == .dictionary && entries.isEmpty }

  @inline(__always)
  func isAbsent(_ index: Int) -> Bool {
    if !hasAbsent { return false }
    if kind == .dictionary { return Int(indexes[index]) == entries.count }
    return presence[index >> 6] & (1 << UInt64(index & 63)) == 0
  }

  /// The value at a place; meaningless for an absent one.
  @inline(__always)
  func value(_ index: Int) -> Int64 {
    switch kind {
    case .plain: return values[index]
    case .decimal:
      return Int64(bitPattern: (Double(values[index]) / PackedColumn.powers[places]).bitPattern)
    case .ascending: return Int64(numbers[index])
    case .dictionary:
      let entry = Int(indexes[index])
      return entry < entries.count ? entries[entry] : 0
    }
  }

  /// All values one after the other, absent ones 0.
  func plainValues() -> UnsafeMutablePointer<Int64> {
    let (values, count) = (values, count)
    switch kind {
    case .dictionary:
      reserve(count)
      var entries = entries
      entries.append(0)
      entries.withUnsafeBufferPointer { entries in
        let (values, indexes) = (self.values, indexes)
        for index in 0..<count { values[index] = entries[Int(indexes[index])] }
      }
      return self.values
    case .decimal:
      let power = PackedColumn.powers[places]
      for index in 0..<count {
        values[index] = Int64(bitPattern: (Double(values[index]) / power).bitPattern)
      }
      kind = .plain
    case .ascending:
      reserve(count)
      for index in 0..<count { self.values[index] = Int64(numbers[index]) }
      return self.values
    case .plain: break
    }
    if hasAbsent {
      for index in 0..<count where isAbsent(index) { values[index] = 0 }
    }
    return values
  }

  // MARK: Decoding

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
    // A constant takes no room, so the size of the blob says nothing of the count.
    guard count <= 1 << 26, entryCount <= 1 << 16 else { throw PackedColumn.Damage() }
    var reader = Reader(blob: blob, offset: PackedColumn.header)
    if form == .dictionary {
      kind = .dictionary
      try decodeDictionary(&reader, entryCount, width: Int(blob[6]))
      return
    }
    if hasAbsent {
      presence.removeAll(keepingCapacity: true)
      for _ in 0..<(count + 63) / 64 { presence.append(UInt64(bitPattern: try reader.word())) }
    }
    switch form {
    case .ascending:
      guard !hasAbsent else { throw PackedColumn.Damage() }
      kind = .ascending
      try decodeAscending(&reader)
    case .decimal:
      places = Int(blob[6])
      guard places < PackedColumn.powers.count else { throw PackedColumn.Damage() }
      kind = .decimal
      try unpack(&reader, count: count)
    case .packed, .dictionary:
      kind = .plain
      try unpack(&reader, count: count)
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

    /// Unpacks one block of at most 128 values.
    mutating func block(_ target: UnsafeMutablePointer<Int64>, _ size: Int) throws {
      let least = try word()
      let width = Int(try bytes(1).load(as: UInt8.self))
      if width == 64 {
        let base = try bytes(size * 8)
        for index in 0..<size {
          target[index] = (base + index * 8).loadUnaligned(as: Int64.self).littleEndian &+ least
        }
        return
      }
      guard width <= 56 else { throw PackedColumn.Damage() }
      Unpacking.run(
        try bytes((size * width + 7) / 8), target, count: size, width: width, least: least)
    }
  }

  private func unpack(_ reader: inout Reader, count: Int) throws {
    reserve(count)
    var first = 0
    while first < count {
      let size = min(PackedColumn.blockCount, count - first)
      try reader.block(values + first, size)
      first += size
    }
  }

  private func decodeDictionary(
    _ reader: inout Reader, _ entryCount: Int, width: Int
  ) throws {
    reserveIndexes(count)
    try unpack(&reader, count: entryCount)
    entries.removeAll(keepingCapacity: true)
    entries.append(contentsOf: UnsafeBufferPointer(start: values, count: entryCount))
    let greatest = entryCount - (hasAbsent ? 0 : 1)
    guard width <= 16, greatest >= 0 || count == 0 else { throw PackedColumn.Damage() }
    let (indexes, count) = (indexes, count)
    if width == 0 {
      guard greatest <= 0 else { throw PackedColumn.Damage() }
      indexes.update(repeating: 0, count: count)
      return
    }
    Unpacking.run(try reader.bytes((count * width + 7) / 8), indexes, count: count, width: width)
    if (1 << width) - 1 <= greatest { return }
    var most: UInt16 = 0
    for index in 0..<count { most = max(most, indexes[index]) }
    guard Int(most) <= greatest else { throw PackedColumn.Damage() }
  }

  /// Users: numbers from 0 on that never fall, of 31 bits.
  private func decodeAscending(_ reader: inout Reader) throws {
    reserveNumbers(count)
    reserve(PackedColumn.blockCount)
    let (numbers, values) = (numbers, values)
    var sum: Int64 = 0
    var first = 0
    while first < count {
      let size = min(PackedColumn.blockCount, count - first)
      try reader.block(values, size)
      var all: Int64 = 0
      for index in 0..<size {
        let difference = values[index]
        all |= difference
        sum &+= difference
        numbers[first &+ index] = Int32(truncatingIfNeeded: sum)
      }
      // No difference is negative or of more than 31 bits, so the sum cannot come around unseen.
      guard all >= 0, all < 1 << 31, sum < 1 << 31 else { throw PackedColumn.Damage() }
      first += size
    }
  }
}

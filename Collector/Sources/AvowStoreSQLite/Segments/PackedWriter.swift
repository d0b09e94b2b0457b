/// Writes one column's bytes into memory that was asked for once.
struct PackedWriter {
  private var bytes: [UInt8]
  private var end = PackedColumn.header

  /// - Parameter room: Bytes that suffice for everything between the header and the end.
  init(
    _ form: PackedColumn.Form, count: Int, hasAbsent: Bool, detail: Int = 0, entries: Int = 0, room: Int
  ) {
    // A word more, for the last one is stored whole, and the eight zeros.
    bytes = [UInt8](repeating: 0, count: PackedColumn.header + room + 16)
    bytes[4] = form.rawValue
    bytes[5] = hasAbsent ? 1 : 0
    bytes[6] = UInt8(detail)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 8, as: UInt32.self)
      $0.storeBytes(of: UInt32(entries).littleEndian, toByteOffset: 12, as: UInt32.self)
    }
  }

  static func width(of value: UInt64) -> Int { 64 - value.leadingZeroBitCount }

  /// A bit for each value.
  mutating func append(bits: UnsafeBufferPointer<Bool>) {
    for first in stride(from: 0, to: bits.count, by: 64) {
      var word: UInt64 = 0
      for index in first..<min(first + 64, bits.count) where bits[index] {
        word |= 1 << UInt64(index - first)
      }
      append(word)
    }
  }

  private mutating func append(_ word: UInt64) {
    bytes.withUnsafeMutableBytes { [end] in
      $0.storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
    }
    end += 8
  }

  /// Values in blocks, each as differences to its least.
  mutating func pack(_ values: UnsafeBufferPointer<Int64>) {
    for first in stride(from: 0, to: values.count, by: PackedColumn.blockCount) {
      let block = UnsafeBufferPointer(
        rebasing: values[first..<min(first + PackedColumn.blockCount, values.count)])
      var least = block[0]
      var most = least
      for value in block {
        least = min(least, value)
        most = max(most, value)
      }
      append(UInt64(bitPattern: least))
      // A load of one word can hold 57 bits wherever they begin; wider values are whole words.
      let needed = Self.width(of: UInt64(bitPattern: most &- least))
      let width = needed > 56 ? 64 : needed
      bytes[end] = UInt8(width)
      end += 1
      if width == 64 {
        for value in block { append(UInt64(bitPattern: value &- least)) }
      } else if width > 0 {
        append(block.count, width: width) { UInt64(bitPattern: block[$0] &- least) }
      }
    }
  }

  /// Indexes of a dictionary, one after the other.
  mutating func append(packed indexes: [UInt16], width: Int) {
    indexes.withUnsafeBufferPointer { indexes in
      append(indexes.count, width: width) { UInt64(indexes[$0]) }
    }
  }

  /// At most 56 bits each.
  @inline(__always)
  private mutating func append(_ count: Int, width: Int, _ value: (Int) -> UInt64) {
    end = bytes.withUnsafeMutableBytes { [end] bytes in
      var (word, used, end): (UInt64, Int, Int) = (0, 0, end)
      for index in 0..<count {
        word |= value(index) << UInt64(used)
        used += width
        // Whole bytes are done; what the store writes beyond them is written over.
        bytes.storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
        let whole = used >> 3
        end += whole
        word >>= UInt64(whole << 3)
        used &= 7
      }
      return used > 0 ? end + 1 : end
    }
  }

  /// Ends the column with eight zeros and puts the checksum before it.
  mutating func finish() -> [UInt8] {
    bytes.removeLast(bytes.count - end - 8)
    let sum = bytes.withUnsafeBytes { PackedColumn.checksum($0) }
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: sum.littleEndian, as: UInt32.self) }
    return bytes
  }
}

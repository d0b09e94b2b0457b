extension PackedColumn {
  typealias Values = UnsafeBufferPointer<Int64>
  typealias Presence = UnsafeBufferPointer<Bool>

  /// Packs values, `nil` in `present` meaning that all are there.
  static func encode(_ values: Values, present: Presence?, isNumber: Bool) -> [UInt8] {
    let present = present?.contains(false) ?? false ? present : nil
    if let dictionary = EntryDictionary(values, present) {
      return encode(dictionary, hasAbsent: present != nil)
    }
    var form = Form.packed
    var integers: [Int64]?
    var places = 0
    if isNumber, let found = decimals(values, present) {
      form = .decimal
      (places, integers) = found
    }
    var writer = PackedWriter(
      form, count: values.count, hasAbsent: present != nil, detail: places,
      room: values.count * 8 + (values.count / blockCount + 1) * 9 + values.count / 8 + 8)
    if let present { writer.append(bits: present) }
    if let integers { integers.withUnsafeBufferPointer { writer.pack($0) } } else { writer.pack(values) }
    return writer.finish()
  }

  /// Packs values, `nil` in `present` meaning that all are there.
  static func encode(_ values: [Int64], present: [Bool]?, isNumber: Bool) -> [UInt8] {
    values.withUnsafeBufferPointer { values in
      guard let present else { return encode(values, present: nil, isNumber: isNumber) }
      return present.withUnsafeBufferPointer { encode(values, present: $0, isNumber: isNumber) }
    }
  }

  /// Packs values that never fall.
  static func encode(ascending values: [Int64]) -> [UInt8] {
    var writer = PackedWriter(
      .ascending, count: values.count, hasAbsent: false,
      room: values.count * 8 + (values.count / blockCount + 1) * 9)
    var before: Int64 = 0
    let differences = values.map { value in
      defer { before = value }
      return value &- before
    }
    differences.withUnsafeBufferPointer { writer.pack($0) }
    return writer.finish()
  }

  private static func encode(_ dictionary: EntryDictionary, hasAbsent: Bool) -> [UInt8] {
    let kinds = dictionary.entries.count + (hasAbsent ? 1 : 0)
    let bits = kinds <= 1 ? 0 : PackedWriter.width(of: UInt64(kinds - 1))
    var writer = PackedWriter(
      .dictionary, count: dictionary.indexes.count, hasAbsent: hasAbsent, detail: bits,
      entries: dictionary.entries.count,
      room: dictionary.entries.count * 8 + (dictionary.entries.count / blockCount + 1) * 9
        + dictionary.indexes.count * bits / 8 + 8)
    dictionary.entries.withUnsafeBufferPointer { writer.pack($0) }
    if bits > 0 { writer.append(packed: dictionary.indexes, width: bits) }
    return writer.finish()
  }

  /// Numbers with few decimal places as whole numbers: exactly, or not at all.
  static func decimals(_ values: [Int64], _ present: [Bool]?) -> (Int, [Int64])? {
    values.withUnsafeBufferPointer { values in
      guard let present else { return decimals(values, nil) }
      return present.withUnsafeBufferPointer { decimals(values, $0) }
    }
  }

  private static func decimals(_ values: Values, _ present: Presence?) -> (Int, [Int64])? {
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

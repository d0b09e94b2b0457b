/// The different values of a column and, for each row, which it has.
struct EntryDictionary {
  /// Ascending.
  let entries: [Int64]
  /// Of each value; the number of entries for an absent one.
  let indexes: [UInt16]

  private static let none = UInt16.max

  /// `nil` when a dictionary would take more room, but for a little.
  init?(_ values: PackedColumn.Values, _ present: PackedColumn.Presence?) {
    var least = Int64.max
    var most = Int64.min
    for index in values.indices where present?[index] ?? true {
      least = min(least, values[index])
      most = max(most, values[index])
    }
    let limit = min(PackedColumn.greatestDictionary, values.count / 4 + 2)
    let found =
      least <= most && UInt64(bitPattern: most &- least) < UInt64(4 * limit)
      ? Self.near(values, present, least...most, limit: limit) : Self.far(values, present, limit: limit)
    guard let (entries, places) = found else { return nil }

    let kinds = entries.count + (present == nil ? 0 : 1)
    let indexBits = kinds <= 1 ? 0 : PackedWriter.width(of: UInt64(kinds - 1))
    let entryBits = entries.isEmpty ? 0 : PackedWriter.width(of: UInt64(bitPattern: most &- least))
    let dictionaryBits = entries.count * entryBits + values.count * indexBits
    let plainBits = values.count * (entryBits + (present == nil ? 0 : 1))
    // A little more room is well spent: tests and groups are found once an entry, not once a row.
    guard dictionaryBits <= plainBits * 5 / 4 + 512 else { return nil }
    self.entries = entries
    indexes = places
  }

  /// Values that lie close together are marked in a table.
  private static func near(
    _ values: PackedColumn.Values, _ present: PackedColumn.Presence?, _ span: ClosedRange<Int64>, limit: Int
  ) -> (entries: [Int64], places: [UInt16])? {
    let least = span.lowerBound
    return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: Int(span.upperBound - least) + 1) {
      table in
      table.initialize(repeating: none)
      for index in values.indices where present?[index] ?? true { table[Int(values[index] &- least)] = 0 }
      var entries: [Int64] = []
      for offset in table.indices where table[offset] == 0 {
        if entries.count == limit { return nil }
        table[offset] = UInt16(entries.count)
        entries.append(least + Int64(offset))
      }
      let absent = UInt16(entries.count)
      let places = [UInt16](unsafeUninitializedCapacity: values.count) { places, count in
        count = values.count
        for index in values.indices {
          places[index] = present?[index] ?? true ? table[Int(values[index] &- least)] : absent
        }
      }
      return (entries, places)
    }
  }

  /// Values of any kind are looked up.
  private static func far(
    _ values: PackedColumn.Values, _ present: PackedColumn.Presence?, limit: Int
  ) -> (entries: [Int64], places: [UInt16])? {
    var found = IntegerMap()
    var entries: [Int64] = []
    var places = [UInt16](repeating: none, count: values.count)
    var last: (value: Int64, place: UInt16)?
    for index in values.indices where present?[index] ?? true {
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
      }
      places[index] = UInt16(truncatingIfNeeded: place)
      last = (value, places[index])
    }
    let order = entries.indices.sorted { entries[$0] < entries[$1] }
    var ranks = [UInt16](repeating: 0, count: entries.count)
    for (rank, place) in order.enumerated() { ranks[place] = UInt16(rank) }
    let absent = UInt16(entries.count)
    for index in places.indices {
      places[index] = places[index] == none ? absent : ranks[Int(places[index])]
    }
    return (order.map { entries[$0] }, places)
  }
}

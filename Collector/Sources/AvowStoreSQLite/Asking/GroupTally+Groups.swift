/// Which group a row belongs to.
extension GroupTally {
  /// Fills `groupOfRow`, by position among the selected rows.
  func findGroups(_ block: Block) throws {
    let keys = block.plan.keys
    let (selected, count, target) = (block.selected, block.selectedCount, groupOfRow)
    let first = try block.column(keys[0].stream)
    guard keys.count > 1 else {
      let type = keys[0].type
      guard first.hasDictionary else {
        for position in 0..<count {
          let row = Int(selected[position])
          target[position] = try first.isAbsent(row) ? absentGroup() : group(of: first.value(row), type)
        }
        return
      }
      var groups: [Int32] = []
      groups.reserveCapacity(first.entries.count + 1)
      for entry in first.entries { groups.append(try group(of: entry, type)) }
      if first.hasAbsent { groups.append(absentGroup()) }
      let entries = first.indexes
      groups.withUnsafeBufferPointer { groups in
        for position in 0..<count { target[position] = groups[Int(entries[Int(selected[position])])] }
      }
      return
    }
    let second = try block.column(keys[1].stream)
    guard first.hasDictionary, second.hasDictionary,
      (first.entries.count + 1) * (second.entries.count + 1) <= 1 << 14
    else {
      for position in 0..<count {
        let row = Int(selected[position])
        let key = Key(
          first: try code(first, row, keys[0].type), second: try code(second, row, keys[1].type))
        target[position] = Int32(index(of: key))
      }
      return
    }
    let rows = try codes(first, keys[0].type)
    let columns = try codes(second, keys[1].type)
    var known = [Int32](repeating: -1, count: rows.count * columns.count)
    let (one, two) = (first.indexes, second.indexes)
    for position in 0..<count {
      let row = Int(selected[position])
      let place = Int(one[row]) * columns.count + Int(two[row])
      if known[place] < 0 {
        known[place] = Int32(index(of: Key(first: rows[Int(one[row])], second: columns[Int(two[row])])))
      }
      target[position] = known[place]
    }
  }

  func absentGroup() -> Int32 {
    Int32(index(of: Key(first: GroupNames.none, second: GroupNames.none)))
  }

  /// The group of a value, where groups have one key.
  func group(of value: Int64, _ type: StoredType) throws -> Int32 {
    if groupsType != type {
      groupsType = type
      groupOfValue = IntegerMap()
    }
    let known = groupOfValue.value(of: value)
    if known >= 0 { return known }
    let key = Key(first: try names.code(of: value, type), second: GroupNames.none)
    let group = Int32(index(of: key))
    groupOfValue.insert(value, group)
    return group
  }

  func code(_ column: ColumnDecoder, _ row: Int, _ type: StoredType) throws -> Int {
    column.isAbsent(row) ? GroupNames.none : try names.code(of: column.value(row), type)
  }

  /// The names of a dictionary's entries, the absent value last. Those without rows are left out at the end.
  func codes(_ column: ColumnDecoder, _ type: StoredType) throws -> [Int] {
    var codes: [Int] = []
    codes.reserveCapacity(column.entries.count + 1)
    for entry in column.entries { codes.append(try names.code(of: entry, type)) }
    codes.append(GroupNames.none)
    return codes
  }
}

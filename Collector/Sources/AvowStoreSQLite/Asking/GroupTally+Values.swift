/// Numbers, by the group of their row.
extension GroupTally {
  func takeValues(_ column: ColumnDecoder, isNumber: Bool, _ block: Block) throws {
    let (selected, groups) = (block.selected, groupOfRow)
    if column.hasAbsent {
      var kept = 0
      for position in 0..<block.selectedCount where !column.isAbsent(Int(selected[position])) {
        (selected[kept], groups[kept]) = (selected[position], groups[position])
        kept += 1
      }
      block.select(kept)
    }
    let count = block.selectedCount
    reports += try block.weigh()
    let weights = try block.weights()
    if keyCount == 0 {
      return buffers[0].append(column, selected, count: count, weights: weights, isNumber: isNumber)
    }
    // One group after the other, each with its rows together.
    var ends = [Int](repeating: 0, count: keys.count + 1)
    for position in 0..<count { ends[Int(groups[position])] += 1 }
    var sum = 0
    for group in ends.indices {
      (ends[group], sum) = (sum, sum + ends[group])
    }
    if count > sortedRoom {
      sortedRows.deallocate()
      sortedRoom = count * 2
      sortedRows = .allocate(capacity: sortedRoom)
    }
    let sorted = sortedRows
    var first = 0
    ends.withUnsafeMutableBufferPointer { ends in
      for position in 0..<count {
        let group = Int(groups[position])
        sorted[ends[group]] = selected[position]
        ends[group] += 1
      }
    }
    for group in keys.indices where ends[group] > first {
      buffers[group].append(
        column, sorted + first, count: ends[group] - first, weights: weights, isNumber: isNumber)
      first = ends[group]
    }
  }
}

extension Block {
  /// Puts the lasting users of the rows in the place of the rows, each once, ascending.
  ///
  /// - Returns: How many events the rows of these users stand for, and how many those of all others.
  func reduceToUsers() throws -> (reports: Int, leftOut: Int) {
    let users = try users()
    let ephemeral = try ephemeral()
    let selected = selected
    var count = selectedCount
    guard count > 0 else { return (0, 0) }
    var leftOut = 0
    if ephemeral != nil || users[Int(selected[0])] == 0 {
      let weights = try weights()
      var kept = 0
      for position in 0..<count {
        let row = Int(selected[position])
        if users[row] == 0 || (ephemeral.map { $0[row] != 0 } ?? false) {
          leftOut += weights.map { Int(truncatingIfNeeded: $0[row]) } ?? 1
        } else {
          selected[kept] = Int32(truncatingIfNeeded: row)
          kept += 1
        }
      }
      select(kept)
      count = kept
      if count == 0 { return (0, leftOut) }
    }
    let reports = try weigh()
    var previous: Int32 = 0
    var kept = 0
    // Without a branch: whether a user comes again is as good as random.
    if count == rows {
      for row in 0..<count {
        let user = users[row]
        selected[kept] = user
        kept &+= user == previous ? 0 : 1
        previous = user
      }
    } else {
      for position in 0..<count {
        let user = users[Int(selected[position])]
        selected[kept] = user
        kept &+= user == previous ? 0 : 1
        previous = user
      }
    }
    select(kept)
    return (reports, leftOut)
  }
}

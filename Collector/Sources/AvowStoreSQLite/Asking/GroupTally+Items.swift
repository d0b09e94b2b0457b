/// Rows whose groups or number lie in lists.
extension GroupTally {
  /// Takes rows whose groups or number lie in lists: one row for each item, or each pair of two lists.
  func takeItems(_ block: Block) throws {
    let plan = block.plan
    let bounds = try plan.reached.map { try block.bounds($0) }
    let tests = try plan.reached.map { list in
      try (plan.itemTests[list] ?? []).map { (try block.items($0.stream, list: list), $0.test) }
    }
    func decoder(_ column: ScanPlan.Column) throws -> ColumnDecoder {
      if let list = column.list { return try block.items(column.stream, list: list) }
      return try block.column(column.stream)
    }
    let wanted = try plan.keys.map { (column: $0, values: try decoder($0)) }
    let number = try plan.number.map { (column: $0, values: try decoder($0)) }
    let people = try block.users()
    let ephemeral = try block.ephemeral()
    let measuresItems = number?.column.list != nil
    var mine: [Int] = []
    for position in 0..<block.selectedCount {
      let row = Int(block.selected[position])
      // -1: the list has no (passing) item, and counts as one absent.
      var choices: [[Int]] = []
      for (index, bounds) in bounds.enumerated() {
        var items: [Int] = []
        for item in bounds[row]..<bounds[row + 1] where try Block.holds(tests[index], item) {
          items.append(item)
        }
        choices.append(items.isEmpty ? [-1] : items)
      }
      mine.removeAll(keepingCapacity: true)
      var measured = false
      for one in choices[0] {
        for other in choices.count > 1 ? choices[1] : [-1] {
          func place(_ column: ScanPlan.Column) -> Int {
            guard let list = column.list else { return row }
            return plan.reached.firstIndex(of: list) == 0 ? one : other
          }
          var codes = [GroupNames.none, GroupNames.none]
          for (index, key) in wanted.enumerated() {
            let place = place(key.column)
            if place >= 0 { codes[index] = try code(key.values, place, key.column.type) }
          }
          let group = Key(first: codes[0], second: codes[1])
          switch counting {
          case .items: if one >= 0 { mine.append(index(of: group)) }
          case .events, .users:
            let index = index(of: group)
            if !mine.contains(index) { mine.append(index) }
          case .values:
            guard let number else { continue }
            let place = place(number.column)
            if place < 0 || number.values.isAbsent(place) { continue }
            let index = index(of: group)
            // One number under several elements of a list counts once under each different one.
            if !measuresItems, mine.contains(index) { continue }
            mine.append(index)
            buffers[index].append(Self.number(number.values.value(place), number.column.type))
            measured = true
          }
        }
      }
      switch counting {
      case .values: if measured { reports += 1 }
      case .events, .items:
        makeCounts()
        for index in mine { counts[period][index] += 1 }
        if !mine.isEmpty { reports += 1 }
      case .users:
        let isSecond = !folded.isEmpty
        if people[row] == 0 || (ephemeral.map { $0[row] != 0 } ?? false) {
          leftOut += isSecond ? 0 : 1
          continue
        }
        reports += isSecond ? 0 : 1
        for index in mine { add(user: people[row], to: index) }
      }
    }
  }
}

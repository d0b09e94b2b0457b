import AvowStore
import AvowWire

/// Counts events, users, items or values by group and period.
final class GroupTally: Tallying {
  enum Counting { case events, users, items, values }

  /// Two group names as numbers.
  struct Key: Hashable {
    var first: Int
    var second: Int
  }

  let question: ResolvedQuestion
  let counting: Counting
  let keyCount: Int
  let isByEvent: Bool
  let periods: Int
  var names: GroupNames
  /// By group.
  var keys: [Key] = []
  var indexes: [Key: Int] = [:]
  var totals: [Int] = []
  var users: GroupUsers
  var buffers: [ValueBuffer] = []
  /// The user a group met last in this block, whose rows are in order of users.
  var lastUsers: [Int32] = []
  /// By period, then by group.
  var counts: [[Int]]
  var reports = 0
  var leftOut = 0
  var period = -1
  /// Whether `users` counts the period at hand.
  private var isCounted = false
  /// Whether the period's users are distinct in each block already.
  private var isDistinct = false
  /// In the second pass: which groups are counted together as the rest, and their users in the period.
  var folded: [Bool] = []
  var restUsers = UserSet()
  var restCounts: [Int] = []
  /// By value of the only key, as long as it has one type.
  var groupOfValue = IntegerMap()
  var groupsType: StoredType?
  /// The group of each selected row of the block at hand.
  var groupOfRow: UnsafeMutablePointer<Int32>
  var room = 1024
  /// The selected rows of the block at hand, those of a group together.
  var sortedRows: UnsafeMutablePointer<Int32>
  var sortedRoom = 1024
  private(set) var greatestUser: Int

  /// - Parameter greatestUser: A user number that is likely not exceeded.
  init(_ question: ResolvedQuestion, texts: Texts, greatestUser: Int) {
    self.question = question
    self.greatestUser = greatestUser
    users = GroupUsers(greatest: greatestUser)
    groupOfRow = .allocate(capacity: room)
    sortedRows = .allocate(capacity: sortedRoom)
    names = GroupNames(texts)
    periods = question.axis.starts.count
    counts = Array(repeating: [], count: periods)
    var isByEvent = false
    switch question.question.subject {
    case .events(let byEvent):
      counting = .events
      keyCount = byEvent ? 1 : 0
      isByEvent = byEvent
    case .breakdown(let by, let what):
      counting = what == .users ? .users : what == .items ? .items : .events
      keyCount = by.count
    case .distribution(_, let by):
      counting = .values
      keyCount = by.count
    default:
      counting = .users
      keyCount = 1
    }
    self.isByEvent = isByEvent
    if keyCount == 0, counting != .values {
      _ = index(of: Key(first: GroupNames.none, second: GroupNames.none))
    }
  }

  deinit {
    groupOfRow.deallocate()
    sortedRows.deallocate()
  }

  func index(of key: Key) -> Int {
    if let index = indexes[key] { return index }
    keys.append(key)
    totals.append(0)
    lastUsers.append(0)
    if counting == .users { users.add() }
    if counting == .values { buffers.append(ValueBuffer()) }
    indexes[key] = keys.count - 1
    return keys.count - 1
  }

  // MARK: Taking rows

  func take(_ block: Block, day: Int) throws {
    let next = question.axis.index(ofDay: day)
    let plan = block.plan
    if next != period {
      isDistinct = block.isAlone && question.question.period == .day && plan.reached.isEmpty
      endPeriod(next: next)
    }
    if !plan.reached.isEmpty { return try takeItems(block) }
    if isByEvent || plan.keys.isEmpty {
      let code = isByEvent ? names.code(of: plan.event) : GroupNames.none
      return try takeAll(block, index(of: Key(first: code, second: GroupNames.none)))
    }
    makeRoom(for: block.rows)
    try findGroups(block)
    try takeRows(block)
  }

  private func makeRoom(for rows: Int) {
    guard rows > room else { return }
    groupOfRow.deallocate()
    room = rows * 2
    groupOfRow = .allocate(capacity: room)
  }

  /// Takes rows that all belong to one group.
  func takeAll(_ block: Block, _ group: Int) throws {
    if counting == .events, block.plan.weights == nil {
      makeCounts()
      counts[period][group] += block.selectedCount
      reports += block.selectedCount
      return
    }
    makeRoom(for: block.rows)
    groupOfRow.update(repeating: Int32(group), count: block.selectedCount)
    try takeRows(block)
  }

  func makeCounts() {
    if counts[period].count < keys.count {
      counts[period] += repeatElement(0, count: keys.count - counts[period].count)
    }
  }

  func takeRows(_ block: Block) throws {
    let (selected, count, groups) = (block.selected, block.selectedCount, groupOfRow)
    switch counting {
    case .events, .items:
      let weights = try block.weights()
      makeCounts()
      var sum = 0
      counts[period].withUnsafeMutableBufferPointer { counts in
        for position in 0..<count {
          let weight = weights.map { Int(truncatingIfNeeded: $0[Int(selected[position])]) } ?? 1
          counts[Int(groups[position])] += weight
          sum += weight
        }
      }
      reports += sum
    case .users: try takeUsers(block)
    case .values:
      guard let number = block.plan.number else { return }
      try takeValues(try block.column(number.stream), isNumber: number.type == .number, block)
    }
  }

  func takeUsers(_ block: Block) throws {
    let (selected, groups) = (block.selected, groupOfRow)
    let people = try block.users()
    let ephemeral = try block.ephemeral()
    let isSecond = !folded.isEmpty
    if ephemeral != nil || people[Int(selected[0])] == 0 {
      let weights = try block.weights()
      var kept = 0
      for position in 0..<block.selectedCount {
        let row = Int(selected[position])
        if people[row] == 0 || (ephemeral.map { $0[row] != 0 } ?? false) {
          if !isSecond { leftOut += weights.map { Int(truncatingIfNeeded: $0[row]) } ?? 1 }
        } else {
          (selected[kept], groups[kept]) = (selected[position], groups[position])
          kept += 1
        }
      }
      block.select(kept)
    }
    let count = block.selectedCount
    if count == 0 { return }
    if !isSecond { reports += try block.weigh() }
    if count == block.rows {
      selected.update(from: people, count: count)
    } else {
      for position in 0..<count { selected[position] = people[Int(selected[position])] }
    }
    let greatest = Int(selected[count - 1])
    greatestUser = max(greatestUser, greatest)
    if isSecond {
      var kept = 0
      folded.withUnsafeBufferPointer { folded in
        for position in 0..<count {
          selected[kept] = selected[position]
          kept &+= folded[Int(groups[position])] ? 1 : 0
        }
      }
      restUsers.makeRoom(for: greatest)
      restCounts[period] += restUsers.insertCounting(UnsafeBufferPointer(start: selected, count: kept))
      return
    }
    if isDistinct { countDistinct(selected, groups, count) }
    users.insert(selected, groups, count: count)
  }

  /// Counts users in a period of one block, and leaves out what comes again.
  private func countDistinct(
    _ people: UnsafeMutablePointer<Int32>, _ groups: UnsafeMutablePointer<Int32>, _ count: Int
  ) {
    makeCounts()
    lastUsers.withUnsafeMutableBufferPointer { last in
      last.update(repeating: 0)
      counts[period].withUnsafeMutableBufferPointer { counts in
        guard let last = last.baseAddress, let counts = counts.baseAddress else { return }
        for position in 0..<count {
          let (user, group) = (people[position], Int(groups[position]))
          let isNew = last[group] != user
          last[group] = user
          counts[group] &+= isNew ? 1 : 0
          groups[position] = isNew ? Int32(truncatingIfNeeded: group) : -1
        }
      }
    }
  }

  @inline(__always)
  static func number(_ raw: Int64, _ type: StoredType) -> Double {
    type == .number ? Double(bitPattern: UInt64(bitPattern: raw)) : Double(raw)
  }

  func add(user: Int32, to index: Int) {
    guard folded.isEmpty else {
      guard folded[index] else { return }
      restUsers.makeRoom(for: Int(user))
      restCounts[period] += UserSet.insert(user, restUsers.words)
      return
    }
    users.insert(user, index)
  }

  func endPeriod(next: Int) {
    if counting == .users, folded.isEmpty, periods > 1 {
      if isCounted {
        makeCounts()
        for (group, count) in users.endPeriod().enumerated() { counts[period][group] += count }
      }
      isCounted = next >= 0 && !isDistinct
      users.beginPeriod(isCounted: isCounted)
    }
    if !folded.isEmpty { restUsers.removeAll() }
    period = next
  }
}

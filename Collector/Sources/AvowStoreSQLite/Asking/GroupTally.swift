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
  /// The user a group met last: rows are in order of users, so this already tells most doubles.
  var lastUsers: [UInt32] = []
  /// By period, then by group.
  var counts: [[Int]]
  var reports = 0
  var leftOut = 0
  var period = -1
  /// The users of the period at hand.
  var pairs = PairSet()
  /// In the second pass: which groups are counted together as the rest.
  var folded: [Bool] = []
  var restCounts: [Int] = []
  /// By value of the only key, as long as it has one type.
  var groupOfValue = IntegerMap()
  var groupsType: StoredType?
  /// The group of each selected row of the block at hand.
  var groupOfRow: UnsafeMutablePointer<Int32>
  var room = 1024
  private(set) var greatestUser: Int

  /// - Parameter greatestUser: A user number that is likely not exceeded.
  init(_ question: ResolvedQuestion, texts: Texts, greatestUser: Int) {
    self.question = question
    self.greatestUser = greatestUser
    users = GroupUsers(greatest: greatestUser)
    groupOfRow = .allocate(capacity: room)
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

  deinit { groupOfRow.deallocate() }

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
    if next != period { endPeriod(next: next) }
    let plan = block.plan
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
      let column = try block.column(number.stream)
      var taken = 0
      let hasAbsent = column.hasAbsent
      if keyCount == 0, !hasAbsent {
        buffers[0].append(
          column.plainValues(), selected, count: count, isNumber: number.type == .number)
        reports += count
        return
      }
      let buffers = self.buffers
      let isOne = keyCount == 0
      let presence = hasAbsent ? (0..<block.rows).map { !column.isAbsent($0) } : []
      let values = column.plainValues()
      for position in 0..<count {
        let row = Int(selected[position])
        if hasAbsent, !presence[row] { continue }
        buffers[isOne ? 0 : Int(groups[position])].append(Self.number(values[row], number.type))
        taken += 1
      }
      reports += taken
    }
  }

  func takeUsers(_ block: Block) throws {
    let (selected, count, groups) = (block.selected, block.selectedCount, groupOfRow)
    let people = try block.users()
    let ephemeral = try block.ephemeral()
    let weights = try block.weights()
    makeCounts()
    // Users ascend.
    greatestUser = max(greatestUser, Int(truncatingIfNeeded: people[Int(selected[count - 1])]))
    var (sum, others) = (0, 0)
    let isSecond = !folded.isEmpty
    let isAlone = block.isAlone && question.question.period == .day
    var lastFolded: UInt32 = 0
    // Out of the object: each access to a member of a class costs a check.
    users.makeRoom(for: greatestUser)
    let users = users.inserter
    var (pairs, last, periodCounts) = (self.pairs, lastUsers, counts[period])
    (self.pairs, lastUsers, counts[period]) = (PairSet(), [], [])
    var rest = 0
    for index in last.indices { last[index] = 0 }
    for position in 0..<count {
      let row = Int(selected[position])
      let weight = weights.map { Int(truncatingIfNeeded: $0[row]) } ?? 1
      let person = people[row]
      if person == 0 || (ephemeral.map { $0[row] != 0 } ?? false) {
        others += weight
        continue
      }
      sum += weight
      let user = UInt32(truncatingIfNeeded: person)
      let group = Int(groups[position])
      if last[group] == user { continue }
      last[group] = user
      if isSecond {
        if folded[group], user != lastFolded, isAlone || pairs.insert(group: 0, user: user) { rest += 1 }
        if folded[group] { lastFolded = user }
      } else if periods == 1 {
        users.insert(user, group)
      } else if isAlone || pairs.insert(group: group, user: user) {
        periodCounts[group] += 1
        users.insert(user, group)
      }
    }
    (self.pairs, lastUsers, counts[period]) = (pairs, last, periodCounts)
    if isSecond {
      restCounts[period] += rest
    } else {
      reports += sum
      leftOut += others
    }
  }

  @inline(__always)
  static func number(_ raw: Int64, _ type: StoredType) -> Double {
    type == .number ? Double(bitPattern: UInt64(bitPattern: raw)) : Double(raw)
  }

  func add(user: UInt32, to index: Int) {
    if !folded.isEmpty {
      if folded[index], pairs.insert(group: 0, user: user) { restCounts[period] += 1 }
      return
    }
    users.makeRoom(for: Int(user))
    if periods == 1 {
      users.inserter.insert(user, index)
    } else if pairs.insert(group: index, user: user) {
      makeCounts()
      counts[period][index] += 1
      users.inserter.insert(user, index)
    }
  }

  func endPeriod(next: Int) {
    pairs.removeAll()
    period = next
  }
}

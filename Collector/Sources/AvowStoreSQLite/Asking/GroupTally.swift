import AvowStore
import AvowWire

/// Counts events, users, items or values by group and period.
final class GroupTally: Tallying {
  enum Counting { case events, users, items, values }

  /// Two group names as numbers.
  private struct Key: Hashable {
    var first: Int
    var second: Int
  }

  private let question: ResolvedQuestion
  private let counting: Counting
  private let keyCount: Int
  private let isByEvent: Bool
  private let periods: Int
  private var names: GroupNames
  /// By group.
  private var keys: [Key] = []
  private var indexes: [Key: Int] = [:]
  private var totals: [Int] = []
  private var users: GroupUsers
  private var buffers: [ValueBuffer] = []
  /// The user a group met last: rows are in order of users, so this already tells most doubles.
  private var lastUsers: [UInt32] = []
  /// By period, then by group.
  private var counts: [[Int]]
  private var reports = 0
  private var leftOut = 0
  private var period = -1
  /// The users of the period at hand.
  private var pairs = PairSet()
  /// In the second pass: which groups are counted together as the rest.
  private var folded: [Bool] = []
  private var restCounts: [Int] = []
  /// By value of the only key, as long as it has one type.
  private var groupOfValue = IntegerMap()
  private var groupsType: StoredType?
  /// The group of each selected row of the block at hand.
  private var groupOfRow: UnsafeMutablePointer<Int32>
  private var room = 1024
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

  private func index(of key: Key) -> Int {
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
    if block.rows > room {
      groupOfRow.deallocate()
      room = block.rows * 2
      groupOfRow = .allocate(capacity: room)
    }
    try findGroups(block)
    try takeRows(block)
  }

  /// Fills `groupOfRow`, by position among the selected rows.
  private func findGroups(_ block: Block) throws {
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

  private func absentGroup() -> Int32 {
    Int32(index(of: Key(first: GroupNames.none, second: GroupNames.none)))
  }

  /// The group of a value, where groups have one key.
  private func group(of value: Int64, _ type: StoredType) throws -> Int32 {
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

  private func code(_ column: ColumnDecoder, _ row: Int, _ type: StoredType) throws -> Int {
    column.isAbsent(row) ? GroupNames.none : try names.code(of: column.value(row), type)
  }

  /// The names of a dictionary's entries, the absent value last. Those without rows are left out at the end.
  private func codes(_ column: ColumnDecoder, _ type: StoredType) throws -> [Int] {
    var codes: [Int] = []
    codes.reserveCapacity(column.entries.count + 1)
    for entry in column.entries { codes.append(try names.code(of: entry, type)) }
    codes.append(GroupNames.none)
    return codes
  }

  /// Takes rows that all belong to one group.
  private func takeAll(_ block: Block, _ group: Int) throws {
    if counting == .events, block.plan.weights == nil {
      makeCounts()
      counts[period][group] += block.selectedCount
      reports += block.selectedCount
      return
    }
    if block.rows > room {
      groupOfRow.deallocate()
      room = block.rows * 2
      groupOfRow = .allocate(capacity: room)
    }
    groupOfRow.update(repeating: Int32(group), count: block.selectedCount)
    try takeRows(block)
  }

  private func makeCounts() {
    if counts[period].count < keys.count {
      counts[period] += repeatElement(0, count: keys.count - counts[period].count)
    }
  }

  private func takeRows(_ block: Block) throws {
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

  private func takeUsers(_ block: Block) throws {
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

  private func add(user: UInt32, to index: Int) {
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

  private func endPeriod(next: Int) {
    pairs.removeAll()
    period = next
  }

  // MARK: Rows with items

  /// Takes rows whose groups or number lie in lists: one row for each item, or each pair of two lists.
  private func takeItems(_ block: Block) throws {
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
        for index in mine { add(user: UInt32(truncatingIfNeeded: people[row]), to: index) }
      }
    }
  }

  // MARK: Answering

  /// Puts the groups in order, the greatest first and equal ones by name, and folds what `top` leaves out.
  ///
  /// - Parameter scan: Walks over the rows again, where users of several groups must not be counted twice.
  func answer(today: Int, again scan: (any Tallying) throws -> Void) throws -> Answer {
    endPeriod(next: -1)
    if counting == .events || counting == .items {
      for row in counts { for (index, count) in row.enumerated() { totals[index] += count } }
    }
    var bound = question.bound
    if counting == .users, bound == .exact, leftOut > 0 { bound = .floor }
    var answer = Answer(
      question: question.question, unit: question.unit, bound: bound, periods: question.axis.starts,
      lastPeriodIsRunning: question.isRunning(today: today), reports: reports)
    let top = max(0, question.question.top)
    // An entry of a dictionary that no selected row has made a group without members.
    let ranked = keys.indices.filter { keyCount == 0 || size($0) > 0 }.map { index in
      (index: index, name: name(index), size: size(index))
    }.sorted { $0.size != $1.size ? $0.size > $1.size : Self.precedes($0.name, $1.name) }
    if counting == .values {
      answer.distributions = ranked.prefix(keyCount == 0 ? 1 : top).compactMap { entry in
        buffers[entry.index].distribution(key: entry.name)
      }
      return answer
    }
    let named = keyCount == 0 ? ranked.count : min(top, ranked.count)
    answer.series = ranked.prefix(named).map { entry in
      Answer.Series(key: entry.name, values: values(entry.index), total: Double(entry.size))
    }
    if named < ranked.count {
      answer.series.append(try fold(ranked.dropFirst(named).map(\.index), scan))
    }
    if case .adoption = question.question.subject {
      let (kept, other) = (answer.series.filter { !$0.isOther }, answer.series.filter(\.isOther))
      answer.series = kept.sorted { Self.isNewer($0.key[0], $1.key[0]) } + other
    }
    return answer
  }

  private func fold(_ indexes: [Int], _ scan: (any Tallying) throws -> Void) throws -> Answer.Series {
    guard counting == .users else {
      let values = (0..<periods).map { period in
        indexes.reduce(0) { $0 + ($1 < counts[period].count ? counts[period][$1] : 0) }
      }
      return Answer.Series(
        key: [], isOther: true, values: values.map(Double.init), total: Double(values.reduce(0, +)))
    }
    let all = Double(users.count(ofAny: indexes))
    if periods == 1 { return Answer.Series(key: [], isOther: true, values: [all], total: all) }
    // Users of several of these groups count once in each period, which only the rows can tell.
    folded = Array(repeating: false, count: keys.count)
    for index in indexes { folded[index] = true }
    restCounts = Array(repeating: 0, count: periods)
    try scan(self)
    return Answer.Series(
      key: [], isOther: true, values: restCounts.map(Double.init), total: all)
  }

  private func name(_ index: Int) -> [String?] {
    Array([names.name(keys[index].first), names.name(keys[index].second)].prefix(keyCount))
  }

  private func size(_ index: Int) -> Int {
    switch counting {
    case .events, .items: totals[index]
    case .users: users.count(of: index)
    case .values: buffers[index].count
    }
  }

  private func values(_ index: Int) -> [Double] {
    if counting == .users, periods == 1 { return [Double(users.count(of: index))] }
    return counts.map { index < $0.count ? Double($0[index]) : 0 }
  }

  /// By name, absent values last.
  private static func precedes(_ left: [String?], _ right: [String?]) -> Bool {
    for (a, b) in zip(left, right) where a != b {
      guard let a else { return false }
      guard let b else { return true }
      return a.utf8.lexicographicallyPrecedes(b.utf8)
    }
    return false
  }

  /// The newest version first, then what is no version, then absent ones.
  private static func isNewer(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left != nil && right == nil }
    let (one, other) = (VersionOrder(left), VersionOrder(right))
    if one == other { return left.utf8.lexicographicallyPrecedes(right.utf8) }
    guard let one else { return false }
    guard let other else { return true }
    return one > other
  }
}

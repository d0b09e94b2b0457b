import AvowStore

/// What was counted, as an answer.
extension GroupTally {
  /// Puts the groups in order, the greatest first and equal ones by name, and folds what `top` leaves out.
  ///
  /// - Parameter scan: Walks over the rows again, where users of several groups must not be counted twice.
  func answer(today: Int, again scan: (any Tallying) throws -> Void) throws -> Answer {
    endPeriod(next: -1)
    if counting == .events || counting == .items {
      for row in counts { for (index, count) in row.enumerated() { totals[index] += count } }
    }
    var answer = Answer(
      question: question.question, unit: question.unit, bound: question.bound(leavingOut: leftOut),
      periods: question.axis.starts,
      lastPeriodIsRunning: question.isRunning(today: today), reports: reports)
    let top = max(0, question.question.top)
    // An entry of a dictionary that no selected row has made a group without members.
    let ranked = keys.indices.filter { keyCount == 0 || size($0) > 0 }.map { index in
      (index: index, name: name(index), size: size(index))
    }.sorted { $0.size != $1.size ? $0.size > $1.size : Self.precedes($0.name, $1.name) }
    var named = ranked.prefix(keyCount == 0 ? ranked.count : top).map {
      (index: Int?.some($0.index), name: $0.name)
    }
    var rest = ranked.dropFirst(named.count).map(\.index)
    if let groups = question.named {
      let indexes = Dictionary(ranked.map { ($0.name, $0.index) }) { first, _ in first }
      named = groups.map { (indexes[$0], $0) }
      let taken = Set(named.compactMap(\.index))
      rest = ranked.map(\.index).filter { !taken.contains($0) }
    }
    if counting == .values {
      answer.distributions = named.compactMap { index, name in
        index.flatMap { buffers[$0].distribution(key: name) }
      }
      if var other = foldValues(rest) {
        other.isOther = true
        answer.distributions.append(other)
      }
      return answer
    }
    answer.series = named.map { index, name in
      guard let index else {
        return Answer.Series(key: name, values: Array(repeating: 0, count: periods), total: 0)
      }
      return Answer.Series(key: name, values: values(index), total: Double(size(index)))
    }
    if !rest.isEmpty { answer.series.append(try fold(rest, scan)) }
    if case .adoption = question.question.subject {
      let (kept, other) = (answer.series.filter { !$0.isOther }, answer.series.filter(\.isOther))
      answer.series = kept.sorted { Self.isNewer($0.key[0], $1.key[0]) } + other
    }
    return answer
  }

  /// The values of several groups as one; each group's memory goes as soon as it is taken over.
  private func foldValues(_ indexes: [Int]) -> Answer.Distribution? {
    let all = ValueBuffer()
    for index in indexes {
      all.append(buffers[index])
      buffers[index] = ValueBuffer()
    }
    return all.distribution(key: [])
  }

  func fold(_ indexes: [Int], _ scan: (any Tallying) throws -> Void) throws -> Answer.Series {
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

  func name(_ index: Int) -> [String?] {
    Array([names.name(keys[index].first), names.name(keys[index].second)].prefix(keyCount))
  }

  func size(_ index: Int) -> Int {
    switch counting {
    case .events, .items: totals[index]
    case .users: users.count(of: index)
    case .values: buffers[index].count
    }
  }

  func values(_ index: Int) -> [Double] {
    if counting == .users, periods == 1 { return [Double(users.count(of: index))] }
    return counts.map { index < $0.count ? Double($0[index]) : 0 }
  }

  /// By name, absent values last.
  static func precedes(_ left: [String?], _ right: [String?]) -> Bool {
    for (a, b) in zip(left, right) where a != b {
      guard let a else { return false }
      guard let b else { return true }
      return a.utf8.lexicographicallyPrecedes(b.utf8)
    }
    return false
  }

  /// The newest version first, then what is no version, then absent ones.
  static func isNewer(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left != nil && right == nil }
    let (one, other) = (VersionOrder(left), VersionOrder(right))
    if one == other { return left.utf8.lexicographicallyPrecedes(right.utf8) }
    guard let one else { return false }
    guard let other else { return true }
    return one > other
  }
}

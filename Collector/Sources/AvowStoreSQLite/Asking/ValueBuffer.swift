import AvowStore

/// The values of one distribution.
///
/// Measured values mostly have few decimal places: each is then a whole number of, say, thousandths, and how
/// often each of these occurs is all that must be kept. What does not fit is kept as it is.
final class ValueBuffer {
  /// How often each whole number from `least` on occurred, in units of a power of ten.
  private var counts: [UInt32] = []
  private var least: Int64 = 0
  private var places = 0
  private var countedCount = 0
  private var others = OtherValues()

  private static let mostCounts = 1 << 20
  /// What a table may have at most for each value: with many groups, each would have a large one for few values.
  private static let mostCountsPerValue = 4

  var count: Int { countedCount + others.count }

  @inline(__always)
  func append(_ value: Double) { others.append(value) }

  /// Appends the chosen ones of a column's values; none of them is absent.
  ///
  /// - Parameter weights: By row: how many times its value counts; `nil`: once.
  func append(
    _ column: ColumnDecoder, _ chosen: UnsafeMutablePointer<Int32>, count more: Int,
    weights: UnsafeMutablePointer<Int64>?, isNumber: Bool
  ) {
    if more == 0 { return }
    let rows = Rows(chosen: chosen, count: more, weights: weights)
    switch column.kind {
    case .decimal: append(column.values, rows, places: column.places)
    case .plain where !isNumber: append(column.values, rows, places: 0)
    case .dictionary: append(entriesOf: column, rows, isNumber: isNumber)
    case .plain, .ascending:
      let values = column.plainValues()
      others.makeRoom(for: more)
      rows.forEach { row, times in
        let value = values[row]
        others.append(isNumber ? Double(bitPattern: UInt64(bitPattern: value)) : Double(value), each: times)
      }
    }
  }

  /// Appends all values of another.
  func append(_ other: ValueBuffer) {
    let used = other.counts.indices.filter { other.counts[$0] > 0 }
    if let first = used.first, let last = used.last {
      let places = other.places
      let fits = makeRoom(
        from: other.least + Int64(first), through: other.least + Int64(last), places: places,
        for: other.countedCount)
      let factor = fits ? Self.factor(self.places - places) : 1
      for index in used {
        let value = other.least + Int64(index)
        if fits {
          counts[Int(value * factor - least)] += other.counts[index]
        } else {
          others.append(Double(value) / PackedColumn.powers[places], times: Int(other.counts[index]))
        }
      }
      if fits { countedCount += other.countedCount }
    }
    other.others.forEach { value, times in
      if times == 1 { others.append(value) } else { others.append(value, times: times) }
    }
  }

  /// The rows whose values are appended.
  private struct Rows {
    let chosen: UnsafeMutablePointer<Int32>
    let count: Int
    let weights: UnsafeMutablePointer<Int64>?

    @inline(__always)
    func forEach(_ body: (Int, Int) -> Void) {
      guard let weights else {
        for position in 0..<count { body(Int(chosen[position]), 1) }
        return
      }
      for position in 0..<count {
        let row = Int(chosen[position])
        body(row, max(0, Int(truncatingIfNeeded: weights[row])))
      }
    }

    /// How often they count together.
    var sum: Int {
      if weights == nil { return count }
      var sum = 0
      forEach { _, times in sum += times }
      return sum
    }
  }

  private func append(_ values: UnsafeMutablePointer<Int64>, _ rows: Rows, places: Int) {
    var (low, high) = (Int64.max, Int64.min)
    for position in 0..<rows.count {
      let value = values[Int(rows.chosen[position])]
      low = min(low, value)
      high = max(high, value)
    }
    let sum = rows.sum
    guard makeRoom(from: low, through: high, places: places, for: sum) else {
      let power = PackedColumn.powers[places]
      others.makeRoom(for: sum)
      rows.forEach { row, times in others.append(Double(values[row]) / power, each: times) }
      return
    }
    let factor = Self.factor(self.places - places)
    let least = least
    counts.withUnsafeMutableBufferPointer { counts in
      guard let counts = counts.baseAddress else { return }
      rows.forEach { row, times in
        counts[Int(values[row] &* factor &- least)] &+= UInt32(truncatingIfNeeded: times)
      }
    }
    countedCount += sum
  }

  private func append(entriesOf column: ColumnDecoder, _ rows: Rows, isNumber: Bool) {
    let indexes = column.indexes
    var times = [Int](repeating: 0, count: column.entries.count + 1)
    times.withUnsafeMutableBufferPointer { times in
      guard let times = times.baseAddress else { return }
      rows.forEach { row, more in times[Int(indexes[row])] &+= more }
    }
    let sum = times.reduce(0, +)
    let (places, entries) =
      isNumber ? PackedColumn.decimals(column.entries, nil) ?? (-1, []) : (0, column.entries)
    if let low = entries.min(), let high = entries.max(),
      makeRoom(from: low, through: high, places: places, for: sum)
    {
      let factor = Self.factor(self.places - places)
      for (entry, times) in zip(entries, times) {
        counts[Int(entry * factor - least)] += UInt32(truncatingIfNeeded: times)
      }
      countedCount += sum
      return
    }
    for (entry, times) in zip(column.entries, times) where times > 0 {
      let value = isNumber ? Double(bitPattern: UInt64(bitPattern: entry)) : Double(entry)
      others.append(value, times: times)
    }
  }

  private static func factor(_ places: Int) -> Int64 { Int64(PackedColumn.powers[places]) }

  /// Makes room to count these; returns `false` when they are spread too far, or too many, to be counted.
  private func makeRoom(from low: Int64, through high: Int64, places: Int, for more: Int) -> Bool {
    let wanted = max(places, self.places)
    let limit: Int64 = 1 << 52
    guard low > -limit, high < limit, countedCount < Int(UInt32.max) >> 1 else { return false }
    let most = min(Self.mostCounts, Self.mostCountsPerValue * (count + more) + 1024)
    let (own, theirs) = (Self.factor(wanted - self.places), Self.factor(wanted - places))
    let (first, firstOverflows) = low.multipliedReportingOverflow(by: theirs)
    let (last, lastOverflows) = high.multipliedReportingOverflow(by: theirs)
    guard !firstOverflows, !lastOverflows, last - first < most else { return false }
    if counts.isEmpty {
      (least, self.places) = (first, wanted)
      counts = Array(repeating: 0, count: Int(last - first) + 1)
      return true
    }
    let end = least + Int64(counts.count)
    if own == 1, first >= least, last < end { return true }
    guard abs(least) < limit / own else { return false }
    let newLeast = min(least * own, first)
    let newEnd = max((end - 1) * own + 1, last + 1)
    guard newEnd - newLeast <= most else { return false }
    // Room for more on both sides, or each block would come here.
    let room = (newEnd - newLeast) / 8
    let start = newLeast - room
    var more = [UInt32](repeating: 0, count: Int(newEnd - start + room))
    for (index, count) in counts.enumerated() where count > 0 {
      more[Int((least + Int64(index)) * own - start)] = count
    }
    (counts, least, self.places) = (more, start, wanted)
    return true
  }

  // MARK: Describing

  /// Few enough that sorting costs nothing.
  private static let few = 20_000

  /// Calls `body` with values in no order, and how often each occurred.
  @inline(__always)
  private func forEach(_ body: (Double, Int) -> Void) {
    let power = PackedColumn.powers[places]
    for (index, count) in counts.enumerated() where count > 0 {
      body(Double(least + Int64(index)) / power, Int(count))
    }
    others.forEach(body)
  }

  /// Describes the values as `Answer.Distribution` defines it; `nil` when there are none.
  func distribution(key: [String?]) -> Answer.Distribution? {
    let total = count
    if total == 0 { return nil }
    if total <= Self.few {
      var values: [Double] = []
      values.reserveCapacity(total)
      forEach { values.append(contentsOf: repeatElement($0, count: $1)) }
      let isInteger = values.allSatisfy { $0 == $0.rounded() }
      return Answer.Distribution(key: key, sorted: values.sorted(), isInteger: isInteger)
    }
    var isInteger = true
    var (low, high) = (Double.infinity, -Double.infinity)
    var mean = 0.0
    let part = 1 / Double(total)
    var buckets = [Int](repeating: 0, count: 1 << 16)
    buckets.withUnsafeMutableBufferPointer { buckets in
      forEach { value, times in
        if isInteger { isInteger = value == value.rounded() }
        low = min(low, value)
        high = max(high, value)
        mean += value * (part * Double(times))
        buckets[Int(Self.rank(value) >> 48)] += times
      }
    }
    let edges = Answer.Distribution.edges(from: low, through: high, isInteger: isInteger)
    var bins = [Int](repeating: 0, count: edges.count - 1)
    let wanted = [0.5, 0.9, 0.95, 0.99].map { part in
      Swift.min(total - 1, Swift.max(0, Int((part * Double(total)).rounded(.up)) - 1))
    }
    // Where neither an edge nor a quantile lies, a whole bucket falls into one bin.
    var kept: [Int: (before: Int, values: [(value: Double, times: Int)])] = [:]
    var isLookedInto = [Bool](repeating: false, count: 1 << 16)
    for edge in edges { isLookedInto[Int(Self.rank(edge) >> 48)] = true }
    var before = 0
    for bucket in buckets.indices where buckets[bucket] > 0 {
      if wanted.contains(where: { $0 >= before && $0 < before + buckets[bucket] }) {
        kept[bucket] = (before, [])
        isLookedInto[bucket] = true
      }
      before += buckets[bucket]
    }
    for bucket in buckets.indices where buckets[bucket] > 0 && !isLookedInto[bucket] {
      bins[Self.bin(of: Self.value(rank: UInt64(bucket) << 48), edges)] += buckets[bucket]
    }
    isLookedInto.withUnsafeBufferPointer { isLookedInto in
      forEach { value, times in
        let bucket = Int(Self.rank(value) >> 48)
        guard isLookedInto[bucket] else { return }
        bins[Self.bin(of: value, edges)] += times
        kept[bucket]?.values.append((value, times))
      }
    }
    let quantiles = wanted.map { place in Self.value(at: place, kept) }
    return Answer.Distribution(
      key: key, count: total, min: low, p50: quantiles[0], p90: quantiles[1], p95: quantiles[2],
      p99: quantiles[3], max: high, mean: mean,
      histogram: bins.indices.map { .init(from: edges[$0], to: edges[$0 + 1], count: bins[$0]) })
  }

  private static func value(
    at place: Int, _ kept: [Int: (before: Int, values: [(value: Double, times: Int)])]
  ) -> Double {
    for bucket in kept.values where bucket.before <= place {
      var before = bucket.before
      for one in bucket.values.sorted(by: { $0.value < $1.value }) {
        before += one.times
        if place < before { return one.value }
      }
    }
    return .nan
  }

  /// The last bin takes what lies at or beyond its end.
  private static func bin(of value: Double, _ edges: [Double]) -> Int {
    var low = 0
    var high = edges.count - 2
    while low < high {
      let middle = (low + high + 1) / 2
      if edges[middle] <= value { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// A number whose unsigned order is the order of the values; its leading 16 bits are a value's bucket.
  private static func rank(_ value: Double) -> UInt64 {
    // Adding nothing makes a negative zero the zero it is equal to.
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// The value of a rank.
  private static func value(rank: UInt64) -> Double {
    Double(bitPattern: rank >> 63 == 1 ? rank & ~(1 << 63) : ~rank)
  }
}

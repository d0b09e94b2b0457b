import AvowStore

/// The values of one distribution, described without sorting them all.
final class ValueBuffer {
  private var start: UnsafeMutablePointer<Double>
  private(set) var count = 0
  private var room = 64

  init() { start = .allocate(capacity: room) }

  deinit { start.deallocate() }

  private var values: UnsafeBufferPointer<Double> { UnsafeBufferPointer(start: start, count: count) }

  @inline(__always)
  func append(_ value: Double) {
    if count == room { grow(to: count + 1) }
    start[count] = value
    count += 1
  }

  /// Appends the chosen ones of a column's values.
  func append(
    _ values: UnsafeMutablePointer<Int64>, _ chosen: UnsafeMutablePointer<Int32>, count more: Int,
    isNumber: Bool
  ) {
    if count + more > room { grow(to: count + more) }
    let target = start + count
    for position in 0..<more {
      let value = values[Int(chosen[position])]
      target[position] = isNumber ? Double(bitPattern: UInt64(bitPattern: value)) : Double(value)
    }
    count += more
  }

  /// Appends all values of another.
  func append(_ other: ValueBuffer) {
    if count + other.count > room { grow(to: count + other.count) }
    (start + count).update(from: other.start, count: other.count)
    count += other.count
  }

  private func grow(to least: Int) {
    room = max(least, room * 2)
    let more = UnsafeMutablePointer<Double>.allocate(capacity: room)
    more.update(from: start, count: count)
    start.deallocate()
    start = more
  }

  /// Few enough that sorting costs nothing.
  private static let few = 20_000

  /// Describes the values as `Answer.Distribution` defines it; `nil` when there are none.
  func distribution(key: [String?]) -> Answer.Distribution? {
    if count == 0 { return nil }
    let values = values
    let isInteger = values.allSatisfy { $0 == $0.rounded() }
    if values.count <= Self.few {
      return Answer.Distribution(key: key, sorted: values.sorted(), isInteger: isInteger)
    }
    var low = values[0]
    var high = values[0]
    var mean = 0.0
    let part = 1 / Double(values.count)
    var counts = [Int](repeating: 0, count: 1 << 16)
    for value in values {
      low = min(low, value)
      high = max(high, value)
      mean += value * part
      counts[Int(Self.rank(value) >> 48)] += 1
    }
    let edges = Answer.Distribution.edges(from: low, through: high, isInteger: isInteger)
    var bins = [Int](repeating: 0, count: edges.count - 1)
    let wanted = [0.5, 0.9, 0.95, 0.99].map { part in
      Swift.min(values.count - 1, Swift.max(0, Int((part * Double(values.count)).rounded(.up)) - 1))
    }
    // Where neither an edge nor a quantile lies, a whole bucket falls into one bin.
    var buckets: [Int: (before: Int, values: [Double])] = [:]
    var isLookedInto = [Bool](repeating: false, count: 1 << 16)
    for edge in edges { isLookedInto[Int(Self.rank(edge) >> 48)] = true }
    var before = 0
    for bucket in counts.indices where counts[bucket] > 0 {
      if wanted.contains(where: { $0 >= before && $0 < before + counts[bucket] }) {
        buckets[bucket] = (before, [])
        isLookedInto[bucket] = true
      }
      before += counts[bucket]
    }
    for bucket in counts.indices where counts[bucket] > 0 && !isLookedInto[bucket] {
      bins[Self.bin(of: Self.value(rank: UInt64(bucket) << 48), edges)] += counts[bucket]
    }
    for value in values {
      let bucket = Int(Self.rank(value) >> 48)
      guard isLookedInto[bucket] else { continue }
      bins[Self.bin(of: value, edges)] += 1
      buckets[bucket]?.values.append(value)
    }
    for bucket in buckets.keys { buckets[bucket]?.values.sort() }
    let quantiles = wanted.map { place -> Double in
      for bucket in buckets.values
      where place >= bucket.before && place < bucket.before + bucket.values.count {
        return bucket.values[place - bucket.before]
      }
      return .nan
    }
    return Answer.Distribution(
      key: key, count: values.count, min: low, p50: quantiles[0], p90: quantiles[1], p95: quantiles[2],
      p99: quantiles[3], max: high, mean: mean,
      histogram: bins.indices.map { .init(from: edges[$0], to: edges[$0 + 1], count: bins[$0]) })
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

extension Answer.Distribution {
  /// Describes ascending `values`. Precondition: there is at least one.
  ///
  /// A quantile is the smallest value that at least so large a part of the values does not exceed
  /// (nearest rank): always a value that occurred.
  public init(key: [String?], sorted values: [Double], isInteger: Bool) {
    func quantile(_ part: Double) -> Double {
      values[Swift.min(values.count - 1, Swift.max(0, Int((part * Double(values.count)).rounded(.up)) - 1))]
    }
    let edges = Self.edges(from: values[0], through: values[values.count - 1], isInteger: isInteger)
    var bins: [Bin] = []
    var first = 0
    for index in 0..<edges.count - 1 {
      var next = first
      while next < values.count, values[next] < edges[index + 1] || index == edges.count - 2 { next += 1 }
      bins.append(Bin(from: edges[index], to: edges[index + 1], count: next - first))
      first = next
    }
    self.init(
      key: key, count: values.count, min: values[0], p50: quantile(0.5), p90: quantile(0.9),
      p95: quantile(0.95), p99: quantile(0.99), max: values[values.count - 1],
      mean: values.reduce(0) { $0 + $1 / Double(values.count) }, histogram: bins)
  }

  /// Returns ascending edges of histogram bins that hold every number from `low` through `high`.
  ///
  /// Whole numbers close together get a bin each. Otherwise the edges are 1, 2 and 5 times the powers of
  /// ten, on both sides of zero, so that bins mean the same from one answer to the next; a span of very
  /// many powers uses fewer edges. There are at most about forty bins.
  public static func edges(from low: Double, through high: Double, isInteger: Bool) -> [Double] {
    if isInteger, high - low <= 20, Swift.max(-low, high) < 0x1p52 {
      return Array(stride(from: low, through: high + 1, by: 1))
    }
    let smallest =
      low > 0 ? low : high < 0 ? -high : isInteger ? 1 : Swift.max(Swift.max(high, -low) / 1e6, 1e-300)
    let largest = Swift.max(abs(low), abs(high))
    for steps in [[1.0, 2, 5], [1]] {
      for every in [1, 3, 6, 12, 24, 48, 96] where steps.count == 1 || every == 1 {
        let ladder = positiveEdges(from: smallest, through: largest, steps: steps, every: every)
        let all = ladder.reversed().map { -$0 } + [0] + ladder
        let start = all.lastIndex { $0 <= low } ?? 0
        let end = all.firstIndex { $0 > high } ?? all.count - 1
        if end - start <= 40 { return Array(all[start...end]) }
      }
    }
    return [low, high.nextUp]
  }

  private static func positiveEdges(
    from smallest: Double, through largest: Double, steps: [Double], every: Int
  ) -> [Double] {
    guard largest > 0 else { return [1] }
    var edges: [Double] = []
    var exponent = Swift.max(-300, Int(decimalExponent(smallest)))
    let last = Swift.min(307, Int(decimalExponent(largest)) + every)
    while exponent <= last {
      for step in steps { edges.append(step * powerOfTen(exponent)) }
      exponent += every
    }
    edges.append(.infinity)
    return edges
  }

  /// Without Foundation's logarithm: the exponent of the greatest power of ten not above `value`.
  private static func decimalExponent(_ value: Double) -> Int {
    var exponent = Int((Double(value.exponent) * 0.30103).rounded(.down))
    while powerOfTen(exponent) > value, exponent > -300 { exponent -= 1 }
    while powerOfTen(exponent + 1) <= value, exponent < 307 { exponent += 1 }
    return exponent
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    // Parsing rounds correctly, repeated multiplication would not.
    Double("1e\(exponent)") ?? 0
  }
}

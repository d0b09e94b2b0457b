/// A figure that a report computes from current data beside a reference.
public struct Metric: Sendable {
  /// The name by which a service says which metrics a report holds.
  public let name: String
  /// Computes the figure.
  public let compute: @Sendable (_ current: Table, _ reference: Table) -> Double

  /// Creates a metric.
  public init(name: String, compute: @escaping @Sendable (Table, Table) -> Double) {
    self.name = name
    self.compute = compute
  }

  /// The share of missing values.
  public static let missingValues = Metric(name: "DatasetMissingValuesMetric") { current, _ in
    current.missingShare
  }

  /// The share of columns whose distribution moved.
  public static let datasetDrift = Metric(name: "DatasetDriftMetric") { current, reference in
    let moved = current.names.count { Drift.statistic(of: $0, in: current, beside: reference) > Drift.limit }
    return current.names.isEmpty ? 0 : Double(moved) / Double(current.names.count)
  }

  /// How far the distribution of one column moved.
  public static func columnDrift(_ column: String) -> Metric {
    Metric(name: "ColumnDriftMetric") { current, reference in
      Drift.statistic(of: column, in: current, beside: reference)
    }
  }

  /// A quantile of one column.
  public static func columnQuantile(_ column: String, quantile: Double) -> Metric {
    Metric(name: "ColumnQuantileMetric") { current, _ in
      let values = current.values(of: column).sorted()
      guard !values.isEmpty else { return .nan }
      return values[min(values.count - 1, Int(quantile * Double(values.count)))]
    }
  }
}

/// The distance between two samples.
enum Drift {
  /// Beyond this a column counts as moved.
  static let limit = 0.15

  /// The two-sample Kolmogorov-Smirnov statistic: the widest gap between both empirical distributions.
  static func statistic(of column: String, in current: Table, beside reference: Table) -> Double {
    let left = current.values(of: column).sorted()
    let right = reference.values(of: column).sorted()
    guard !left.isEmpty, !right.isEmpty else { return 0 }
    var widest = 0.0
    var l = 0
    var r = 0
    while l < left.count, r < right.count {
      let value = min(left[l], right[r])
      while l < left.count, left[l] <= value { l += 1 }
      while r < right.count, right[r] <= value { r += 1 }
      widest = max(widest, abs(Double(l) / Double(left.count) - Double(r) / Double(right.count)))
    }
    return widest
  }
}

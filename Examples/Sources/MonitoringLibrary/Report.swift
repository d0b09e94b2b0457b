/// Metrics computed once: what a user of the library makes in a notebook or a script.
///
/// The library knows nothing of telemetry. It holds no `Telemetry` value, so nothing that is done with
/// it is reported by anyone.
public struct Report: Sendable {
  public let metrics: [Metric]

  /// Creates a report that will compute these metrics.
  public init(metrics: [Metric]) { self.metrics = metrics }

  /// Computes all metrics, in their order.
  public func run(current: Table, reference: Table) -> [(name: String, value: Double)] {
    metrics.map { ($0.name, $0.compute(current, reference)) }
  }
}

/// A condition on a metric.
public struct Check: Sendable {
  /// The name by which a service says which tests a suite holds.
  public let name: String
  let metric: Metric
  let limit: Double

  /// Creates a check that holds while the metric is not above the limit.
  public init(name: String, metric: Metric, atMost limit: Double) {
    self.name = name
    self.metric = metric
    self.limit = limit
  }

  /// Holds while few values are missing.
  public static let fewMissingValues = Check(
    name: "TestShareOfMissingValues", metric: .missingValues, atMost: 0.1)
  /// Holds while few columns moved.
  public static let fewDriftedColumns = Check(
    name: "TestShareOfDriftedColumns", metric: .datasetDrift, atMost: 0.5)
}

/// Checks that pass or fail together.
public struct TestSuite: Sendable {
  public let checks: [Check]

  /// Creates a suite.
  public init(checks: [Check]) { self.checks = checks }

  /// Returns whether each check holds, in their order.
  public func run(current: Table, reference: Table) -> [(name: String, passes: Bool)] {
    checks.map { ($0.name, $0.metric.compute(current, reference) <= $0.limit) }
  }
}

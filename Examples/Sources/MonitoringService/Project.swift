import MonitoringLibrary

/// What a user keeps watching: a name and the snapshots taken of it.
struct Project {
  /// A report or a test suite, computed once and kept.
  struct Snapshot {
    enum Kind { case report, testSuite }

    var kind: Kind
    /// The names of the metrics or of the checks in it.
    var parts: [String]
    var values: [(name: String, value: Double)]
  }

  var name: String
  var panels: [String] = ["missing values", "drift"]
  var snapshots: [Snapshot] = []

  /// Takes a snapshot of the data with a report.
  mutating func add(_ report: Report, current: Table, reference: Table) {
    let values = report.run(current: current, reference: reference)
    snapshots.append(Snapshot(kind: .report, parts: values.map(\.name), values: values))
  }

  /// Takes a snapshot of the data with a test suite.
  mutating func add(_ suite: TestSuite, current: Table, reference: Table) {
    let results = suite.run(current: current, reference: reference)
    snapshots.append(
      Snapshot(
        kind: .testSuite, parts: results.map(\.name),
        values: results.map { ($0.name, $0.passes ? 1 : 0) }))
  }

  func count(of kind: Snapshot.Kind) -> Int { snapshots.count { $0.kind == kind } }
}

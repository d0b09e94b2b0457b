import MonitoringLibrary

// What a script does that uses the tool as a library: no service, hence no telemetry. A test watches this
// program's system calls.

let reference = Table(columns: [
  "age": (0..<500).map { Double($0 % 71) }, "income": (0..<500).map { Double($0 * 37 % 997) },
])
let current = Table(columns: [
  "age": (0..<500).map { Double($0 % 71) }, "income": (0..<500).map { $0 % 9 == 0 ? nil : Double($0) },
])

let report = Report(metrics: [
  .datasetDrift, .missingValues, .columnDrift("income"), .columnQuantile("age", quantile: 0.5),
])
for (name, value) in report.run(current: current, reference: reference) {
  print("\(name) \(Double(Int(value * 1000)) / 1000)")
}
let suite = TestSuite(checks: [.fewMissingValues, .fewDriftedColumns])
for (name, passes) in suite.run(current: current, reference: reference) {
  print("\(name) \(passes ? "passes" : "fails")")
}

import Avow
import HostSupport
import MonitoringLibrary

// A monitoring service and one user of it, who clicks about as the seed says.

let arguments: HostArguments
do {
  arguments = try HostArguments(CommandLine.arguments, version: "0.4.30")
} catch {
  complain(error)
}

let telemetry = Telemetry(
  Evidently.self, version: arguments.version, lifetime: .service,
  context: Evidently.Context(toolName: .evidently, interface: .service),
  notice: .standardError.quietWhenAsked(CommandLine.arguments))
if let status = telemetry.handle(arguments: CommandLine.arguments) { end(status: status) }
let reporter = Reporter(telemetry)
let service = Service(reporter: reporter)
var whims = Whims(seed: arguments.seed)

do {
  service.openIndex()
  let project = service.addProject("wine quality")
  let reference = data(shift: 0, holes: 0, &whims)
  for _ in 0..<arguments.actions {
    switch Int.random(in: 0..<13, using: &whims) {
    case 0: _ = service.listProjects()
    case 1: _ = try service.projectInfo(project)
    case 2, 3: _ = try service.dashboard(project)
    case 4: _ = try service.reports(project)
    case 5: _ = try service.testSuites(project)
    case 6, 7:
      let current = data(shift: 4, holes: 0.05, &whims)
      try service.addSnapshot(project) {
        $0.add(
          Report(metrics: [.datasetDrift, .missingValues, .columnQuantile("acidity", quantile: 0.9)]),
          current: current, reference: reference)
      }
    case 8:
      let current = data(shift: 1, holes: 0.2, &whims)
      try service.addSnapshot(project) {
        $0.add(
          TestSuite(checks: [.fewMissingValues, .fewDriftedColumns]), current: current, reference: reference)
      }
    case 9: _ = service.search("wine")
    case 10:
      if whims.chance(0.5) {
        try service.rename(project, to: "wine quality, \(Int.random(in: 2..<100, using: &whims))")
      } else {
        _ = try service.panels(project)
      }
    default:
      guard let place = service.projects[project].snapshots.indices.last else {
        _ = service.listProjects()
        continue
      }
      switch Int.random(in: 0..<3, using: &whims) {
      case 0: _ = try service.snapshot(place, of: project)
      case 1: _ = try service.graph(place, of: project)
      default: _ = try service.download(place, of: project)
      }
    }
  }
} catch {
  complain(error)
}
reporter.finish()

/// Numbers about wines, some missing.
func data(shift: Double, holes: Double, _ whims: inout Whims) -> Table {
  func column(_ base: Double) -> [Double?] {
    (0..<200).map { _ in
      whims.chance(holes) ? nil : base + shift + Double.random(in: 0..<10, using: &whims)
    }
  }
  return Table(columns: ["acidity": column(3), "alcohol": column(9), "sugar": column(1)])
}

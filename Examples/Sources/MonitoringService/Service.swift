import HostSupport
import MonitoringLibrary

/// The service behind the Monitoring UI: projects with their snapshots, held in memory.
///
/// Each thing a user can do is a method, and each method reports exactly the event that the tool's page
/// lists for it.
final class Service {
  /// Why an action cannot be done.
  enum Problem: Error { case noSuchProject, noSuchSnapshot }

  private let reporter: Reporter<Evidently>
  private(set) var projects: [Project] = []

  init(reporter: Reporter<Evidently>) {
    self.reporter = reporter
    reporter.record(.startup)
  }

  func openIndex() { reporter.record(.index) }

  func listProjects() -> [String] {
    reporter.record(.listProjects(projectCount: projects.count))
    return projects.map(\.name)
  }

  func addProject(_ name: String) -> Int {
    projects.append(Project(name: name))
    reporter.record(.addProject)
    return projects.count - 1
  }

  func projectInfo(_ number: Int) throws -> Project {
    let project = try project(number)
    reporter.record(.getProjectInfo)
    return project
  }

  func rename(_ number: Int, to name: String) throws {
    _ = try project(number)
    projects[number].name = name
    reporter.record(.updateProjectInfo)
  }

  func search(_ text: String) -> [String] {
    reporter.record(.searchProjects)
    return projects.map(\.name).filter { $0.contains(text) }
  }

  /// The newest value of each metric, over all snapshots.
  func dashboard(_ number: Int) throws -> [String: Double] {
    let project = try project(number)
    reporter.record(.projectDashboard)
    return Dictionary(project.snapshots.flatMap { $0.values.map { ($0.name, $0.value) } }) { $1 }
  }

  func panels(_ number: Int) throws -> [String] {
    let project = try project(number)
    reporter.record(.listProjectDashboardPanels)
    return project.panels
  }

  func reports(_ number: Int) throws -> Int {
    let count = try project(number).count(of: .report)
    reporter.record(.listReports(reportsCount: count))
    return count
  }

  func testSuites(_ number: Int) throws -> Int {
    let count = try project(number).count(of: .testSuite)
    reporter.record(.listTestSuites)
    return count
  }

  func addSnapshot(_ number: Int, take: (inout Project) -> Void) throws {
    _ = try project(number)
    take(&projects[number])
    reporter.record(.addSnapshot)
  }

  func snapshot(_ place: Int, of number: Int) throws -> Project.Snapshot {
    let snapshot = try self.snapshot(place, in: number)
    let isReport = snapshot.kind == .report
    reporter.record(
      .getSnapshotData(
        snapshotType: isReport ? .report : .testSuite, metrics: isReport ? snapshot.parts : [],
        metricPresets: [], metricGenerators: [], tests: isReport ? [] : snapshot.parts, testPresets: [],
        testGenerators: []))
    return snapshot
  }

  func graph(_ place: Int, of number: Int) throws -> [Double] {
    let snapshot = try self.snapshot(place, in: number)
    reporter.record(.getSnapshotGraphData)
    return snapshot.values.map(\.value)
  }

  /// A snapshot as text for download.
  func download(_ place: Int, of number: Int) throws -> String {
    let snapshot = try self.snapshot(place, in: number)
    reporter.record(.getSnapshotDownload)
    return snapshot.values.map { "\($0.name),\($0.value)\n" }.joined()
  }

  private func project(_ number: Int) throws(Problem) -> Project {
    guard projects.indices.contains(number) else { throw .noSuchProject }
    return projects[number]
  }

  private func snapshot(_ place: Int, in number: Int) throws(Problem) -> Project.Snapshot {
    let project = try project(number)
    guard project.snapshots.indices.contains(place) else { throw .noSuchSnapshot }
    return project.snapshots[place]
  }
}

import Avow
import AvowTesting
import Foundation
import HostSupport
import Testing

@testable import MonitoringService

/// As a maintainer tests a host: no process, no network, no waiting.
struct ServiceTests {
  private func use(
    _ variables: [String: String] = [:], _ body: (Service, ManualClock, InMemoryTransport) throws -> Void
  ) rethrows {
    let folder = FileManager.default.temporaryDirectory.path + "/avow-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clock = ManualClock()
    let transport = InMemoryTransport()
    let telemetry = Telemetry(
      Evidently.self, version: "0.4.2", lifetime: .service,
      environment: TelemetryEnvironment(variables: variables.merging(["AVOW_STATE": folder]) { $1 }),
      clock: clock, transport: transport, notice: .none)
    try body(Service(reporter: Reporter(telemetry)), clock, transport)
  }

  @Test func `each thing a user does is the event that the page lists`() throws {
    try use { service, clock, transport in
      let number = service.addProject("looms")
      _ = try service.reports(number)
      _ = service.listProjects()
      #expect(throws: Service.Problem.self) { _ = try service.dashboard(7) }
      clock.advance(by: .seconds(2))
      try transport.expectEvents(["startup", "add_project", "list_reports", "list_projects"])
      try transport.expectEvent("list_projects", ["project_count": 1])
      try transport.expectEvent("list_reports", ["reports_count": 0])
    }
  }

  @Test func `switched off it works the same and sends nothing`() throws {
    try use(["DO_NOT_TRACK": "1"]) { service, clock, transport in
      _ = service.addProject("looms")
      #expect(service.listProjects() == ["looms"])
      clock.advance(by: .seconds(3600))
      try transport.expectSilence()
    }
  }
}

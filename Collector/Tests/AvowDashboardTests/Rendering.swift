import AvowDashboard
import AvowStore
import AvowWire
import Foundation
import Testing

extension Dashboard {
  /// A dashboard over generated answers.
  static func sample(
    catalogs: [Catalog] = Sample.catalogs,
    ask: (@Sendable (Question) async throws -> Answer)? = nil, quality: QualityReport? = nil
  ) -> Dashboard {
    let store = GeneratedStore(catalogs: catalogs, today: Sample.today)
    return Dashboard(
      catalogs: catalogs, ask: ask ?? store.ask, today: { _ in Sample.today }, quality: { _ in quality })
  }

  /// The page at an address as a browser would ask for it.
  func page(_ address: String) async -> Page {
    let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
    let pairs = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (
        name: sides[0].removingPercentEncoding ?? "",
        value: (sides.count > 1 ? sides[1] : "").removingPercentEncoding ?? ""
      )
    }
    return await respond(path: parts[0], query: pairs)
  }
}

extension Sample {
  static let report = QualityReport(
    stored: 48_211, since: Timestamp(day: today - 60),
    lines: [
      line(.refused, "get_model", nil, "unknown event", 214),
      line(.refused, "(other)", nil, "unknown event", 12),
      line(.removed, "list_reports", "user_email", "unknown field", 88),
      line(.removed, "add_snapshot", "metrics", "element not of the declared form", 7),
      line(.dropped, nil, "group_id", "declared in drop", 48_211),
      line(.duplicate, nil, nil, "stored before", 31),
      line(.unauthenticated, nil, nil, "path without a key", 920),
    ])

  private static func line(
    _ outcome: QualityReport.Outcome, _ event: String?, _ field: String?, _ reason: String, _ count: Int
  ) -> QualityReport.Line {
    QualityReport.Line(
      outcome, event: event, field: field, reason: reason, count: count, appVersion: "0.4.1",
      first: Timestamp(day: today - 30), last: Timestamp(milliseconds: Int64(today) * 86_400_000 + 7_200_000))
  }
}

/// Writes the pages to the folder that `AVOW_RENDER` names, to be looked at.
@Test(.enabled(if: ProcessInfo.processInfo.environment["AVOW_RENDER"] != nil))
func `pages can be written out to be looked at`() async throws {
  let folder = URL(fileURLWithPath: ProcessInfo.processInfo.environment["AVOW_RENDER"] ?? "")
  let dashboard = Dashboard.sample(quality: Sample.report)
  let pages = [
    "home": "/", "overview": "/apps/monitor",
    "filtered": "/apps/monitor?days=90&os_name=linux&edition!=cloud",
    "year": "/apps/monitor?days=365", "optimizer": "/apps/optimizer", "events": "/apps/monitor/events",
    "reports": "/apps/monitor/events/list_reports", "snapshot": "/apps/monitor/events/add_snapshot",
    "optimization": "/apps/optimizer/events/optimization", "quality": "/apps/monitor/quality",
    "missing": "/apps/monitor/events/list_report",
  ]
  for (name, address) in pages {
    let page = await dashboard.page(address)
    try Data(page.html.utf8).write(to: folder.appending(path: "\(name).html"))
    #expect(page.status == (name == "missing" ? 404 : 200))
  }
}

import AvowDashboard
import AvowWire
import HTTPTypes
import Hummingbird
import Logging

extension CollectorResponder {
  /// What an app publishes, for anybody: a page, or with `.json` the same for programs.
  func publicPage(_ target: RequestTarget) async -> Response {
    var app = String(target.path.dropFirst("/public/".count))
    let isJSON = app.hasSuffix(".json")
    if isJSON { app.removeLast(5) }
    guard let entry = state.catalogs.entries.first(where: { $0.catalog.app == app }),
      !entry.catalog.published.isEmpty
    else { return Self.notFound(target.path) }
    do {
      let page = try await state.publisher.publications(of: entry, today: state.today(for: entry.catalog))
      if isJSON { return Self.withCORS(Self.json(.ok, page.json)) }
      return Self.html(.ok, page.html, policy: Dashboard.contentSecurityPolicy)
    } catch {
      state.logger.error("the public page cannot be made: \(error)", metadata: ["app": "\(app)"])
      return Self.json(.serviceUnavailable, ["error": "the public page is not ready; try again in a moment"])
    }
  }
}

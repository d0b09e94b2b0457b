public import AvowStore
public import AvowWire

/// The pages a maintainer reads: HTML and SVG made on the server, complete without scripts and without any
/// request to elsewhere.
///
/// It sees questions and answers, never a database.
public struct Dashboard: Sendable {
  let catalogs: [Catalog]
  let asking: Asking
  let today: @Sendable (Catalog?) -> Int
  let quality: @Sendable (String) async -> QualityReport?

  /// Creates a dashboard.
  ///
  /// - Parameters:
  ///   - catalogs: The apps, in the order they are listed.
  ///   - ask: Answers a question; what it throws is shown in the chart's place.
  ///   - today: The day that is still running where an app's days are counted, or for all apps together, in days
  ///     since 1970-01-01.
  ///   - quality: What was not kept of an app's requests; `nil` when nothing counts that.
  public init(
    catalogs: [Catalog], ask: @escaping @Sendable (Question) async throws -> Answer,
    today: @escaping @Sendable (Catalog?) -> Int,
    quality: @escaping @Sendable (String) async -> QualityReport?
  ) {
    self.catalogs = catalogs
    asking = Asking(ask: ask)
    self.today = today
    self.quality = quality
  }

  /// Makes the page at `path`, or a 404 that helps.
  ///
  /// - Parameters:
  ///   - path: Percent-decoded, without the query.
  ///   - query: Percent-decoded pairs in their order: interval and filters.
  public func respond(path: String, query: [(name: String, value: String)]) async -> Page {
    let parts = path.split(separator: "/").map(String.init)
    guard let first = parts.first else { return page(await HomePage(self).html) }
    guard first == "apps" else { return notFound(path, app: nil) }
    guard parts.count > 1 else { return .redirect(to: "/") }
    guard let catalog = catalogs.first(where: { $0.app == parts[1] }) else { return notFound(path, app: nil) }
    let today = today(catalog)
    func scope(_ event: String? = nil, own: Set<String> = []) -> Scope {
      Scope(query: query, catalog: catalog, event: event, today: today, own: own)
    }
    switch (parts.count, parts.count > 2 ? parts[2] : "") {
    case (2, _):
      return page(await OverviewPage(catalog: catalog, scope: scope(), asking: asking).html)
    case (3, "events"):
      return page(await EventsPage(catalog: catalog, scope: scope(), asking: asking).html)
    case (3, "users"):
      return page(await UsersPage(catalog: catalog, scope: scope(), asking: asking).html)
    case (3, "versions"):
      return page(await VersionsPage(catalog: catalog, scope: scope(own: ["of"]), asking: asking).html)
    case (3, "funnel"):
      let scope = scope(own: FunnelPage.parameters)
      return page(await FunnelPage(catalog: catalog, scope: scope, asking: asking).html)
    case (3, "numbers"):
      let event = NumbersPage.event(query, catalog)
      let scope = scope(event, own: NumbersPage.parameters)
      return page(await NumbersPage(catalog: catalog, scope: scope, asking: asking).html)
    case (3, "quality"):
      let report = await quality(catalog.app)
      return page(QualityPage(catalog: catalog, scope: scope(), report: report).html)
    case (4, "events"):
      guard let event = catalog.event(named: parts[3]) else {
        return notFound(path, app: catalog, event: parts[3])
      }
      return page(
        await EventPage(catalog: catalog, event: event, scope: scope(event.name), asking: asking).html)
    default: return notFound(path, app: catalog)
    }
  }

  private func page(_ html: String) -> Page { Page(status: 200, html: html) }

  private func notFound(_ path: String, app: Catalog?, event: String? = nil) -> Page {
    let page = NotFoundPage(path: path, catalogs: catalogs, catalog: app, event: event, today: today(app))
    return Page(status: 404, html: page.html)
  }

  /// The `Content-Security-Policy` under which every page works: nothing from anywhere but its own
  /// stylesheet.
  public static let contentSecurityPolicy =
    "default-src 'none'; style-src 'sha256-\(Stylesheet.hash)'; img-src data:; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'"
}

import AvowStore
import AvowWire

/// The frame of every page: head, stylesheet, menu, footer.
struct Layout: Sendable {
  struct Entry: Sendable {
    var name: String
    var href: String
    var isCurrent = false
  }

  var title: String
  /// The app the page is about; `nil` on the list of apps.
  var catalog: Catalog?
  var menu: [Entry] = []
  var content: HTML
  /// Whether anybody may read it: it then leads to no page that needs signing in.
  var isPublic = false

  var html: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/>\
      <meta name="viewport" content="width=device-width, initial-scale=1"/>\
      <meta name="color-scheme" content="light dark"/><meta name="referrer" content="no-referrer"/>\
      <title>\(title)</title><link rel="icon" href="data:,"/><style>\(HTML(text: Stylesheet.text))</style>\
      </head><body>\
      <a class="skip" href="#main">Skip to the content</a>\
      <header class="top"><div class="inner"><a class="brand" href="\(home)">\(Self.mark)<span>Avow</span>\
      </a>\(appName)\
      \(navigation)</div></header><main id="main" tabindex="-1">\(Self.patterns)\(content)</main>\
      <footer><p>Everything shown here is declared in the open\(source). Days are counted in \
      \(catalog?.reportingZone ?? "UTC"); weeks begin on Monday.</p></footer></body></html>

      """
    return page.text
  }

  private var appName: HTML {
    guard let catalog else { return .empty }
    return "<a class=\"app\" href=\"\(isPublic ? home : "/apps/\(catalog.app)")\">\(catalog.name)</a>"
  }

  private var home: String { isPublic ? catalog.map { "/public/\($0.app)" } ?? "/" : "/" }

  private var source: HTML {
    guard let catalog else { return ", by each tool in its catalog" }
    return " on the <a href=\"/catalog/\(catalog.app)\">telemetry page of \(catalog.name)</a>"
  }

  private var navigation: HTML {
    guard !menu.isEmpty else { return .empty }
    return """
      <nav aria-label="\(catalog?.name ?? "Pages")"><ul>\(menu.html { entry in
        "<li><a href=\"\(entry.href)\"\(entry.isCurrent ? " aria-current=\"page\"" : .empty)>\(entry.name)</a></li>"
      })</ul></nav>
      """
  }

  /// The menu of an app's pages, keeping the interval and the filters that every page understands.
  static func menu(of catalog: Catalog, scope: Scope, current: String) -> [Entry] {
    let base = "/apps/\(catalog.app)"
    let scope = scope.with { $0.own = [] }
    func href(_ path: String) -> String {
      scope.href(path) { catalog.field(at: $0.field, of: nil) != nil }
    }
    let hasUsers = catalog.identity.user != .none
    let pages: [(name: String, path: String, isThere: Bool)] = [
      ("Events", "events", true), ("Users", "users", hasUsers),
      ("Versions", "versions", hasUsers && !VersionsPage.fields(catalog).isEmpty),
      ("Funnel", "funnel", hasUsers && catalog.events.count > 1),
      ("Numbers", "numbers", !NumbersPage.choices(catalog).isEmpty),
    ]
    return [Entry(name: "Overview", href: href(base), isCurrent: current == "overview")]
      + pages.filter(\.isThere).map {
        Entry(name: $0.name, href: href("\(base)/\($0.path)"), isCurrent: current == $0.path)
      } + [
        Entry(name: "Quality", href: "\(base)/quality", isCurrent: current == "quality"),
        Entry(name: "What is collected", href: "/catalog/\(catalog.app)"),
      ]
  }

  /// An open book with a line of a chart: declared, then counted.
  private static let mark: HTML = """
    <svg class="logo" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">\
    <rect x="1" y="1" width="20" height="20" rx="6" class="logo-back"/>\
    <path d="M5.5 15.5 L9 8 L12 12.5 L16.5 6" class="logo-line"/></svg>
    """

  /// Hatching for what is still running.
  private static let patterns: HTML = """
    <svg class="unseen" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="5" \
    height="5" \
    patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" \
    class="hatch-back"/>\
    <rect width="2" height="5" class="hatch-line"/></pattern></defs></svg>
    """
}

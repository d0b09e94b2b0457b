import AvowStore
@_spi(AvowCollector) import AvowWire

/// Says what is not there and where to go instead.
struct NotFoundPage: Sendable {
  let path: String
  let catalogs: [Catalog]
  let catalog: Catalog?
  let event: String?
  let today: Int

  var html: String {
    let (sentence, links): (HTML, [(name: String, href: String)])
    if let catalog, let event {
      sentence = "\(catalog.name) declares no event called <code>\(shown(event))</code>."
      let near = Suggestion.nearest(to: event, among: catalog.events.map(\.name))
      links =
        (near.map { [("Did you mean \($0)?", "/apps/\(catalog.app)/events/\($0)")] } ?? [])
        + [("All events of \(catalog.name)", "/apps/\(catalog.app)/events")]
    } else if let catalog {
      sentence = "\(catalog.name) has no page <code>\(shown(path))</code>."
      links = [
        ("Overview of \(catalog.name)", "/apps/\(catalog.app)"),
        ("Its events", "/apps/\(catalog.app)/events"),
      ]
    } else {
      sentence = "There is no page <code>\(shown(path))</code>."
      let wanted =
        path.split(separator: "/").dropFirst(path.hasPrefix("/apps/") ? 1 : 0).first.map(String.init) ?? ""
      let near = Suggestion.nearest(to: wanted, among: catalogs.map(\.app))
      links =
        (near.map { [("Did you mean \($0)?", "/apps/\($0)")] } ?? []) + [("All apps", "/")]
    }
    let content: HTML = """
      <div class="head"><h1>Not found</h1><p class="lead">\(sentence)</p></div>\
      <ul class="ways">\(links.html { "<li><a href=\"\($0.href)\">\($0.name)</a></li>" })</ul>
      """
    return Layout(
      title: "Not found", catalog: catalog,
      menu: catalog.map { Layout.menu(of: $0, scope: Scope(today: today), current: "") } ?? [],
      content: content
    ).html
  }

  private func shown(_ text: String) -> String { text.count > 120 ? text.prefix(119) + "…" : text }
}

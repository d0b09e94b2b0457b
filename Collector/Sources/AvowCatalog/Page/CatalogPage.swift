public import AvowWire

/// The page that users read: everything the catalog says, in an order in which one wants to know it.
///
/// Nothing on it is written by hand, so that it cannot say something else than what is collected.
///
/// ```swift
/// let page = CatalogPage.markdown(catalog)
/// ```
public struct CatalogPage {
  /// Returns the page as GitHub-flavoured Markdown.
  public static func markdown(_ catalog: Catalog) -> String {
    let body = CatalogPage(catalog: catalog).document.markdown
    return body + "\n" + note(catalog, body) + "\n"
  }

  /// Returns the page as one self-contained HTML file, light and dark.
  public static func html(_ catalog: Catalog) -> String {
    let document = CatalogPage(catalog: catalog).document
    return document.html(note: note(catalog, document.markdown))
  }

  /// The line at the page's end: what it was made from, and a digest of the page itself, by which a change
  /// made by hand is seen without the catalog.
  static func note(_ catalog: Catalog, _ body: String) -> String {
    let page = hexadecimal(SHA256.hash(body.utf8).prefix(16))
    return "<!-- avow page: \(catalog.app) \(catalog.version), catalog \(catalog.digest), page \(page) -->"
  }

  let catalog: Catalog

  var document: PageDocument {
    var page = PageDocument(title: "Telemetry in \(catalog.name)")
    introduction(&page)
    purpose(&page)
    collected(&page)
    never(&page)
    switches(&page)
    notice(&page)
    working(&page)
    recipient(&page)
    retention(&page)
    example(&page)
    older(&page)
    please(&page)
    source(&page)
    return page
  }

  private func introduction(_ page: inout PageDocument) {
    let state: PageDocument.Inline =
      switch catalog.consent.default {
      case .enabled: "reports how it is used, unless you switch that off"
      case .ask: "reports how it is used only if you agree when it asks"
      case .disabled: "reports how it is used only if you switch that on"
      case .local: "records how it is used for your own eyes and sends nothing"
      }
    page.paragraph(
      .text("\(catalog.name) "), state,
      .text(
        ". This page lists every single thing that is reported, why, who receives it and how to stop it. It is made "
          + "from the same file as the code that reports and the rules of the collector that receives: what is not "
          + "listed here is not stored."))
    var facts: [(String, [PageDocument.Inline])] = []
    if let variable = catalog.consent.variables.first {
      facts.append(
        (
          "Switch it off",
          [.code("export \(variable.name)=1"), .text(" · "), .link("all ways", to: "#switch-off")]
        ))
    }
    facts.append(
      (
        "Reports",
        [
          .text(events(catalog.events.count { $0.status == .active })), .text(" · "),
          .link("the list", to: "#collected"),
        ]
      ))
    facts.append(("Stands for you", [.text(userPhrase)]))
    facts.append(("Goes to", [.text(catalog.recipient?.name ?? "the maintainers of \(catalog.name)")]))
    facts.append(("Kept for", [.text(catalog.retention.phrase)]))
    if let since = catalog.since { facts.append(("Since", [.text("version \(since)")])) }
    page.blocks.append(.facts(facts))
  }

  private func events(_ count: Int) -> String { count == 1 ? "1 kind of event" : "\(count) kinds of events" }

  private var userPhrase: String {
    switch catalog.identity.user {
    case .installation: "a random identifier, made on your machine"
    case .process: "a random identifier, new at each start"
    case .none: "nothing: there is no identifier"
    }
  }

  private func purpose(_ page: inout PageDocument) {
    page.heading(2, "Why", "why")
    page.prose(
      catalog.purpose
        ?? "\(catalog.name) reports how it is used so that its maintainers see which parts are used, where it is slow, "
        + "and what to improve first.")
    if !catalog.questions.isEmpty {
      page.paragraph("These are the questions the data is to answer:")
      page.blocks.append(.list(catalog.questions.map { [.text($0)] }))
    }
    if let scope = catalog.scope {
      page.heading(2, "What reports", "scope")
      page.prose(scope)
    }
  }

  private func please(_ page: inout PageDocument) {
    page.heading(2, "Should I opt out?", "should-i-opt-out")
    page.prose(
      catalog.please
        ?? "That is for you to decide, and nothing works differently when you do. Few users write to the maintainers, "
        + "so these reports are most of what they know about how \(catalog.name) is used.")
    if !catalog.questions.isEmpty {
      page.paragraph(
        "The data helps to answer the ", .link("questions above", to: "#why"),
        ". If you prefer not to share it, ", .link("switch it off", to: "#switch-off"), "; that is respected."
      )
    }
  }

  private func source(_ page: inout PageDocument) {
    page.heading(2, "See for yourself", "source")
    if !catalog.source.isEmpty {
      page.paragraph("The code that reports is public:")
      page.blocks.append(.list(catalog.source.map { [.link($0, to: $0)] }))
    }
    if let contact = catalog.contact {
      let isMail = contact.contains("@") && !contact.contains("/")
      page.paragraph("Questions: ", .link(contact, to: isMail ? "mailto:\(contact)" : contact))
    }
    page.paragraph(
      .emphasis(
        "This page was made from version \(catalog.version) of the catalog of \(catalog.name); nobody wrote it by hand."
      ))
  }
}

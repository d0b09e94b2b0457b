import AvowStore
import AvowWire

/// What of an app's requests was not kept, and why; never a value.
struct QualityPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let report: QualityReport?

  private static let shown = 300

  var html: String {
    let content: HTML = """
      <div class="head"><h1>Quality of \(catalog.name)’s data</h1><p class="lead">What arrived and was not \
      kept, by reason. \
      Only names and counts are remembered, never a value.</p></div>\(body)
      """
    return Layout(
      title: "Quality · \(catalog.name) · Avow", catalog: catalog,
      menu: Layout.menu(of: catalog, scope: scope, current: "quality"), content: content
    ).html
  }

  private var body: HTML {
    guard let report else {
      return
        "<section class=\"card\"><p class=\"none\">Nothing has been counted for \(catalog.name) yet.</p></section>"
    }
    let figures =
      [Figure(name: "events stored\(since(report))", value: Decimal.grouped(Double(report.stored)))]
      + QualityReport.Outcome.allCases.compactMap { outcome in
        let count = report.count(of: outcome)
        return count == 0 ? nil : Figure(name: Self.name(outcome), value: Decimal.grouped(Double(count)))
      }
    let parts = QualityReport.Outcome.allCases.html { part($0, report) }
    let clean: HTML? =
      report.lines.isEmpty
      ? "<section class=\"card\"><p class=\"none\">Everything that arrived is declared and was kept.</p></section>"
      : nil
    return "\(Figure.list(figures))\(clean)\(parts)"
  }

  private func since(_ report: QualityReport) -> String {
    report.since.map { " since \(DateText.long($0.day))" } ?? ""
  }

  private func part(_ outcome: QualityReport.Outcome, _ report: QualityReport) -> HTML {
    let lines = report.lines.filter { $0.outcome == outcome }.sorted { $0.count > $1.count }
    guard !lines.isEmpty else { return .empty }
    let cut: HTML? =
      lines.count > Self.shown
      ? "<p class=\"about\">And \(lines.count - Self.shown) further lines.</p>" : nil
    return """
      <section class="card"><h3>\(Wording.title(Self.name(outcome)))</h3><p \
      class="about">\(Self.explanation(outcome))</p>\
      <div class="scroll"><table class="lines"><caption class="unseen">\(Self.name(outcome))</caption>\
      <thead><tr>\
      <th scope="col">event</th><th scope="col">field</th><th scope="col">reason</th><th \
      scope="col">version</th>\
      <th scope="col" class="n">count</th><th scope="col">first</th><th scope="col">last</th></tr></thead>\
      <tbody>\
      \(lines.prefix(Self.shown).html(row))</tbody></table></div>\(cut)</section>
      """
  }

  private func row(_ line: QualityReport.Line) -> HTML {
    """
    <tr><th scope="row">\(line.event ?? "–")</th><td>\(line.field ?? "–")</td><td>\(line.reason)</td>\
    <td>\(line.appVersion ?? "–")</td><td class="n">\(Decimal.grouped(Double(line.count)))</td>\
    <td class="when">\(DateText.moment(line.first))</td><td class="when">\(DateText.moment(line.last))</td>\
    </tr>
    """
  }

  static func name(_ outcome: QualityReport.Outcome) -> String {
    switch outcome {
    case .refused: "events refused"
    case .removed: "fields removed"
    case .dropped: "dropped by declaration"
    case .control: "SDK calls not stored"
    case .duplicate: "duplicates"
    case .unauthenticated: "events without a key"
    case .clock: "implausible times"
    case .retired: "fields of older versions"
    case .newer: "fields of newer versions"
    }
  }

  static func explanation(_ outcome: QualityReport.Outcome) -> String {
    switch outcome {
    case .refused: "The catalog declares no such event; nothing of it was kept."
    case .removed:
      "The field is not declared or its value is not of the declared type; the event was kept without it."
    case .dropped: "The catalog says that these are not kept."
    case .control:
      "Calls that vendors’ SDKs make to attach names and traits to people. They are answered and not stored."
    case .duplicate: "The same event was stored before: its client sent it again."
    case .unauthenticated:
      "They came by an address of the catalog that asks for no key, so anybody could have sent them."
    case .clock: "The client’s time was too far off; the time of receipt stands for it."
    case .retired: "An older version of the catalog declared these; they are no longer kept."
    case .newer: "A newer version of the catalog declares these; load it to keep them."
    }
  }
}

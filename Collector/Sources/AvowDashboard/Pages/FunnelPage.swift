import AvowStore
import AvowWire

/// How many go from one event to the next; steps and time are chosen in a form.
struct FunnelPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking

  static let parameters: Set<String> = ["step", "within"]
  private static let windows: [(name: String, seconds: Int)] = [
    ("1 hour", 3600), ("1 day", 86_400), ("7 days", 604_800), ("28 days", 2_419_200),
  ]

  private var page: String { "/apps/\(catalog.app)/funnel" }

  /// The chosen steps that are declared; two active events when none is chosen.
  private var steps: [String] {
    let chosen = scope.own.filter { $0.name == "step" }.map(\.value)
      .filter { catalog.event(named: $0) != nil }
    if chosen.count >= 2 { return Array(chosen.prefix(6)) }
    let others = catalog.events.filter { $0.status == .active && !chosen.contains($0.name) }.map(\.name)
    return Array((chosen + others).prefix(2))
  }

  private var window: (name: String, seconds: Int) {
    Self.windows.first { $0.name == scope.own("within") } ?? Self.windows[2]
  }

  var html: String {
    get async {
      var body: HTML = "<p class=\"about\">A funnel needs two declared events.</p>"
      if steps.count >= 2 {
        let question = Question(
          app: catalog.app, .funnel(steps, within: .seconds(window.seconds)), interval: scope.interval,
          period: .total, filters: scope.filters)
        body = "\(form)\(card(await asking([question])[0]))"
      }
      return Layout(
        title: "Funnel · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "funnel"),
        content: """
          <div class="head"><h1>From one event to the next</h1><p class="lead">How many users sent the events \
          in this order. The first happens in \(scope.words); each later one may follow until the time \
          is over.</p></div>\(ScopeBar(path: page, scope: scope, catalog: catalog).html)\
          <section class="part">\(body)</section>
          """
      ).html
    }
  }

  private var form: HTML {
    let names = catalog.events.map(\.name)
    let rows = min(6, max(3, steps.count + 1))
    return """
      <form class="picker" method="get" action="\(page)">\
      \(scope.with { $0.own = [] }.pairs().html {
        "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\"/>"
      })\
      \((0..<rows).html { index in
        """
        <label>Step \(index + 1)<select name="step"><option value="">–</option>\(names.html { name in
          "<option value=\"\(name)\"\(index < steps.count && steps[index] == name ? " selected=\"selected\"" : .empty)>\(name)</option>"
        })</select></label>
        """
      })<label>Within<select name="within">\(Self.windows.html { window in
        "<option\(window.name == self.window.name ? " selected=\"selected\"" : .empty)>\(window.name)</option>"
      })</select></label><button type="submit">Show</button></form>
      """
  }

  private func card(_ outcome: Outcome) -> HTML {
    var card = Card(
      title: "\(steps.joined(separator: " → ")), within \(window.name)", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let first = answer.series.first?.total ?? 0
    card.isEmpty = first == 0
    card.emptyText = "Nobody took the first step in this interval."
    card.figure = """
      <div class="scroll"><table class="ranges funnel"><caption class="unseen">\(steps.joined(separator: ", then "))</caption>\
      <thead><tr><th scope="col">step</th><td class="track"><span class="unseen">drawn</span></td>\
      <th scope="col" class="n">\(Wording.noun(answer.unit))</th><th scope="col" class="n">of the first</th>\
      <th scope="col" class="n">of the last</th></tr></thead><tbody>\
      \(answer.series.enumerated().html { index, series in
        let before = index > 0 ? answer.series[index - 1].total : series.total
        return """
          <tr><th scope="row">\(index + 1). \(Wording.key(series.key))</th>\
          <td class="track" aria-hidden="true">\(Bars.bar(series.total, of: first))</td>\
          <td class="n">\(Decimal.count(series.total))</td><td class="n">\(Decimal.percent(series.total, of: first))</td>\
          <td class="n">\(index > 0 ? Decimal.percent(series.total, of: before) : "")</td></tr>
          """
      })</tbody></table></div>
      """
    return card.html
  }
}

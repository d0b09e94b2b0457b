import AvowStore
import AvowWire

/// The list of apps, each with its last 28 days.
struct HomePage: Sendable {
  let catalogs: [Catalog]
  let asking: Asking
  let today: Int

  init(_ dashboard: Dashboard) {
    catalogs = dashboard.catalogs
    asking = dashboard.asking
    today = dashboard.today(nil)
  }

  var html: String {
    get async {
      let interval = DayInterval.days(28, through: today)
      let questions = catalogs.flatMap { catalog in
        [
          Question(app: catalog.app, .activeUsers, interval: interval, period: .total),
          Question(app: catalog.app, .activeUsers, interval: interval, period: .day),
          Question(app: catalog.app, .events(byEvent: false), interval: interval, period: .day),
        ]
      }
      let outcomes = await asking(questions)
      let cards = catalogs.indices.html { index in
        card(catalogs[index], Array(outcomes[index * 3..<index * 3 + 3]))
      }
      let content: HTML = """
        <div class="head"><h1>Apps</h1><p class="lead">\(DateText.interval(interval)), today still \
        running.</p></div>\
        \(catalogs.isEmpty ? Self.welcome : "<ul class=\"apps\">\(cards)</ul>")
        """
      return Layout(title: "Apps · Avow", content: content).html
    }
  }

  private func card(_ catalog: Catalog, _ outcomes: [Outcome]) -> HTML {
    var figures: [Figure] = []
    if let users = outcomes[0].answer {
      figures.append(
        Figure(
          name: "active \(Wording.unit(users.unit, users.bound))", value: Decimal.count(users.total)))
    }
    let events = outcomes[2].answer
    if let events {
      figures.append(Figure(name: "events", value: Decimal.count(events.total)))
    }
    let drawn = outcomes[1].answer ?? events
    let spark: HTML
    if let drawn, drawn.total > 0 {
      let noun = Wording.noun(drawn.unit)
      let title = "\(drawn.unit == .events ? "" : "active ")\(noun) by day"
      spark =
        Sparkline(title: title, values: drawn.values, isRunning: drawn.lastPeriodIsRunning, height: 56).svg
    } else if case .refused(let reason) = outcomes[2] {
      spark = Card.refusal(reason)
    } else {
      spark = "<p class=\"none\">Nothing has arrived in these 28 days.</p>"
    }
    return """
      <li class="card app-card"><h2><a href="/apps/\(catalog.app)">\(catalog.name)</a></h2>\
      \(catalog.purpose.map { "<p class=\"lead\">\(Prose.short($0))</p>" })\(spark)\(Figure.list(figures))</li>
      """
  }

  private static let welcome: HTML = """
    <section class="card"><h2>No app yet</h2><p>An app appears here once the collector knows its catalog: \
    <code>avow serve --catalog telemetry.yaml</code>. <code>avow init</code> writes a first one.</p></section>
    """
}

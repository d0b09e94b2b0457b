import AvowStore
import AvowWire

/// All declared events with what came of them.
struct EventsPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking

  private var page: String { "/apps/\(catalog.app)/events" }

  var html: String {
    get async {
      let outcome = await asking([FeaturesPart.question(catalog, scope)])[0]
      let users =
        catalog.identity.user == .none
        ? [:] : await FeaturesPart.users(of: catalog.events.map(\.name), catalog, scope, asking)
      var card = Card(title: "Declared events", outcome: outcome)
      if let answer = outcome.answer { card.figure = table(answer, users) }
      card.isEmpty = catalog.events.isEmpty
      card.emptyText = "The catalog declares no event."
      let content: HTML = """
        <div class="head"><h1>Events of \(catalog.name)</h1><p class="lead">Only what is declared can be \
        recorded, sent \
        and stored. The numbers are for \(scope.words).</p>\
        </div>\(ScopeBar(path: page, scope: scope, catalog: catalog).html)\(card.html)
        """
      return Layout(
        title: "Events · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "events"), content: content
      ).html
    }
  }

  private func table(_ answer: Answer, _ users: [String: Answer]) -> HTML {
    var series: [String: Answer.Series] = [:]
    for item in answer.series { if let name = item.key.first ?? nil { series[name] = item } }
    let rows = catalog.events.enumerated().sorted {
      let (a, b) = (series[$0.element.name]?.total ?? 0, series[$1.element.name]?.total ?? 0)
      return a != b ? a > b : $0.offset < $1.offset
    }.map(\.element)
    let unit = users.values.first.map { Wording.unit($0.unit, $0.bound) }
    return """
      <table class="features"><caption class="unseen">Declared events</caption><thead><tr><th \
      scope="col">event</th>\
      <th scope="col" class="n">events</th>\(unit.map { "<th scope=\"col\" class=\"n\">\($0)</th>" })\
      <th scope="col" class="trend">by \(scope.period.rawValue)</th></tr></thead><tbody>\(rows.html { event in
        let total = series[event.name]?.total ?? 0
        let spark = Sparkline(
          title: "\(event.name) by \(scope.period.rawValue)", values: series[event.name]?.values ?? [],
          isRunning: answer.lastPeriodIsRunning, height: 24)
        let users: HTML? = unit.map { _ in
          "<td class=\"n\">\(users[event.name].map { Decimal.count($0.total) } ?? "–")</td>"
        }
        return """
          <tr\(total == 0 ? " class=\"muted\"" : .empty)><th scope="row">\
          <a href="\(scope.href("\(page)/\(event.name)"))">\(event.name)</a>\
          \(EventBadges(event: event, today: scope.today).html)\
          \(event.description.map { "<small>\($0)</small>" })</th><td class="n">\(Decimal.count(total))</td>\(users)\
          <td class="trend">\(spark.svg)</td></tr>
          """
      })</tbody></table>
      """
  }
}

/// Words beside an event's name: whether it is sent today and until when.
struct EventBadges: Sendable {
  let event: EventDeclaration
  let today: Int

  var html: HTML {
    var badges: [HTML] = []
    if event.status == .dormant { badges.append("<span class=\"badge\">dormant</span>") }
    switch event.expires {
    case .date(let text):
      let isOver = CivilDate(text).map { $0.dayNumber <= today } ?? false
      badges.append("<span class=\"badge\">\(isOver ? "expired on \(text)" : "until \(text)")</span>")
    case .version(let version): badges.append("<span class=\"badge\">until version \(version)</span>")
    case .never, nil: break
    }
    if let since = event.since { badges.append("<span class=\"badge quiet\">since \(since)</span>") }
    return badges.html { " \($0)" }
  }
}

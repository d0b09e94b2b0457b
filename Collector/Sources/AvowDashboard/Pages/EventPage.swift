import AvowStore
import AvowWire

/// One event: over time, its users, and each property by its type.
struct EventPage: Sendable {
  let catalog: Catalog
  let event: EventDeclaration
  let scope: Scope
  let asking: Asking

  private var page: String { "/apps/\(catalog.app)/events/\(event.name)" }

  var html: String {
    get async {
      var batch = Batch()
      let events = batch.add(question(.events(byEvent: false), scope.charted, scope.period))
      let totalEvents = batch.add(question(.events(byEvent: false), scope.interval, .total))
      let eventsBefore = batch.add(question(.events(byEvent: false), scope.before, .total))
      let users = batch.add(question(.activeUsers, scope.charted, scope.period))
      let totalUsers = batch.add(question(.activeUsers, scope.interval, .total))
      let usersBefore = batch.add(question(.activeUsers, scope.before, .total))
      var charts: [FieldChart] = []
      var records: [RecordsCharts] = []
      for property in event.properties {
        if case .records = property.type {
          records.append(
            RecordsCharts(
              catalog: catalog, event: event, property: property, scope: scope, page: page, batch: &batch))
        } else {
          var chart = FieldChart(
            catalog: catalog, path: FieldPath(property.name), field: property, event: event.name,
            scope: scope,
            page: page, counting: .events, why: property.why == event.why ? nil : property.why, top: 12)
          chart.plan(&batch)
          charts.append(chart)
        }
      }
      await batch.ask(asking)
      let total = batch[totalEvents].answer?.total
      for index in charts.indices {
        // An event may hold several elements of a list, so shares are of the events.
        if case .list = charts[index].field.type { charts[index].whole = total }
      }
      let figures = Figure.list(
        figure(batch[totalEvents], before: batch[eventsBefore])
          + figure(batch[totalUsers], before: batch[usersBefore]))
      let content: HTML = """
        \(head)\(ScopeBar(path: page, scope: scope, catalog: catalog, event: event.name).html)\
        <section class="part"><h2 class="unseen">Over time</h2>\(figures)<div class="grid two">\
        \(chart(batch[events], "Events", "events"))\(chart(batch[users], "Users", "users"))</div></section>\
        \(properties(charts, batch))\(records.html { $0.html(batch) })
        """
      return Layout(
        title: "\(event.name) · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "events"), content: content
      ).html
    }
  }

  private func question(
    _ subject: Question.Subject, _ interval: DayInterval, _ period: Question.Period
  ) -> Question {
    Question(
      app: catalog.app, subject, event: event.name, interval: interval, period: period, filters: scope.filters
    )
  }

  private var head: HTML {
    """
    <div class="head"><p class="crumb"><a \
    href="\(scope.href("/apps/\(catalog.app)/events") { catalog.field(at: $0.field, of: nil) != nil })">Events</a></p>\
    <h1><code>\(event.name)</code>\(EventBadges(event: event, today: scope.today).html)</h1>\
    \(event.description.map { "<p class=\"lead\">\($0)</p>" })\
    \(event.why.map { "<p class=\"about\"><span class=\"why\">Why: \($0)</span></p>" })\
    \(event.note.map { "<p class=\"about\">\($0)</p>" })</div>
    """
  }

  private func figure(_ outcome: Outcome, before: Outcome) -> [Figure] {
    guard let now = outcome.answer else { return [] }
    let words = "in the \(scope.interval.count) days before"
    return [
      Figure(
        name:
          "\(Wording.unit(now.unit, now.bound)) in \(scope.words)\(now.lastPeriodIsRunning ? ", so far" : "")",
        value: Decimal.count(now.total),
        note: before.answer.map { Figure.comparison(now.total, $0.total, words) } ?? .empty)
    ]
  }

  private func chart(_ outcome: Outcome, _ name: String, _ id: String) -> HTML {
    guard let answer = outcome.answer else { return Card(title: "\(name)", outcome: outcome).html }
    let noun = Wording.noun(answer.unit)
    let title = "\(Wording.title(noun)) by \(scope.period.rawValue)"
    var card = Card(title: "\(title) \(PeriodChoice(path: page, scope: scope).html)", outcome: outcome)
    let chart = TimeChart(id: id, title: title, noun: noun, answer: answer)
    card.isEmpty = !answer.values.contains { $0 > 0 }
    card.figure = chart.svg
    card.table = chart.table
    return card.html
  }

  private func properties(_ charts: [FieldChart], _ batch: Batch) -> HTML {
    if event.properties.isEmpty {
      return
        """
        <section class="part"><p class="about">The event carries no property: only that it happened is \
        known.</p></section>
        """
    }
    guard !charts.isEmpty else { return .empty }
    return """
      <section class="part"><h2>Properties</h2><div class="grid">\(charts.html { $0.html(batch) })</div>\
      </section>
      """
  }
}

import AvowStore
import AvowWire

/// Which events happen most, with their events, users and course.
struct FeaturesPart: Sendable {
  private let catalog: Catalog
  private let scope: Scope
  private let byEvent: Int
  private static let shown = 8

  init(catalog: Catalog, scope: Scope, batch: inout Batch) {
    self.catalog = catalog
    self.scope = scope
    byEvent = batch.add(Self.question(catalog, scope))
  }

  static func question(_ catalog: Catalog, _ scope: Scope) -> Question {
    Question(
      app: catalog.app, .events(byEvent: true), interval: scope.interval, period: scope.period,
      filters: scope.filters, top: max(10, catalog.events.count))
  }

  private func series(_ batch: Batch) -> [Answer.Series] {
    (batch[byEvent].answer?.series ?? []).filter { $0.total > 0 && $0.key.first != nil }
      .sorted { $0.total > $1.total }
  }

  /// The users of the most frequent events, asked once these are known.
  func users(_ batch: Batch, _ asking: Asking) async -> [String: Answer] {
    guard catalog.identity.user != .none else { return [:] }
    let names = series(batch).prefix(Self.shown).compactMap { $0.key.first ?? nil }
    return await Self.users(of: names, catalog, scope, asking)
  }

  static func users(
    of names: [String], _ catalog: Catalog, _ scope: Scope, _ asking: Asking
  ) async -> [String: Answer] {
    let outcomes = await asking(
      names.map {
        Question(
          app: catalog.app, .activeUsers, event: $0, interval: scope.interval, period: .total,
          filters: scope.filters)
      })
    var users: [String: Answer] = [:]
    for (name, outcome) in zip(names, outcomes) { users[name] = outcome.answer }
    return users
  }

  func html(_ batch: Batch, users: [String: Answer]) -> HTML {
    let outcome = batch[byEvent]
    let series = series(batch)
    var card = Card(title: "Events by name", outcome: outcome)
    guard let answer = outcome.answer else { return card.html }
    card.isEmpty = series.isEmpty
    card.figure = table(Array(series.prefix(Self.shown)), answer, users) + more(series.count)
    return card.html
  }

  private func more(_ count: Int) -> HTML {
    let href = scope.href("/apps/\(catalog.app)/events")
    let all = catalog.events.count == 1 ? "The declared event" : "All \(catalog.events.count) declared events"
    let rest = catalog.events.count - count
    return """
      <p class="more"><a href="\(href)">\(all)\(rest > 0 ? ", \(rest) without any in this interval" : "")</a></p>
      """
  }

  private func table(_ series: [Answer.Series], _ answer: Answer, _ users: [String: Answer]) -> HTML {
    let greatest = series.first?.total ?? 0
    let unit = users.values.first.map { Wording.unit($0.unit, $0.bound) }
    return """
      <table class="features"><caption class="unseen">Events by name</caption><thead><tr><th \
      scope="col">event</th>\
      <td class="track"><span class="unseen">drawn</span></td><th scope="col" class="n">events</th>\
      \(unit.map { "<th scope=\"col\" class=\"n\">\($0)</th>" })\
      <th scope="col" class="trend">by \(scope.period.rawValue)</th></tr></thead>\
      <tbody>\(series.html { item in
        let name = item.key.first.flatMap { $0 } ?? ""
        let href = scope.href("/apps/\(catalog.app)/events/\(name)")
        let description = catalog.event(named: name)?.description
        let users: HTML? = unit.map { _ in
          "<td class=\"n\">\(users[name].map { Decimal.count($0.total) } ?? "–")</td>"
        }
        let spark = Sparkline(
          title: "\(name) by \(scope.period.rawValue)", values: item.values,
          isRunning: answer.lastPeriodIsRunning, height: 24)
        return """
          <tr><th scope="row"><a href="\(href)">\(name)</a>\(description.map { "<small>\($0)</small>" })</th>\
          <td class="track" aria-hidden="true">\(Bars.bar(item.total, of: greatest))</td>\
          <td class="n">\(Decimal.count(item.total))</td>\(users)<td class="trend">\(spark.svg)</td></tr>
          """
      })</tbody></table>
      """
  }
}

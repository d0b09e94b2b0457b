import AvowStore
import AvowWire

/// How many use the tool: figures of whole days, weeks and months, and the line over time.
struct ActivityPart: Sendable {
  private let catalog: Catalog
  private let scope: Scope
  private let page: String
  private let overTime: Int
  private let events: Int
  let totalUsers: Int
  private var figures: [(name: String, words: String, now: Int, before: Int)] = []

  init(catalog: Catalog, scope: Scope, page: String, batch: inout Batch) {
    self.catalog = catalog
    self.scope = scope
    self.page = page
    func question(
      _ subject: Question.Subject, _ interval: DayInterval, _ period: Question.Period
    ) -> Question {
      Question(
        app: catalog.app, subject, interval: interval, period: period, filters: scope.filters)
    }
    overTime = batch.add(question(.activeUsers, scope.charted, scope.period))
    totalUsers = batch.add(question(.activeUsers, scope.interval, .total))
    events = batch.add(question(.events(byEvent: false), scope.charted, scope.period))
    // Only whole days are compared: a day that still runs would always look like a fall.
    let end = min(scope.interval.last, scope.today - 1)
    for (days, name, words) in [
      (1, end == scope.today - 1 ? "yesterday" : "on \(DateText.short(end))", "a week before"),
      (7, "in 7 whole days", "in the 7 before"), (28, "in 28 whole days", "in the 28 before"),
    ] {
      // Weekdays differ more than weeks do, so a day is compared with the same weekday.
      let back = max(7, days)
      let interval = DayInterval.days(days, through: end)
      figures.append(
        (
          name, words, batch.add(question(.activeUsers, interval, .total)),
          batch.add(question(.activeUsers, .days(days, through: end - back), .total))
        ))
    }
  }

  func html(_ batch: Batch) -> HTML {
    let outcome = batch[overTime]
    guard let answer = outcome.answer else {
      // Without users the events still say whether the tool is used.
      let reason: HTML = if case .refused(let text) = outcome { Card.refusal(text) } else { .empty }
      return "\(reason)\(chart(batch[events], "Events", id: "activity"))"
    }
    let unit = Wording.unit(answer.unit, answer.bound)
    let list = Figure.list(
      figures.map { figure in
        guard let now = batch[figure.now].answer else {
          if case .refused(let reason) = batch[figure.now] {
            return Figure(
              name: "\(unit) \(figure.name)", value: "–", note: "<span class=\"note\">\(reason)</span>")
          }
          return Figure(name: "\(unit) \(figure.name)", value: "–")
        }
        let before = batch[figure.before].answer
        return Figure(
          name: "\(unit) \(figure.name)", value: Decimal.count(now.total),
          note: before.map { Figure.comparison(now.total, $0.total, figure.words) } ?? .empty)
      })
    return "\(list)\(chart(outcome, "Active \(Wording.noun(answer.unit))", id: "activity"))"
  }

  private func chart(_ outcome: Outcome, _ name: String, id: String) -> HTML {
    let title = "\(name) by \(scope.period.rawValue)"
    var card = Card(
      title: "\(title) \(PeriodChoice(path: page, scope: scope).html)", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let chart = TimeChart(
      id: id, title: title, noun: Wording.noun(answer.unit), answer: answer,
      style: answer.periods.count > 12 ? .area : .columns)
    card.isEmpty = !answer.values.contains { $0 > 0 }
    card.figure = chart.svg
    card.table = chart.table
    return card.html
  }
}

/// Links that choose the length of a chart's periods.
struct PeriodChoice: Sendable {
  let path: String
  let scope: Scope

  var html: HTML {
    let periods = Question.Period.allCases.filter { $0 != .total }
    return """
      <span class="segments small" role="group" aria-label="Period">\(periods.html { period in
        """
        <a href="\(scope.with { $0.chosenPeriod = period }.href(path))"\
        \(period == scope.period ? " aria-current=\"true\"" : .empty)>\(period.rawValue)</a>
        """
      })</span>
      """
  }
}

import AvowStore
import AvowWire

/// Who comes, comes back and stays: rolling counts, new and returning, cohorts, days of use.
struct UsersPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking

  private var page: String { "/apps/\(catalog.app)/users" }

  /// The chosen length of a period; days make cohorts too many to read.
  private var period: Question.Period { scope.chosenPeriod ?? (scope.interval.count > 200 ? .month : .week) }

  /// Whole periods: at least eight, so that cohorts have something to come back to.
  private var interval: DayInterval {
    let last = scope.interval.last
    var first = period.start(of: min(scope.interval.first, last))
    if case .days(28) = scope.span {
      for _ in 0..<(period == .day ? 13 : 7) { first = min(first, period.start(of: first - 1)) }
      if period == .day { first = min(first, last - 13) }
    }
    return DayInterval(first: first, last: last)
  }

  private func question(_ subject: Question.Subject, _ period: Question.Period, _ days: DayInterval? = nil)
    -> Question
  {
    Question(
      app: catalog.app, subject, interval: days ?? interval, period: period, filters: scope.filters)
  }

  var html: String {
    get async {
      let yesterday = DayInterval.days(1, through: min(scope.interval.last, scope.today - 1))
      var batch = Batch()
      let rolling = [1, 7, 28].map { batch.add(question(.rolling(days: $0), .day, yesterday)) }
      let course = batch.add(question(.rolling(days: 28), .day, scope.charted))
      let new = batch.add(question(.newAndReturning, period))
      let retention = batch.add(question(.retention, period))
      let days = batch.add(question(.stickiness, .total, scope.interval))
      await batch.ask(asking)
      let content: HTML = """
        <div class="head"><h1>Users of \(catalog.name)</h1><p class="lead">Who comes, who comes back, and how \
        often. Only random identifiers are counted, as the catalog declares them.</p></div>\
        \(ScopeBar(path: page, scope: scope, catalog: catalog).html)\
        <section class="part"><h2>How many use it?</h2>\(figures(rolling.map { batch[$0] }))\
        \(line(batch[course]))</section>\
        <section class="part"><h2>Do they come back?</h2>\(newAndReturning(batch[new]))\
        \(cohorts(batch[retention]))</section>\
        <section class="part"><h2>How often do they use it?</h2>\(stickiness(batch[days]))</section>
        """
      return Layout(
        title: "Users · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "users"), content: content
      ).html
    }
  }

  private func figures(_ outcomes: [Outcome]) -> HTML {
    var figures: [Figure] = []
    for (days, outcome) in zip([1, 7, 28], outcomes) {
      guard let answer = outcome.answer else { continue }
      figures.append(
        Figure(
          name:
            "\(Wording.unit(answer.unit, answer.bound)) in \(days == 1 ? "the last whole day" : "\(days) days")",
          value: Decimal.count(answer.total)))
    }
    if let day = outcomes[0].answer, let month = outcomes[2].answer, month.total > 0 {
      figures.append(
        Figure(
          name: "of those of 28 days, on one day", value: Decimal.percent(day.total, of: month.total)))
    }
    return figures.isEmpty ? .empty : Figure.list(figures)
  }

  private func line(_ outcome: Outcome) -> HTML {
    var card = Card(title: "Within 28 days, day by day", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let chart = TimeChart(
      id: "rolling", title: "\(Wording.title(Wording.noun(answer.unit))) within 28 days",
      noun: Wording.noun(answer.unit), answer: answer, style: .area)
    card.isEmpty = !answer.values.contains { $0 > 0 }
    card.figure = chart.svg
    card.table = chart.table
    return card.html
  }

  private func newAndReturning(_ outcome: Outcome) -> HTML {
    let choice = PeriodChoice(path: page, scope: scope.with { $0.chosenPeriod = period })
    var card = Card(
      title: "New and returning, by \(period.rawValue) \(choice.html)", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let chart = StackedColumns(
      id: "new", title: "New and returning \(Wording.noun(answer.unit))", noun: Wording.noun(answer.unit),
      answer: answer)
    card.isEmpty = !answer.series.contains { $0.total > 0 }
    card.figure = chart.html
    card.table = chart.table
    return card.html
  }

  private func cohorts(_ outcome: Outcome) -> HTML {
    var card = Card(
      title: "Of those first seen in a \(period.rawValue), active so many \(period.rawValue)s later",
      outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    card.isEmpty = !answer.series.contains { $0.total > 0 }
    card.emptyText = "Nobody was first seen in this interval."
    card.figure = Cohorts(caption: "Retention by \(period.rawValue)", answer: answer).html
    return card.html
  }

  private func stickiness(_ outcome: Outcome) -> HTML {
    var card = Card(title: "Active on so many days of \(scope.words)", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let whole = answer.series.reduce(0) { $0 + $1.total }
    card.isEmpty = whole == 0
    // A day each up to a week's worth; more are taken together.
    let groups: [(name: String, count: Double)] = Self.groups.compactMap { group in
      let count = answer.series.filter { series in
        series.key.first.flatMap { $0.flatMap { Int($0) } }.map(group.days.contains) ?? false
      }.reduce(0) { $0 + $1.total }
      return count > 0 ? (group.name, count) : nil
    }
    card.figure =
      Bars(
        caption: "\(Wording.title(Wording.noun(answer.unit))) by days of use", labelHeading: "days of use",
        valueHeading: Wording.noun(answer.unit),
        rows: groups.map {
          Bars.Row(
            label: $0.name, value: $0.count, text: Decimal.count($0.count),
            share: Decimal.percent($0.count, of: whole))
        }
      ).html
    return card.html
  }

  private static let groups: [(name: String, days: ClosedRange<Int>)] = [
    ("1 day", 1...1), ("2 days", 2...2), ("3 days", 3...3), ("4 days", 4...4), ("5 days", 5...5),
    ("6 to 7 days", 6...7), ("8 to 14 days", 8...14), ("15 to 28 days", 15...28),
    ("29 to 91 days", 29...91), ("more than 91 days", 92...40_000),
  ]
}

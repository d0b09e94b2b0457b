import AvowStore
import AvowWire

/// How versions are taken up over time, of any field that holds a version.
struct VersionsPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking

  private var page: String { "/apps/\(catalog.app)/versions" }

  /// Every version there is: of the context, then of events.
  static func fields(_ catalog: Catalog) -> [FieldPath] {
    var names = catalog.context.filter { $0.type.keyword == "version" }.map(\.name)
    for property in catalog.events.flatMap(\.properties) where property.type.keyword == "version" {
      if !names.contains(property.name) { names.append(property.name) }
    }
    return names.map { FieldPath($0) }
  }

  private var field: FieldPath? {
    let fields = Self.fields(catalog)
    return fields.first { $0.description == scope.own("of") } ?? fields.first
  }

  private var period: Question.Period { scope.chosenPeriod ?? (scope.interval.count > 200 ? .month : .week) }

  var html: String {
    get async {
      let content: HTML
      if let field {
        let interval = DayInterval(
          first: period.start(
            of: min(scope.interval.first, scope.interval.last - (scope.span == .days(28) ? 55 : 0))),
          last: scope.interval.last)
        func question(_ subject: Question.Subject, _ period: Question.Period, _ days: DayInterval) -> Question
        {
          Question(
            app: catalog.app, subject, interval: days, period: period, filters: scope.filters,
            top: StackedColumns.fillings)
        }
        let outcomes = await asking([
          question(.adoption(of: field), period, interval),
          question(.adoption(of: field), .total, scope.interval),
          question(.activeUsers, .total, scope.interval),
        ])
        content = """
          \(choice(field))<section class="part">\(course(outcomes[0], field))\
          \(now(outcomes[1], whole: outcomes[2].answer?.total, field))</section>
          """
      } else {
        content = "<section class=\"part\"><p class=\"about\">The catalog declares no version.</p></section>"
      }
      return Layout(
        title: "Versions · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "versions"),
        content: """
          <div class="head"><h1>Versions of \(catalog.name)</h1><p class="lead">How fast releases are taken \
          up, the newest first.</p></div>\(ScopeBar(path: page, scope: scope, catalog: catalog).html)\(content)
          """
      ).html
    }
  }

  private func choice(_ current: FieldPath) -> HTML {
    let fields = Self.fields(catalog)
    guard fields.count > 1 else { return .empty }
    return """
      <p class="picks" role="group" aria-label="Field">\(fields.html { field in
        """
        <a href="\(scope.with { $0.setOwn("of", field.description) }.href(page))"\
        \(field == current ? " aria-current=\"true\"" : .empty)><code>\(field)</code></a>
        """
      })</p>
      """
  }

  private func course(_ outcome: Outcome, _ field: FieldPath) -> HTML {
    let choice = PeriodChoice(path: page, scope: scope.with { $0.chosenPeriod = period })
    var card = Card(
      title: "<code>\(field)</code> by \(period.rawValue) \(choice.html)", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    let chart = StackedColumns(
      id: "versions", title: "Shares of \(field) by \(period.rawValue)", noun: Wording.noun(answer.unit),
      answer: answer, isShare: true)
    card.isEmpty = !answer.series.contains { $0.total > 0 }
    card.figure = chart.html
    card.table = chart.table
    return card.html
  }

  private func now(_ outcome: Outcome, whole: Double?, _ field: FieldPath) -> HTML {
    var card = Card(
      title: "In \(scope.words)",
      lead: """
        <p class="about">Shares are of all who were active. One that changed its version is in several rows.</p>
        """, outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    card.isEmpty = !answer.series.contains { $0.total > 0 }
    card.figure =
      Bars(
        caption: "\(field) by \(Wording.noun(answer.unit))", labelHeading: field.description,
        valueHeading: Wording.noun(answer.unit),
        rows: answer.series.map { series in
          let value = series.key.first.flatMap { $0 }
          let isContext = catalog.field(at: field, of: nil) != nil
          return Bars.Row(
            label: Wording.key(series.key, isOther: series.isOther),
            href: isContext ? value.map { scope.filtering(field, $0).href(page) } : nil,
            hint: value.map { "Show only \(field) \($0)" }, value: series.total,
            text: Decimal.count(series.total),
            share: whole.map { Decimal.percent(series.total, of: $0) } ?? "",
            isMuted: series.isOther || value == nil)
        }
      ).html
    return card.html
  }
}

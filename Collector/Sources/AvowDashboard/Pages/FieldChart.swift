import AvowStore
import AvowWire

/// The chart that fits a field's type: bars for words and versions, a histogram for numbers.
struct FieldChart: Sendable {
  let catalog: Catalog
  let path: FieldPath
  let field: Field
  /// The event whose property it is; `nil` for the context.
  let event: String?
  let scope: Scope
  /// The page's own path, for links that filter.
  let page: String
  let counting: Question.Counting
  /// The reason that a property inherits.
  var why: String?
  /// What a group's share is of; `nil` means the groups are parts of their sum.
  var whole: Double?
  var top = 8
  /// Tells charts of one field on one page apart.
  var place = 0
  /// Whether the title says whose property it is.
  var namesEvent = false

  private var number = 0

  init(
    catalog: Catalog, path: FieldPath, field: Field, event: String?, scope: Scope, page: String,
    counting: Question.Counting, why: String? = nil, top: Int = 8
  ) {
    self.catalog = catalog
    self.path = path
    self.field = field
    self.event = event
    self.scope = scope
    self.page = page
    self.counting = counting
    self.why = why
    self.top = top
  }

  var question: Question {
    Question(
      app: catalog.app,
      field.type.isNumeric ? .distribution(of: path, by: []) : .breakdown(by: [path], counting: counting),
      event: event, interval: scope.interval, period: .total, filters: scope.filters, top: top)
  }

  mutating func plan(_ batch: inout Batch) { number = batch.add(question) }

  func html(_ batch: Batch) -> HTML {
    let outcome = batch[number]
    var card = Card(title: title, lead: Prose.about(field, why: why), outcome: outcome)
    guard let answer = outcome.answer else { return card.html }
    if field.type.isNumeric {
      guard let distribution = answer.distributions.first, distribution.count > 0 else {
        card.isEmpty = true
        return card.html
      }
      let chart = Histogram(
        id: "f\(place)-\(event ?? "context")-\(path)",
        title: "\(path), \(DateText.interval(answer.question.interval))",
        distribution: distribution, quantity: Quantity(unit: field.unit))
      card.figure = quantiles(distribution) + (distribution.histogram.isEmpty ? .empty : chart.svg)
      if chart.isUneven {
        card.figure += "<p class=\"scale\">The columns stand for steps that widen with the values.</p>"
      }
      card.table = distribution.histogram.isEmpty ? .empty : chart.table
    } else {
      card.isEmpty = !answer.series.contains { $0.total > 0 }
      card.figure = bars(answer).html
    }
    return card.html
  }

  private var title: HTML {
    """
    <code>\(path)</code> <small>\(owner)\(Prose.type(field))</small>
    """
  }

  private var owner: String { namesEvent ? event.map { "of \($0), " } ?? "" : "" }

  private func quantiles(_ distribution: Answer.Distribution) -> HTML {
    let quantity = Quantity(unit: field.unit)
    return Figure.list([
      Figure(name: "p50", value: quantity.text(distribution.p50)),
      Figure(name: "p90", value: quantity.text(distribution.p90)),
      Figure(name: "p99", value: quantity.text(distribution.p99)),
    ])
  }

  func bars(_ answer: Answer) -> Bars {
    let sum = answer.series.reduce(0) { $0 + $1.total }
    let whole = whole ?? sum
    let noun = Wording.noun(answer.unit)
    return Bars(
      caption: "\(path) by \(noun)", labelHeading: path.description, valueHeading: noun,
      rows: answer.series.map { series in
        let value = series.key.count == 1 ? series.key[0] : nil
        let isFilterable = path.components.count == 1 && !series.isOther
        return Bars.Row(
          label: Wording.key(series.key, isOther: series.isOther),
          href: isFilterable ? value.map { scope.filtering(path, $0).href(page) } : nil,
          hint: value.map { "Show only \(path) \($0)" },
          value: series.total, text: Decimal.count(series.total),
          share: Decimal.percent(series.total, of: whole),
          isMuted: series.isOther || (series.key.count == 1 && series.key[0] == nil))
      })
  }
}

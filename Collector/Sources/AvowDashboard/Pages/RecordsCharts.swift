import AvowStore
import AvowWire

/// The charts of a list of records: each column, and each number apart for each word beside it.
struct RecordsCharts: Sendable {
  private struct Grouped: Sendable {
    var number: Field
    var by: Field
    var numbers: Int
    /// The breakdown that says how many rows a group has, given or not.
    var rows: Int
  }

  private let catalog: Catalog
  private let event: EventDeclaration
  private let property: Field
  private let scope: Scope
  private var columns: [FieldChart] = []
  private var grouped: [Grouped] = []

  /// Plans the charts; at most three words keep a number apart.
  ///
  /// - Parameter only: These columns, and the numbers kept apart by them; `nil` is all.
  init(
    catalog: Catalog, event: EventDeclaration, property: Field, scope: Scope, page: String,
    only: [String]? = nil, place: Int = 0, batch: inout Batch
  ) {
    self.catalog = catalog
    self.event = event
    self.property = property
    self.scope = scope
    guard case .records(let fields, _) = property.type else { return }
    for field in fields where only?.contains(field.name) ?? true {
      var chart = FieldChart(
        catalog: catalog, path: FieldPath("\(property.name).\(field.name)"), field: field, event: event.name,
        scope: scope, page: page, counting: .items, top: 12)
      chart.place = place
      chart.plan(&batch)
      columns.append(chart)
    }
    let words = fields.filter { !$0.type.isNumeric && only?.contains($0.name) ?? true }.prefix(3)
    for number in fields where number.type.isNumeric {
      for word in words {
        let by = FieldPath("\(property.name).\(word.name)")
        let numbers = batch.add(
          Question(
            app: catalog.app, .distribution(of: FieldPath("\(property.name).\(number.name)"), by: [by]),
            event: event.name, interval: scope.interval, period: .total, filters: scope.filters, top: 12))
        let rows = batch.add(
          Question(
            app: catalog.app, .breakdown(by: [by], counting: .items), event: event.name,
            interval: scope.interval,
            period: .total, filters: scope.filters, top: 12))
        grouped.append(Grouped(number: number, by: word, numbers: numbers, rows: rows))
      }
    }
  }

  func html(_ batch: Batch) -> HTML {
    """
    <section class="part"><h2><code>\(property.name)</code> <small>\(Prose.type(property))</small></h2>\
    \(Prose.about(property, why: event.why))<div class="grid">\(charts(batch))</div></section>
    """
  }

  /// The cards alone, to stand in a grid.
  func charts(_ batch: Batch) -> HTML {
    "\(columns.html { $0.html(batch) })\(grouped.html { group($0, batch) })"
  }

  private func group(_ group: Grouped, _ batch: Batch) -> HTML {
    let outcome = batch[group.numbers]
    var card = Card(
      title: "<code>\(group.number.name)</code> by <code>\(group.by.name)</code>", outcome: outcome,
      style: "wide")
    guard let answer = outcome.answer else { return card.html }
    let present = answer.distributions.filter { $0.count > 0 }
    card.isEmpty = present.isEmpty
    let rows = batch[group.rows].answer?.series ?? []
    let ranges = Ranges(
      caption: "\(group.number.name) by \(group.by.name)", labelHeading: group.by.name,
      distributions: present,
      quantity: Quantity(unit: group.number.unit),
      given: present.map { item in
        rows.first { $0.key == item.key && !$0.isOther }.map {
          Decimal.percent(Double(item.count), of: $0.total)
        } ?? ""
      })
    let note: HTML = """
      <p class="about">The dot is p50, the thick line reaches to p90, the thin one to p99\
      \(ranges.isLogarithmic ? "; the axis is logarithmic" : ""). “Given” is the share of items that carry \
      the number.</p>
      """
    card.figure = ranges.html
    card.lead = note
    return card.html
  }
}

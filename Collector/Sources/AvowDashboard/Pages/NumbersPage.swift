import AvowStore
import AvowWire

/// How a number is spread: its histogram, its quantiles, and both apart by up to two fields.
struct NumbersPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking
  private let choice: Choice?

  static let parameters: Set<String> = ["of", "apart"]

  /// A number that can be looked at: `event/path`, or `path` of the context.
  struct Choice: Sendable, Hashable {
    var event: String?
    var path: FieldPath
    var name: String { (event.map { "\($0)/" } ?? "") + path.description }
  }

  static func choices(_ catalog: Catalog) -> [Choice] {
    catalog.events.flatMap { event in
      event.properties.flatMap { property -> [Choice] in
        if case .records(let columns, _) = property.type {
          return columns.filter(\.type.isNumeric).map {
            Choice(event: event.name, path: FieldPath("\(property.name).\($0.name)"))
          }
        }
        return property.type.isNumeric ? [Choice(event: event.name, path: FieldPath(property.name))] : []
      }
    } + catalog.context.filter(\.type.isNumeric).map { Choice(event: nil, path: FieldPath($0.name)) }
  }

  /// The event of the number an address names.
  static func event(_ query: [(name: String, value: String)], _ catalog: Catalog) -> String? {
    let choices = choices(catalog)
    let named = query.first { $0.name == "of" }?.value
    return (choices.first { $0.name == named } ?? choices.first)?.event
  }

  init(catalog: Catalog, scope: Scope, asking: Asking) {
    self.catalog = catalog
    self.scope = scope
    self.asking = asking
    let choices = Self.choices(catalog)
    choice = choices.first { $0.name == scope.own("of") } ?? choices.first
  }

  private var page: String { "/apps/\(catalog.app)/numbers" }

  /// The fields with few values beside the number, those of its own records first.
  private func fields(_ choice: Choice) -> [FieldPath] {
    let event = choice.event.flatMap { catalog.event(named: $0) }
    var paths: [FieldPath] = []
    let list = choice.path.components.count > 1 ? choice.path.components[0] : nil
    for property in event?.properties ?? [] {
      if case .records(let columns, _) = property.type {
        guard property.name == list else { continue }
        paths += columns.filter { !$0.type.isNumeric }.map { FieldPath("\(property.name).\($0.name)") }
      } else if property.type.isScalar, !property.type.isNumeric {
        paths.append(FieldPath(property.name))
      }
    }
    return paths
      + catalog.context.filter { $0.type.isScalar && !$0.type.isNumeric }.map { FieldPath($0.name) }
  }

  private func apart(_ fields: [FieldPath]) -> [FieldPath] {
    var chosen: [FieldPath] = []
    for parameter in scope.own where parameter.name == "apart" {
      let path = FieldPath(parameter.value)
      if fields.contains(path), !chosen.contains(path), chosen.count < 2 { chosen.append(path) }
    }
    return chosen
  }

  var html: String {
    get async {
      var body: HTML = "<p class=\"about\">The catalog declares no number.</p>"
      if let choice {
        let fields = fields(choice)
        let apart = apart(fields)
        func question(_ by: [FieldPath]) -> Question {
          Question(
            app: catalog.app, .distribution(of: choice.path, by: by), event: choice.event,
            interval: scope.interval, period: .total, filters: scope.filters, top: 20)
        }
        let outcomes = await asking([question([])] + (apart.isEmpty ? [] : [question(apart)]))
        body = """
          \(form(choice, fields, apart))\(whole(outcomes[0], choice))\
          \(outcomes.count > 1 ? groups(outcomes[1], choice, apart) : .empty)
          """
      }
      return Layout(
        title: "Numbers · \(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "numbers"),
        content: """
          <div class="head"><h1>How numbers are spread</h1><p class="lead">Every value counts once; quantiles \
          are exact.</p></div>\
          \(ScopeBar(path: page, scope: scope, catalog: catalog, event: choice?.event).html)\
          <section class="part">\(body)</section>
          """
      ).html
    }
  }

  private func form(_ choice: Choice, _ fields: [FieldPath], _ apart: [FieldPath]) -> HTML {
    func option(_ value: String, _ text: String, _ isSelected: Bool) -> HTML {
      "<option value=\"\(value)\"\(isSelected ? " selected=\"selected\"" : .empty)>\(text)</option>"
    }
    return """
      <form class="picker" method="get" action="\(page)">\
      \(scope.with { $0.own = [] }.pairs().html {
        "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\"/>"
      })<label>Number<select name="of">\(Self.choices(catalog).html { other in
        option(
          other.name, other.path.description + (other.event.map { " of \($0)" } ?? ""), other == choice)
      })</select></label>\((0..<2).html { place in
        """
        <label>\(place == 0 ? "Apart by" : "and by")<select name="apart">\(option("", "–", false))\
        \(fields.html { option($0.description, $0.description, place < apart.count && apart[place] == $0) })\
        </select></label>
        """
      })<button type="submit">Show</button></form>
      """
  }

  private func field(_ choice: Choice) -> Field? { catalog.field(at: choice.path, of: choice.event) }

  private func whole(_ outcome: Outcome, _ choice: Choice) -> HTML {
    let field = field(choice)
    let owner = choice.event.map { " of \($0)" } ?? ""
    var card = Card(
      title: "<code>\(choice.path)</code> <small>\(owner)</small>",
      lead: field.map { Prose.about($0, why: nil) } ?? .empty, outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    guard let item = answer.distributions.first, item.count > 0 else {
      card.isEmpty = true
      return card.html
    }
    let quantity = Quantity(unit: field?.unit)
    let chart = Histogram(
      id: "numbers", title: "\(choice.path), \(DateText.interval(answer.question.interval))",
      distribution: item, quantity: quantity)
    let figures: [(String, Double)] = [
      ("least", item.min), ("p50", item.p50), ("p90", item.p90), ("p95", item.p95), ("p99", item.p99),
      ("greatest", item.max), ("mean", item.mean),
    ]
    card.figure =
      Figure.list(figures.map { Figure(name: $0.0, value: quantity.text($0.1)) }) + chart.svg
      + (chart.isUneven
        ? "<p class=\"scale\">The columns stand for steps that widen with the values.</p>" : .empty)
    card.table = chart.table
    return card.html
  }

  private func groups(_ outcome: Outcome, _ choice: Choice, _ apart: [FieldPath]) -> HTML {
    let names = apart.map(\.description).joined(separator: ", ")
    var card = Card(
      title: "<code>\(choice.path)</code> by <code>\(names)</code>", outcome: outcome, style: "hero")
    guard let answer = outcome.answer else { return card.html }
    card.isEmpty = answer.distributions.isEmpty
    let ranges = Ranges(
      caption: "\(choice.path) by \(names)", labelHeading: names, distributions: answer.distributions,
      quantity: Quantity(unit: field(choice)?.unit))
    card.lead = """
      <p class="about">The dot is p50, the thick line reaches to p90, the thin one to p99\
      \(ranges.isLogarithmic ? "; the axis is logarithmic" : "").</p>
      """
    card.figure = ranges.html
    return card.html
  }
}

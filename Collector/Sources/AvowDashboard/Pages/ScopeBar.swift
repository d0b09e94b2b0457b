import AvowStore
import AvowWire

/// The controls of a page: interval, dates, filters. Links and one form, no script.
struct ScopeBar: Sendable {
  let path: String
  let scope: Scope
  let catalog: Catalog
  /// The event whose properties may be filtered on too.
  var event: String?

  var html: HTML {
    """
    <div class="scope"><div class="segments" role="group" \
    aria-label="Interval">\(Scope.spans.html(span))</div>\
    <details class="choose"><summary>Dates and filters</summary>\(form)</details>\(chips)</div>\(notices)
    """
  }

  private func span(_ days: Int) -> HTML {
    let isCurrent = scope.span == .days(days)
    let href = scope.with {
      $0.span = .days(days)
      $0.chosenPeriod = nil
    }.href(path)
    return """
      <a href="\(href)"\(isCurrent ? " aria-current=\"true\"" : .empty)>\(days == 365 ? "1 year" : "\(days) days")</a>
      """
  }

  private var chips: HTML {
    var chips: [HTML] = []
    if case .between(let interval) = scope.span {
      let href = scope.with { $0.span = .days(28) }.href(path)
      chips.append(chip(DateText.interval(interval), href))
    }
    for filter in scope.filters { chips.append(chip(Self.words(filter), scope.removing(filter).href(path))) }
    if scope.filters.count > 1 {
      chips.append(
        "<a class=\"clear\" href=\"\(scope.with { $0.filters = [] }.href(path))\">Clear filters</a>")
    }
    return chips.isEmpty
      ? .empty : "<div class=\"chips\" role=\"group\" aria-label=\"Filters\">\(chips)</div>"
  }

  private func chip(_ text: String, _ href: String) -> HTML {
    """
    <span class="chip">\(text)<a href="\(href)" aria-label="Remove \(text)" title="Remove"><span \
    aria-hidden="true">×</span></a></span>
    """
  }

  static func words(_ filter: Filter) -> String {
    switch filter.condition {
    case .equals(let value): "\(filter.field) is \(value)"
    case .notEquals(let value): "\(filter.field) is not \(value)"
    case .oneOf(let values): "\(filter.field) is \(values.joined(separator: " or "))"
    case .range, .version: filter.text
    }
  }

  private var notices: HTML {
    scope.notices.prefix(4).html { "<p class=\"notice\" role=\"status\">\($0)</p>" }
  }

  /// The fields a form can ask for: those with few values or short ones.
  private var fields: [Field] {
    (catalog.context + (event.flatMap { catalog.event(named: $0) }?.properties ?? [])).filter {
      switch $0.type {
      case .boolean, .text, .version: true
      case .list(let element, _): !element.isNumeric
      case .integer, .number, .records: false
      }
    }
  }

  private var form: HTML {
    let interval = scope.interval
    var kept: [(name: String, value: String)] = []
    if case .days(let count) = scope.span, count != 28 { kept.append(("days", String(count))) }
    if let period = scope.chosenPeriod { kept.append(("by", period.rawValue)) }
    for parameter in scope.own { kept.append((parameter.name, parameter.value)) }
    let names = fields.map(\.name)
    for filter in scope.filters {
      if case .equals = filter.condition, names.contains(filter.field.description) { continue }
      kept += Scope.pairs(of: filter)
    }
    let dates: (String, String) =
      if case .between = scope.span {
        (CivilDate(dayNumber: interval.first).description, CivilDate(dayNumber: interval.last).description)
      } else { ("", "") }
    return """
      <form method="get" action="\(path)">\
      \(kept.html { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\"/>" })\
      <label>From<input type="date" name="since" value="\(dates.0)"/></label>\
      <label>Until<input type="date" name="until" value="\(dates.1)"/></label>\
      \(fields.html(input))<button type="submit">Show</button></form>
      """
  }

  private func input(_ field: Field) -> HTML {
    let current = scope.filters.lazy.compactMap { filter -> String? in
      if filter.field == FieldPath(field.name), case .equals(let value) = filter.condition {
        value
      } else {
        nil
      }
    }.first
    let values: [String]? =
      switch field.type {
      case .boolean: ["true", "false"]
      case .text(.oneOf(let values)), .list(of: .text(.oneOf(let values)), _): values
      default: nil
      }
    guard let values else {
      return
        """
        <label>\(field.name)<input type="text" name="\(field.name)" value="\(current ?? "")" \
        maxlength="200"/></label>
        """
    }
    return """
      <label>\(field.name)<select name="\(field.name)"><option value="">any</option>\(values.html { value in
        "<option value=\"\(value)\"\(value == current ? " selected=\"selected\"" : .empty)>\(value)</option>"
      })</select></label>
      """
  }
}

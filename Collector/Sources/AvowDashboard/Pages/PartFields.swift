import AvowStore
import AvowWire

/// The charts of the properties that a question of the catalog names.
///
/// A word of a list of records comes with the list's numbers kept apart by it: which technique is fastest.
struct PartFields: Sendable {
  private var charts: [FieldChart] = []
  private var records: [RecordsCharts] = []

  init(
    catalog: Catalog, scope: Scope, page: String, topics: [Topic], part: Int, batch: inout Batch
  ) {
    var columns: [String: [String]] = [:]
    var lists: [(event: String, property: String)] = []
    for topic in topics {
      guard case .field(let name, let path) = topic, let event = catalog.event(named: name),
        let field = catalog.field(at: path, of: name)
      else { continue }
      if path.components.count == 2 {
        let list = path.components[0]
        if columns["\(name).\(list)"] == nil { lists.append((name, list)) }
        columns["\(name).\(list)", default: []].append(path.components[1])
        continue
      }
      var chart = FieldChart(
        catalog: catalog, path: path, field: field, event: name, scope: scope, page: "\(page)/events/\(name)",
        counting: .events, why: event.why)
      chart.place = part
      chart.namesEvent = true
      chart.plan(&batch)
      charts.append(chart)
    }
    for (name, list) in lists {
      guard let event = catalog.event(named: name), let property = event.property(named: list) else {
        continue
      }
      records.append(
        RecordsCharts(
          catalog: catalog, event: event, property: property, scope: scope, page: "\(page)/events/\(name)",
          only: columns["\(name).\(list)"], place: part, batch: &batch))
    }
  }

  func html(_ batch: Batch) -> HTML {
    guard !charts.isEmpty || !records.isEmpty else { return .empty }
    return """
      <div class="grid">\(charts.html { $0.html(batch) })\(records.html { $0.charts(batch) })</div>
      """
  }
}

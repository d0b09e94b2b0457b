import AvowWire

/// Records: rows of one event, from an array of objects or from a map whose keys are values.
extension Admission {
  /// The values a path's tags took on the way to a row.
  private struct Tag {
    var column: Int
    var node: Int
  }

  mutating func records(
    _ index: Int, _ field: CompiledField, _ records: Records, _ plan: Mapping.RowPlan?, _ mapping: Mapping?
  ) -> Converted {
    var cells: [EventBatch.Slot] = []
    var row = 0
    if let plan, !plan.tail.isEmpty {
      guard document.nodes[index].kind == .object else { return .removed(.illTyped) }
      tagged(index, plan.tail[...], [], field, records, plan, mapping, &cells, &row)
      return .value(.records, add(cells))
    }
    guard document.nodes[index].kind == .array else { return .removed(.illTyped) }
    for child in document.children(of: index) {
      guard row < records.maxItems else {
        noteRemoved(field.name, .tooLong)
        break
      }
      guard document.nodes[child].kind == .object else {
        noteRemoved(field.name, .illTyped)
        continue
      }
      addRow(child, [], field, records, plan, mapping, &cells, &row)
    }
    return .value(.records, add(cells))
  }

  /// Follows the steps below a value; each leaf they lead to is a row.
  private mutating func tagged(
    _ index: Int, _ tail: ArraySlice<Mapping.RowPlan.Step>, _ tags: [Tag], _ field: CompiledField,
    _ records: Records, _ plan: Mapping.RowPlan, _ mapping: Mapping?, _ cells: inout [EventBatch.Slot],
    _ row: inout Int
  ) {
    guard let step = tail.first else {
      addRow(index, tags, field, records, plan, mapping, &cells, &row)
      return
    }
    guard document.nodes[index].kind == .object else {
      noteRemoved(field.name, .illTyped)
      return
    }
    for child in document.children(of: index) {
      guard row < records.maxItems else {
        noteRemoved(field.name, .tooLong)
        return
      }
      switch step {
      case .any: tagged(child, tail.dropFirst(), tags, field, records, plan, mapping, &cells, &row)
      case .key(let key):
        guard document.key(document.nodes[child]).elementsEqual(key.utf8) else { continue }
        tagged(child, tail.dropFirst(), tags, field, records, plan, mapping, &cells, &row)
      case .tag(let column):
        let tag = Tag(column: column, node: child)
        tagged(child, tail.dropFirst(), tags + [tag], field, records, plan, mapping, &cells, &row)
      }
    }
  }

  private mutating func addRow(
    _ index: Int, _ tags: [Tag], _ field: CompiledField, _ records: Records, _ plan: Mapping.RowPlan?,
    _ mapping: Mapping?, _ cells: inout [EventBatch.Slot], _ row: inout Int
  ) {
    let first = cells.count
    for tag in tags where tag.column >= 0 {
      switch convert(key: tag.node, as: records.columns[tag.column]) {
      case .value(let kind, let payload):
        cells.append(EventBatch.Slot(field: tag.column, kind: kind, row: row, payload: payload))
      case .none: break
      case .removed(let reason): noteRemoved("\(field.name).\(records.columns[tag.column].name)", reason)
      }
    }
    let taken = Set(tags.map(\.column))
    var places: [Int: (node: Int, unit: Unit?)] = [:]
    if document.nodes[index].kind == .object {
      for child in document.children(of: index) {
        let node = document.nodes[child]
        let column = records.names.find(document.key(node), hash: node.keyHash)
        if column >= 0 {
          if plan?.columns[column].isEmpty ?? true, !taken.contains(column) { places[column] = (child, nil) }
        } else if plan?.countsOthers ?? true, !document.isNone(child) {
          noteUndeclared("\(field.name).\(String(decoding: document.key(node), as: UTF8.self))")
        }
      }
    }
    for (column, candidates) in (plan?.columns ?? []).enumerated() {
      for candidate in candidates {
        guard let node = find(candidate.path, from: index), !isNone(node, mapping) else { continue }
        places[column] = (node, candidate.unit)
        break
      }
    }
    for column in records.columns.indices {
      guard let place = places[column], !isNone(place.node, mapping) else { continue }
      switch convert(place.node, as: records.columns[column], unit: place.unit) {
      case .value(let kind, let payload):
        cells.append(EventBatch.Slot(field: column, kind: kind, row: row, payload: payload))
      case .none: break
      case .removed(let reason): noteRemoved("\(field.name).\(records.columns[column].name)", reason)
      }
    }
    cells[first...].sort { $0.field < $1.field }
    row += 1
  }

  private func isNone(_ index: Int, _ mapping: Mapping?) -> Bool {
    document.isNone(index) || mapping?.isNull(document.nodes[index], in: document) ?? false
  }

  /// The value a short path leads to from a row.
  private func find(_ path: [String], from index: Int) -> Int? {
    var index = index
    for (position, key) in path.enumerated() {
      let children = document.children(of: index)
      guard document.nodes[index].kind == .object else { return nil }
      let rest = path[position...].joined(separator: ".")
      if let whole = children.last(where: { document.key(document.nodes[$0]).elementsEqual(rest.utf8) }) {
        return whole
      }
      guard let next = children.last(where: { document.key(document.nodes[$0]).elementsEqual(key.utf8) })
      else {
        return nil
      }
      index = next
    }
    return index
  }

  /// Converts a member's key as if it were a text value.
  private mutating func convert(key index: Int, as column: CompiledField) -> Converted {
    let text = document.key(document.nodes[index])
    guard !text.isEmpty else { return .none }
    switch column.rule {
    case .choice(let choices):
      let found = choices.find(text)
      return found < 0
        ? .removed(.notListed) : .value(.text, intern(String(decoding: choices.values[found], as: UTF8.self)))
    case .pattern(let shape):
      guard shape.pattern.matches(text) else { return .removed(.noMatch) }
    case .free(let maxLength):
      guard text.count <= maxLength else { return .removed(.tooLong) }
    case .version(let parts):
      let first = batch.bytes.count
      guard VersionText.reduce(text, parts: parts, into: &batch.bytes) else { return .removed(.illTyped) }
      return .value(.text, UInt64(first) << 32 | UInt64(batch.bytes.count - first))
    case .integer(let limits):
      guard let value = NumberText.integer(text) else { return .removed(.illTyped) }
      return limits.admit(value).map { .value(.integer, UInt64(bitPattern: $0)) } ?? .removed(.outOfRange)
    default: return .removed(.illTyped)
    }
    if let found = Detector.find(in: text) { return .removed(Quarantine.Reason(found)) }
    return .value(.text, intern(text))
  }
}

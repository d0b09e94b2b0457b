import AvowWire

/// Conversions follow from the declared type; no mapping names one.
extension Admission {
  mutating func convert(
    _ index: Int, as field: CompiledField, unit: Unit? = nil, rows: Mapping.RowPlan? = nil,
    mapping: Mapping? = nil
  ) -> Converted {
    let node = document.nodes[index]
    if node.kind == .null || document.isNone(index) { return .none }
    switch field.rule {
    case .boolean: return boolean(node)
    case .integer(let limits): return integer(node, field, unit, limits)
    case .number(let limits):
      guard let value = number(node, field, unit) else { return .removed(.illTyped) }
      guard let kept = limits.admit(value) else { return .removed(.outOfRange) }
      return .value(.number, kept.bitPattern)
    case .choice(let choices): return choice(node, choices)
    case .pattern(let shape):
      guard node.kind == .text else { return .removed(.illTyped) }
      let text = document.bytes(node)
      guard shape.pattern.matches(text) else {
        return .removed(Detector.find(in: text).map(Quarantine.Reason.init) ?? .noMatch)
      }
      return harmless(text)
    case .free(let maxLength):
      guard node.kind == .text else { return .removed(.illTyped) }
      let text = document.bytes(node)
      guard text.count <= maxLength else { return .removed(.tooLong) }
      return harmless(text)
    case .version(let parts): return version(index, node, parts)
    case .list(let element, let maxItems): return list(index, node, element, maxItems)
    case .records(let records):
      return self.records(index, field, records, rows, mapping)
    case .nothing: return .removed(.noMatch)
    }
  }

  private mutating func harmless(_ text: Bytes) -> Converted {
    if let found = Detector.find(in: text) { return .removed(Quarantine.Reason(found)) }
    return .value(.text, intern(text))
  }

  private func boolean(_ node: Node) -> Converted {
    switch node.kind {
    case .yes: return .value(.boolean, 1)
    case .no: return .value(.boolean, 0)
    case .text:
      // Clients that write every value as text write these two words.
      let text = document.bytes(node)
      if text.count == 4, Detector.has(text, at: 0, "true") { return .value(.boolean, 1) }
      if text.count == 5, Detector.has(text, at: 0, "false") { return .value(.boolean, 0) }
      return .removed(.illTyped)
    default: return .removed(.illTyped)
    }
  }

  @inline(__always)
  private func integer(
    _ node: Node, _ field: CompiledField, _ unit: Unit?, _ limits: Limits<Int64>
  ) -> Converted {
    guard node.kind == .number || node.kind == .text else { return .removed(.illTyped) }
    let text = document.bytes(node)
    let value: Int64
    if field.unit == nil || unit == nil || unit == field.unit, let plain = NumberText.plainInteger(text) {
      value = plain
    } else if let measured = number(node, field, unit) {
      // A size such as `102.23 MB` is whole bytes; a count of 2.5 is no integer.
      let rounded = measured.rounded()
      // Relative as well: at gigabytes the next floating-point number is further away than 1e-6.
      guard abs(measured - rounded) < Swift.max(1e-6, abs(rounded) * 1e-12),
        abs(rounded) <= 9_007_199_254_740_992
      else {
        return .removed(abs(rounded) > 9_007_199_254_740_992 ? .outOfRange : .illTyped)
      }
      value = Int64(rounded)
    } else {
      return .removed(.illTyped)
    }
    guard let kept = limits.admit(value) else { return .removed(.outOfRange) }
    return .value(.integer, UInt64(bitPattern: kept))
  }

  /// The number behind a node in the field's unit: a JSON number, a number in a text, or one with its unit.
  private func number(_ node: Node, _ field: CompiledField, _ unit: Unit?) -> Double? {
    guard node.kind == .number || node.kind == .text else { return nil }
    let text = document.bytes(node)
    guard let target = field.unit else { return NumberText.double(text) }
    guard node.kind == .text else {
      guard let value = NumberText.double(text) else { return nil }
      return unit.map { $0.convert(value, to: target) } ?? value
    }
    guard text.count <= 64, let quantity = NumberText.quantity(text) else { return nil }
    guard let given = quantity.unit ?? unit else { return quantity.value }
    return given.convert(quantity.value, to: target)
  }

  private mutating func choice(_ node: Node, _ choices: Choices) -> Converted {
    let found: Int
    switch node.kind {
    case .text, .number: found = choices.find(document.bytes(node))
    case .yes, .no:
      var word = node.kind == .yes ? "true" : "false"
      found = word.withUTF8 { choices.find($0) }
    default: return .removed(.illTyped)
    }
    guard found >= 0 else { return .removed(.notListed) }
    let first = batch.bytes.count
    let value = choices.values[found]
    batch.bytes.append(contentsOf: value)
    return .value(.text, UInt64(first) << 32 | UInt64(value.count))
  }

  /// A text, a number as it was written, or `{major, minor, patch}`.
  private mutating func version(_ index: Int, _ node: Node, _ parts: Int) -> Converted {
    let first = batch.bytes.count
    var isVersion = false
    switch node.kind {
    case .text, .number:
      isVersion = VersionText.reduce(document.bytes(node), parts: parts, into: &batch.bytes)
    case .object:
      var text: [UInt8] = []
      for name: StaticString in ["major", "minor", "patch"] {
        guard let member = document.member(name, of: index) else { break }
        let part = document.nodes[member]
        guard part.kind == .number || part.kind == .text else { break }
        if !text.isEmpty { text.append(UInt8(ascii: ".")) }
        text.append(contentsOf: document.bytes(part))
      }
      isVersion = text.withUnsafeBufferPointer { VersionText.reduce($0, parts: parts, into: &batch.bytes) }
    default: break
    }
    guard isVersion else { return .removed(.illTyped) }
    return .value(.text, UInt64(first) << 32 | UInt64(batch.bytes.count - first))
  }

  /// Each element by its rule; the bad ones are removed, the good ones keep their order.
  private mutating func list(_ index: Int, _ node: Node, _ element: CompiledField, _ maxItems: Int)
    -> Converted
  {
    guard node.kind == .array else { return .removed(.illTyped) }
    var items: [EventBatch.Slot] = []
    var child = index + 1
    let end = Int(node.end)
    while child < end {
      defer { child = Int(document.nodes[child].end) }
      guard items.count < maxItems else {
        noteRemoved(element.name, .tooLong)
        break
      }
      switch convert(child, as: element) {
      case .value(let kind, let payload):
        items.append(EventBatch.Slot(field: 0, kind: kind, row: items.count, payload: payload))
      case .none: break
      case .removed(let reason): noteRemoved(element.name, reason)
      }
    }
    return .value(.list, add(items))
  }

  /// Lays items of one list or of one set of records next to each other.
  mutating func add(_ items: [EventBatch.Slot]) -> UInt64 {
    let first = batch.items.count
    batch.items.append(contentsOf: items)
    return UInt64(first) << 32 | UInt64(items.count)
  }
}

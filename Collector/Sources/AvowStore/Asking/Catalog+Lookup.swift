public import AvowWire

extension Catalog {
  /// Returns the declaration behind a path: a property of `event`, a column of its records, or a context
  /// field.
  ///
  /// Without an event only the context is searched: two events may use one name for two things.
  public func field(at path: FieldPath, of event: String?) -> Field? {
    guard let head = path.components.first else { return nil }
    if let event, let property = self.event(named: event)?.property(named: head) {
      if path.components.count == 1 { return property }
      guard path.components.count == 2, case .records(let columns, _) = property.type else { return nil }
      return columns.first { $0.name == path.components[1] }
    }
    guard path.components.count == 1 else { return nil }
    return context.first { $0.name == head }
  }

  /// Whether a path names elements of a list or columns of records, so that one event may have several values.
  public func isMany(_ path: FieldPath, of event: String?) -> Bool {
    if path.components.count > 1 { return true }
    let declared = event.flatMap { self.event(named: $0) }.map { [$0] } ?? events
    let fields = declared.compactMap { $0.property(named: path.description) }
    let found = fields.first ?? context.first { $0.name == path.description }
    if case .list = found?.type { return true }
    return false
  }

  /// The events that declare a property, or a column of records, at `path`.
  func events(declaring path: FieldPath) -> [String] {
    events.filter { declaration in
      guard let head = path.components.first, declaration.property(named: head) != nil else { return false }
      return field(at: path, of: declaration.name) != nil
    }.map(\.name)
  }

  /// All paths that may be asked about: those of `event`, or of all events, then the context's.
  func paths(of event: String?) -> [String] {
    var seen: Set<String> = []
    let declared = event.flatMap { self.event(named: $0) }.map { [$0] } ?? events
    let properties = declared.flatMap(\.properties).flatMap { property -> [String] in
      guard case .records(let columns, _) = property.type else { return [property.name] }
      return columns.map { "\(property.name).\($0.name)" }
    }
    return (properties + context.map(\.name)).filter { seen.insert($0).inserted }
  }
}

extension FieldType {
  /// Whether quantiles of the value mean something.
  public var isNumeric: Bool {
    switch self {
    case .integer, .number: true
    case .list(let element, _): element.isNumeric
    default: false
    }
  }

  /// The type of one value: an element's for a list.
  var scalar: FieldType { if case .list(let element, _) = self { element.scalar } else { self } }
}

extension EventDeclaration {
  /// Whether the event is a counter: its one property is a whole number called `count`.
  ///
  /// Programs may count such an event instead of recording it; what they counted in an interval is then one
  /// event with the sum. For everybody else it is an event like any other.
  public var isCounter: Bool {
    guard properties.count == 1, properties[0].name == "count", case .integer(let rule) = properties[0].type
    else { return false }
    return rule.bucket.isEmpty
  }
}

extension Catalog {
  /// The indices of the events that are counters, in the order of the catalog.
  public var counters: [Int] { events.indices.filter { events[$0].isCounter } }
}

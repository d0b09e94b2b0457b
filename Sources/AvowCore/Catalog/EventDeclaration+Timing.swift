extension EventDeclaration {
  /// What a program needs to know to send measured times as this event.
  public struct Timing: Sendable, Hashable {
    /// The places of the two properties.
    public internal(set) var count: Int
    public internal(set) var values: Int
    public internal(set) var maxItems: Int
    /// Of one declared unit.
    public internal(set) var nanoseconds: Int64
    public internal(set) var range: ClosedRange<Double>
    public internal(set) var bucket: [Double]
  }

  /// How times are sent as this event, if it is a timing: a whole number called `count` and a list of numbers in
  /// `s`, `ms` or `us`, and no other property.
  ///
  /// Programs may time such an event instead of recording it; what they measured in an interval is then one
  /// event with how many there were and the spread of their values. For everybody else it is an event like any
  /// other.
  public var timing: Timing? {
    guard properties.count == 2,
      let count = properties.firstIndex(where: { $0.name == "count" }),
      case .integer(let rule) = properties[count].type, rule.bucket.isEmpty,
      case .list(.number(let number), let maxItems) = properties[1 - count].type
    else { return nil }
    let nanoseconds: Int64
    switch properties[1 - count].unit {
    case "s": nanoseconds = 1_000_000_000
    case "ms": nanoseconds = 1_000_000
    case "us": nanoseconds = 1_000
    default: return nil
    }
    let low = number.min ?? 0
    return Timing(
      count: count, values: 1 - count, maxItems: maxItems, nanoseconds: nanoseconds,
      range: low...max(low, number.max ?? .greatestFiniteMagnitude), bucket: number.bucket)
  }
}

extension Catalog {
  /// The indices of the events that are timings, in the order of the catalog.
  public var timings: [Int] { events.indices.filter { events[$0].timing != nil } }
}

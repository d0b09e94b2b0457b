import AvowStore
import AvowWire

/// What the reader looks at: interval, length of a period and filters, as the address says.
struct Scope: Sendable, Hashable {
  enum Span: Sendable, Hashable {
    case days(Int)
    case between(DayInterval)
  }

  var span: Span
  /// Chosen by the reader; `nil` follows from the interval.
  var chosenPeriod: Question.Period?
  var filters: [Filter]
  /// What the address says that only this page understands, in order.
  var own: [Parameter] = []
  let today: Int
  /// What of the address was not understood, for the reader.
  var notices: [String] = []

  struct Parameter: Sendable, Hashable {
    var name: String
    var value: String
  }

  static let spans = [7, 28, 90, 365]
  private static let reserved: Set<String> = ["days", "since", "until", "by"]

  /// The last 28 days, unfiltered.
  init(today: Int) {
    span = .days(28)
    filters = []
    self.today = today
  }

  /// Reads an address; what cannot be used is left out and said in `notices`.
  ///
  /// - Parameters:
  ///   - event: The event whose properties may be filtered on beside the context.
  ///   - own: The names that are the page's own parameters, not filters.
  init(
    query: [(name: String, value: String)], catalog: Catalog, event: String?, today: Int,
    own names: Set<String> = []
  ) {
    self.init(today: today)
    var since: Int?
    var until: Int?
    for (name, value) in query.prefix(64) where !value.isEmpty && value.utf8.count <= 200 {
      switch name {
      case "days":
        if let count = Int(value), (1...3_660).contains(count) {
          span = .days(count)
        } else {
          notices.append("\"\(value)\" is no number of days from 1 to 3660; showing 28 days.")
        }
      case "since", "until":
        guard let date = CivilDate(value) else {
          notices.append("\"\(value)\" is no date; write it as 2026-01-31.")
          continue
        }
        if name == "since" { since = date.dayNumber } else { until = date.dayNumber }
      case "by":
        chosenPeriod = Question.Period(rawValue: value).flatMap { $0 == .total ? nil : $0 }
      case let name where names.contains(name):
        if own.count < 8 { own.append(Parameter(name: name, value: value)) }
      default:
        read(filter: name, value, catalog: catalog, event: event)
      }
    }
    if since != nil || until != nil {
      let last = min(until ?? today, today)
      let first = max(since ?? last - 27, last - 3_659)
      if first <= last {
        span = .between(DayInterval(first: first, last: last))
      } else {
        notices.append("The interval begins after its end; showing 28 days.")
      }
    }
  }

  /// One pair of the address: `os_name=linux`, `os_name!=linux`, `reports_count>=5`, `reports_count<=9`.
  private mutating func read(filter name: String, _ value: String, catalog: Catalog, event: String?) {
    guard filters.count < 12, name.utf8.count <= 140 else { return }
    let sign = name.last.flatMap { "!<>".contains($0) ? $0 : nil }
    let path = FieldPath(sign == nil ? name : String(name.dropLast()))
    guard let field = catalog.field(at: path, of: event) else {
      notices.append("There is no field \"\(path)\" here; that filter was left out.")
      return
    }
    if let sign, sign == "<" || sign == ">", field.type.keyword == "version", VersionOrder(value) != nil {
      add(Filter(path, .version(sign == ">" ? .atLeast : .atMost, value)))
      return
    }
    if sign == "<" || sign == ">" {
      guard field.type.isNumeric, let number = Double(value), number.isFinite else {
        notices.append("\(path) cannot be compared with \"\(value)\"; that filter was left out.")
        return
      }
      add(Filter(path, sign == ">" ? .range(min: number, max: nil) : .range(min: nil, max: number)))
      return
    }
    do {
      let stored = try catalog.filterValue(value, at: path, of: event)
      add(Filter(path, sign == "!" ? .notEquals(stored) : .equals(stored)))
    } catch {
      notices.append("\(error.description); that filter was left out.")
    }
  }

  /// Adds a condition; a second value of the same field widens the first, a second bound closes the range.
  private mutating func add(_ filter: Filter) {
    if filters.contains(filter) { return }
    for (index, old) in filters.enumerated() where old.field == filter.field {
      switch (old.condition, filter.condition) {
      case (.equals(let a), .equals(let b)):
        filters[index].condition = .oneOf([a, b])
        return
      case (.oneOf(let values), .equals(let b)):
        if !values.contains(b), values.count < 50 { filters[index].condition = .oneOf(values + [b]) }
        return
      case (.range(let low?, nil), .range(nil, let high?)), (.range(nil, let high?), .range(let low?, nil)):
        filters[index].condition = .range(min: low, max: high)
        return
      default: continue
      }
    }
    filters.append(filter)
  }

  var interval: DayInterval {
    switch span {
    case .days(let count): .days(count, through: today)
    case .between(let interval): interval
    }
  }

  /// The length of one period of the charts.
  var period: Question.Period {
    if let chosenPeriod { return chosenPeriod }
    switch interval.count {
    case ...92: return .day
    case ...400: return .week
    default: return .month
    }
  }

  /// The interval of charts over time: it begins with a whole period, which would else look like a rise.
  var charted: DayInterval {
    DayInterval(first: min(interval.first, period.start(of: interval.first)), last: interval.last)
  }

  /// As many days right before the interval.
  var before: DayInterval {
    DayInterval(first: interval.first - interval.count, last: interval.first - 1)
  }

  /// The interval in words: `the last 28 days` or its dates.
  var words: String {
    if case .days(let count) = span { return count == 1 ? "today" : "the last \(count) days" }
    return DateText.interval(interval)
  }
}

extension Scope {
  /// The address of a page under this scope; filters that page cannot use are left out.
  func href(_ path: String, keeping isKept: (Filter) -> Bool = { _ in true }) -> String {
    let pairs = pairs(keeping: isKept).map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
    return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
  }

  /// What the address says, in order; the default interval is not said.
  func pairs(keeping isKept: (Filter) -> Bool = { _ in true }) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    switch span {
    case .days(28): break
    case .days(let count): pairs.append(("days", String(count)))
    case .between(let interval):
      pairs.append(("since", CivilDate(dayNumber: interval.first).description))
      pairs.append(("until", CivilDate(dayNumber: interval.last).description))
    }
    if let chosenPeriod { pairs.append(("by", chosenPeriod.rawValue)) }
    for filter in filters where isKept(filter) { pairs += Self.pairs(of: filter) }
    for parameter in own { pairs.append((parameter.name, parameter.value)) }
    return pairs
  }

  static func pairs(of filter: Filter) -> [(name: String, value: String)] {
    let name = filter.field.description
    func number(_ value: Double) -> String { Decimal.shortest(value, places: 9) }
    switch filter.condition {
    case .equals(let value): return [(name, value)]
    case .notEquals(let value): return [(name + "!", value)]
    case .oneOf(let values): return values.map { (name, $0) }
    case .version(let comparison, let version):
      // An address says bounds of versions as it says those of numbers: both ends included.
      return [(name + (comparison == .atLeast || comparison == .above ? ">" : "<"), version)]
    case .range(let min, let max):
      return (min.map { [(name + ">", number($0))] } ?? []) + (max.map { [(name + "<", number($0))] } ?? [])
    }
  }

  /// The first value of a parameter of the page's own.
  func own(_ name: String) -> String? { own.first { $0.name == name }?.value }

  mutating func setOwn(_ name: String, _ value: String) {
    own.removeAll { $0.name == name }
    own.append(Parameter(name: name, value: value))
  }

  func with(_ change: (inout Scope) -> Void) -> Scope {
    var copy = self
    change(&copy)
    return copy
  }

  /// The scope with one more condition: a field that is filtered already is filtered anew.
  func filtering(_ field: FieldPath, _ value: String) -> Scope {
    with { scope in
      scope.filters.removeAll { $0.field == field }
      scope.filters.append(Filter(field, .equals(value)))
    }
  }

  func removing(_ filter: Filter) -> Scope { with { $0.filters.removeAll { $0 == filter } } }

  /// Percent-encodes everything but the unreserved characters of RFC 3986.
  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126, UInt8(ascii: "!"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        result += "%" + (hex.utf8.count == 1 ? "0" + hex : hex)
      }
    }
    return result
  }
}

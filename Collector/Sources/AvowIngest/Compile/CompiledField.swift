import AvowWire

/// A declared field with everything admission asks of a value worked out beforehand.
final class CompiledField: Sendable {
  enum Rule: Sendable {
    case boolean
    case integer(Limits<Int64>)
    case number(Limits<Double>)
    case choice(Choices)
    case pattern(Shape)
    case free(maxLength: Int)
    /// How many numeric parts are kept; the pre-release only with all three.
    case version(parts: Int)
    case list(CompiledField, maxItems: Int)
    case records(Records)
    /// A pattern that does not compile admits nothing.
    case nothing
  }

  let name: String
  let rule: Rule
  let unit: Unit?
  /// Only the collector itself may give the value.
  let isNetwork: Bool

  /// Glean's cap: a clock in milliseconds or a MAC address does not pass for a count.
  static let defaultMagnitude: Int64 = 1 << 40

  init(_ field: Field) {
    name = field.name
    unit = field.unit.flatMap(Unit.init(declared:))
    isNetwork = field.source == .network
    rule = Self.rule(field.type, of: field)
  }

  private static func rule(_ type: FieldType, of field: Field) -> Rule {
    switch type {
    case .boolean: .boolean
    case .integer(let rule):
      .integer(
        Limits(min: rule.min ?? -defaultMagnitude, max: rule.max ?? defaultMagnitude, bucket: rule.bucket))
    case .number(let rule):
      .number(Limits(min: rule.min ?? -.infinity, max: rule.max ?? .infinity, bucket: rule.bucket))
    case .text(.oneOf(let values)): .choice(Choices(values, source: field.source))
    case .text(.pattern(let source)): (try? Pattern(source)).map { .pattern(Shape($0)) } ?? .nothing
    case .text(.free(_, let maxLength)): .free(maxLength: maxLength)
    case .version(let precision):
      .version(parts: precision == .major ? 1 : precision == .minor ? 2 : 3)
    case .list(let element, let maxItems):
      .list(CompiledField(Field(field.name, element, unit: field.unit)), maxItems: maxItems)
    case .records(let fields, let maxItems):
      .records(Records(columns: fields.map(CompiledField.init), maxItems: maxItems))
    }
  }

  /// Whether an object can be a value of the field.
  var takesObject: Bool {
    switch rule {
    case .version, .records: true
    default: false
    }
  }

  var isRecords: Bool { if case .records = rule { true } else { false } }
}

/// The limits of a number; a class, like every payload of a rule, so that reading a rule copies one reference.
final class Limits<Number: Comparable & Sendable>: Sendable {
  private let min: Number
  private let max: Number
  private let bucket: [Number]

  init(min: Number, max: Number, bucket: [Number]) {
    self.min = min
    self.max = max
    self.bucket = bucket
  }

  /// The value as it may be kept, `nil` outside the limits. Below the lowest edge of its buckets a value counts
  /// to the first of them.
  func admit(_ value: Number) -> Number? {
    guard value >= min, value <= max else { return nil }
    return bucket.isEmpty ? value : bucket.last { $0 <= value } ?? bucket[0]
  }
}

/// A compiled pattern.
final class Shape: Sendable {
  let pattern: Pattern

  init(_ pattern: Pattern) { self.pattern = pattern }
}

/// The columns of a list of records.
final class Records: Sendable {
  let columns: [CompiledField]
  let names: KeyTable
  let maxItems: Int

  init(columns: [CompiledField], maxItems: Int) {
    self.columns = columns
    names = KeyTable(names: columns.map(\.name))
    self.maxItems = maxItems
  }
}

/// A closed set of texts, found in any letter case and stored as declared.
final class Choices: Sendable {
  let values: [[UInt8]]
  private let exact: KeyTable
  private let lowered: KeyTable
  private let other: Int
  private let source: StandardField?

  init(_ values: [String], source: StandardField?) {
    self.values = values.map { Array($0.utf8) }
    exact = KeyTable(names: values)
    lowered = KeyTable(names: values.map { $0.lowercased() })
    other = values.firstIndex { $0.lowercased() == "other" } ?? -1
    self.source = source
  }

  /// The index of the declared spelling, `other` where that is listed, -1 for none.
  func find(_ text: Bytes) -> Int {
    guard let base = text.baseAddress else { return other }
    let found = exact.find(text, hash: KeyHash.hash(base, text.count))
    if found >= 0 { return found }
    // Nobody declares a spelling this long; lowering a megabyte would only cost time.
    guard text.count <= 256 else { return other }
    let key = String(decoding: text, as: UTF8.self)
    let known = lowered.find(key.lowercased())
    if known >= 0 { return known }
    if let source {
      let spelled = lowered.find(source.spelling(of: key).lowercased())
      if spelled >= 0 { return spelled }
    }
    return other
  }
}

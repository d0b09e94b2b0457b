/// Names and types a segment's records were written under.
///
/// It travels in the segment, so that another build of the program can still send what a dead process
/// left, and drop what its own catalog no longer declares.
struct SegmentSchema: Hashable, Sendable {
  struct Value: Hashable, Sendable {
    var name: String
    /// The closed set a choice counts in.
    var choices: [String] = []
    /// The cells of a record.
    var cells: [Value] = []
  }

  struct Event: Hashable, Sendable {
    var name: String
    var properties: [Value]
  }

  var app: String
  var context: [Value]
  var events: [Event]
  /// The events that have cells to count in, by their places.
  var counters: [Int] = []

  init(_ catalog: Catalog) {
    app = catalog.app
    context = catalog.context.map(Value.init)
    counters = SpoolPlan.cells(of: catalog).events
    events = catalog.events.map { Event(name: $0.name, properties: $0.properties.map(Value.init)) }
  }

  /// Reads what `bytes` wrote; `nil` for anything else.
  init?(reading bytes: UnsafeRawBufferPointer) {
    var reader = ByteReader(bytes)
    guard let app = reader.string(), let context = Self.values(&reader, depth: 0),
      let count = reader.count()
    else { return nil }
    self.app = app
    self.context = context
    events = []
    for _ in 0..<count {
      guard let name = reader.string(), let properties = Self.values(&reader, depth: 0) else { return nil }
      events.append(Event(name: name, properties: properties))
    }
    guard let counterCount = reader.count() else { return nil }
    for _ in 0..<counterCount {
      guard let event = reader.varint(), event < UInt64(events.count) else { return nil }
      counters.append(Int(event))
    }
  }

  var bytes: [UInt8] {
    var output: [UInt8] = []
    Self.write(app, to: &output)
    Self.write(context, to: &output)
    Self.write(events.count, to: &output)
    for event in events {
      Self.write(event.name, to: &output)
      Self.write(event.properties, to: &output)
    }
    Self.write(counters.count, to: &output)
    for event in counters { Self.write(event, to: &output) }
    return output
  }

  private static func write(_ count: Int, to output: inout [UInt8]) {
    var rest = count
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    write(text.utf8.count, to: &output)
    output.append(contentsOf: text.utf8)
  }

  private static func write(_ values: [Value], to output: inout [UInt8]) {
    write(values.count, to: &output)
    for value in values {
      write(value.name, to: &output)
      write(value.choices.count, to: &output)
      for choice in value.choices { write(choice, to: &output) }
      write(value.cells, to: &output)
    }
  }

  private static func values(_ reader: inout ByteReader, depth: Int) -> [Value]? {
    guard depth < 4, let count = reader.count() else { return nil }
    var values: [Value] = []
    for _ in 0..<count {
      guard let name = reader.string(), let choiceCount = reader.count() else { return nil }
      var value = Value(name: name)
      for _ in 0..<choiceCount {
        guard let choice = reader.string() else { return nil }
        value.choices.append(choice)
      }
      guard let cells = Self.values(&reader, depth: depth + 1) else { return nil }
      value.cells = cells
      values.append(value)
    }
    return values
  }
}

extension SegmentSchema.Value {
  fileprivate init(_ field: Field) {
    name = field.name
    take(field.type)
  }

  private mutating func take(_ type: FieldType) {
    switch type {
    case .text(.oneOf(let values)): choices = values
    case .list(let element, _): take(element)
    case .records(let fields, _): cells = fields.map(Self.init)
    default: break
    }
  }
}

/// Names and types a segment's records were written under.
///
/// It travels in the segment, so that another build of the program can still send what a dead process
/// left, and drop what its own catalog no longer declares.
struct SegmentSchema: Equatable, Sendable {
  struct Value: Equatable, Sendable {
    var name: String
    /// The closed set a choice counts in.
    var choices: [String] = []
    /// The cells of a record.
    var cells: [Value] = []
  }

  struct Event: Equatable, Sendable {
    var name: String
    var properties: [Value]
  }

  var app: String
  var context: [Value]
  var events: [Event]
  /// The events that have cells to count in, by their places.
  var counters: [Int] = []

  /// Reads what `bytes(of:)` wrote; `nil` for anything else.
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

  /// The names and types of a catalog, as a segment holds them.
  static func bytes(of catalog: Catalog) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(1024)
    write(catalog.app, to: &output)
    write(catalog.context, to: &output)
    write(catalog.events.count, to: &output)
    for event in catalog.events {
      write(event.name, to: &output)
      write(event.properties, to: &output)
    }
    let counters = SpoolPlan.cells(of: catalog).events
    write(counters.count, to: &output)
    for event in counters { write(event, to: &output) }
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

  private static func write(_ fields: [Field], to output: inout [UInt8]) {
    write(fields.count, to: &output)
    for field in fields {
      write(field.name, to: &output)
      write(field.type, to: &output)
    }
  }

  /// The closed set a value of the type counts in, and the cells of a record.
  private static func write(_ type: FieldType, to output: inout [UInt8]) {
    switch type {
    case .text(.oneOf(let choices)):
      write(choices.count, to: &output)
      for choice in choices { write(choice, to: &output) }
      write(0, to: &output)
    case .list(let element, _): write(element, to: &output)
    case .records(let fields, _):
      write(0, to: &output)
      write(fields, to: &output)
    default:
      write(0, to: &output)
      write(0, to: &output)
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

/// A catalog's names and rules, laid out for looking up what a literal says.
///
/// Made at the first literal and kept; what it points to is not counted references, so that looking up
/// costs none.
@usableFromInline
final class LiteralTable: @unchecked Sendable {
  // Unchecked: written in `init`, read only afterwards.

  enum Kind { case boolean, integer, number, text, choice, version, other }

  @usableFromInline
  struct Entry {
    var name: TableName
    var kind = Kind.other
    var low = Int.min
    var high = Int.max
    var least = -Double.infinity
    var most = Double.infinity
    var maxLength = 0
    var precision = FieldType.Precision.patch
    /// Where what is outside a closed set goes; -1: nowhere.
    var fallback = -1
    var choices: UnsafeMutableBufferPointer<TableName>
    /// Edges of buckets, as both kinds of number.
    var edges: [Int] = []
    var bounds: [Double] = []
    var isBucketed = false
  }

  struct Event {
    var name: TableName
    var fields: UnsafeMutableBufferPointer<Entry>
  }

  let events: UnsafeMutableBufferPointer<Event>
  /// Indices of events and one, by their names' places; 0 is empty.
  private let places: UnsafeMutableBufferPointer<Int32>

  init(_ catalog: Catalog) {
    events = .allocate(capacity: catalog.events.count)
    var size = 4
    while size < catalog.events.count * 2 { size *= 2 }
    places = .allocate(capacity: size)
    places.initialize(repeating: 0)
    for (index, event) in catalog.events.enumerated() {
      let name = TableName(event.name)
      let fields = UnsafeMutableBufferPointer<Entry>.allocate(capacity: event.properties.count)
      for (field, property) in event.properties.enumerated() {
        fields.initializeElement(at: field, to: Self.entry(property))
      }
      events.initializeElement(at: index, to: Event(name: name, fields: fields))
      var place = name.key.slot(size - 1)
      while places[place] != 0 { place = (place + 1) & (size - 1) }
      places[place] = Int32(index + 1)
    }
  }

  deinit {
    for event in events {
      for field in event.fields {
        for choice in field.choices { choice.bytes.deallocate() }
        field.choices.deallocate()
        field.name.bytes.deallocate()
      }
      event.fields.deinitialize()
      event.fields.deallocate()
      event.name.bytes.deallocate()
    }
    events.deallocate()
    places.deallocate()
  }

  /// The event's index; -1 for a name nobody declared.
  func event(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    let key = NameKey(bytes, count: count)
    let mask = places.count - 1
    var place = key.slot(mask)
    while places[place] != 0 {
      let index = Int(places[place]) - 1
      if events[index].name.equals(key, bytes) { return index }
      place = (place + 1) & mask
    }
    return -1
  }

  private static func entry(_ field: Field) -> Entry {
    var entry = Entry(name: TableName(field.name), choices: .allocate(capacity: 0))
    switch field.type {
    case .boolean: entry.kind = .boolean
    case .integer(let rule):
      entry.kind = .integer
      entry.low = rule.min.map(Int.init) ?? -(1 << 40)
      entry.high = rule.max.map(Int.init) ?? 1 << 40
      entry.edges = rule.bucket.map(Int.init)
    case .number(let rule):
      entry.kind = .number
      entry.least = rule.min ?? -Double.greatestFiniteMagnitude
      entry.most = rule.max ?? Double.greatestFiniteMagnitude
      entry.bounds = rule.bucket
    case .text(.oneOf(let values)):
      entry.kind = .choice
      entry.choices.deallocate()
      entry.choices = .allocate(capacity: values.count)
      for (index, value) in values.enumerated() {
        entry.choices.initializeElement(at: index, to: TableName(value))
      }
      entry.fallback = values.firstIndex(of: "other") ?? -1
    case .text(.pattern(let source)):
      entry.kind = .text
      entry.maxLength = PatternLength.most(source)
    case .text(.free(_, let maxLength)):
      entry.kind = .text
      entry.maxLength = maxLength
    case .version(let precision):
      entry.kind = .version
      entry.precision = precision
    case .list, .records: break
    }
    entry.isBucketed = !entry.edges.isEmpty || !entry.bounds.isEmpty
    entry.high = Swift.max(entry.low, entry.high)
    entry.most = Swift.max(entry.least, entry.most)
    return entry
  }
}

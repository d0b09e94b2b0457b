/// What a catalog declares and this run does not record: expired, or not shown to the user yet.
///
/// Left out before it is written anywhere, so that nothing has to be taken out of a file later.
///
/// Lists and not sets: they are short, mostly empty, and a set's type costs a program's start.
struct Muting: Equatable, Sendable {
  struct Properties: Equatable, Sendable {
    var event: Int
    var fields: [Int]
  }

  var isOfAll = false
  var events: [Int] = []
  var properties: [Properties] = []
  var context: [Int] = []

  init() {}

  /// Leaves out what was not shown, and the `expired` events.
  init(_ widening: Widening?, expired: [Int], _ catalog: Catalog) {
    events = expired
    guard let widening else { return }
    isOfAll = widening.isOfAll
    for event in catalog.events.indices {
      let isNew = widening.isOfAll || widening.events.contains(event)
      if isNew, !events.contains(event) { events.append(event) }
    }
    properties = widening.properties
    context = widening.context
  }

  /// The fields left out of an event that is recorded; `nil` for none.
  func fields(of event: Int) -> [Int]? { properties.first { $0.event == event }?.fields }

  /// Whether the record path has to look at all.
  var concernsEvents: Bool { !events.isEmpty || !properties.isEmpty }

  /// Copies encoded values without the muted fields; returns the length of what is left, with zeros up to
  /// the last word's end behind it. `output` has room for `count` bytes and a word.
  static func copy(
    _ values: UnsafeRawBufferPointer, without muted: [Int], to output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var reader = ByteReader(values)
    var length = 0
    while !reader.isAtEnd {
      let start = reader.position
      guard let field = ValueReader.skip(&reader) else { break }
      guard !muted.contains(field) else { continue }
      for byte in values[start..<reader.position] {
        output[length] = byte
        length += 1
      }
    }
    UnsafeMutableRawPointer(output).storeBytes(of: 0, toByteOffset: length, as: UInt64.self)
    return length
  }
}

extension ValueReader {
  /// Passes one value with its key and returns its field; `nil` when the bytes are not whole.
  static func skip(_ reader: inout ByteReader) -> Int? {
    guard let (field, kind) = key(&reader) else { return nil }
    let isWhole: Bool
    switch kind {
    case EventEncoder.Kind.no, EventEncoder.Kind.yes: isWhole = true
    case EventEncoder.Kind.integer, EventEncoder.Kind.choice: isWhole = reader.varint() != nil
    case EventEncoder.Kind.number: isWhole = reader.word() != nil
    case EventEncoder.Kind.text: isWhole = reader.count().flatMap { reader.run($0) } != nil
    default: isWhole = reader.short().flatMap { reader.run($0) } != nil
    }
    return isWhole ? field : nil
  }
}

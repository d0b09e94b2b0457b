import AvowTesting
import Testing

@testable import Avow

/// What is in a spool's file is nobody's promise: another build, a power cut or a stranger may have written
/// it. The inner types are tested here because no public call can hand them damaged bytes quickly enough.
@Suite struct SpoolFuzzTests {
  /// A segment with `count` events and the bytes of it.
  static func segment(_ count: Int) throws -> (header: SegmentHeader, bytes: [UInt8], ends: [Int]) {
    let plan = SpoolPlan(Workshop.catalog, digest: Workshop.digest, firstCapacity: 16 * 1024)
    let clock = ManualClock()
    let spool = Spool(
      plan: plan, clock: clock, openDirectory: { .failure(.init(reason: "none")) }, probeContext: { [] },
      signals: .init(firstEvent: {}, rotated: {}, forked: {}))
    spool.setMode(.enabled, epoch: 0)
    for number in 0..<count {
      let event = Workshop.Event.optimize(
        modelSize: number, ratio: 0.5, model: "bert", passes: [.fold, .prune],
        results: [.init(technique: "half", latency: 1), .init(technique: "none")])
      withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { memory in
        var encoder = EventEncoder(
          memory.baseAddress!.assumingMemoryBound(to: UInt8.self), capacity: 1024)
        event.encode(into: &encoder)
        spool.append(&encoder)
      }
    }
    let segment = try #require(spool.state.current)
    let header = try #require(segment.header)
    let whole = Self.read(header, Array(segment.bytes))
    return (header, Array(segment.bytes), whole.map { Int($0.number) * 8 })
  }

  static func read(_ header: SegmentHeader, _ bytes: [UInt8]) -> [EventReport.Event] {
    guard let schema = header.schema.withUnsafeBytes({ SegmentSchema(reading: $0) }) else { return [] }
    let records = SegmentRecords(header: header, schema: schema, declared: nil)
    return bytes.withUnsafeBytes { records.read($0, from: 0, limit: .max, isDead: true).events }
  }

  /// As an adopting process does: header and all.
  static func adopt(_ bytes: [UInt8]) -> [EventReport.Event] {
    guard let header = bytes.withUnsafeBytes({ SegmentHeader(reading: $0) }) else { return [] }
    return read(header, bytes)
  }

  @Test func `every prefix of a segment gives the whole records in it`() throws {
    let (_, bytes, starts) = try Self.segment(8)
    let all = Self.adopt(bytes)
    #expect(all.count == 8)
    let size = starts[1] - starts[0]
    for length in 0...(starts[7] + size) {
      let expected = starts.filter { $0 + size <= length }.count
      // Adoption never maps a part of a word.
      let found = Self.adopt(Array(bytes[..<(length & ~7)]))
      #expect(found == Array(all.prefix(expected)))
    }
  }

  @Test func `damage to one record leaves the others`() throws {
    let (_, bytes, starts) = try Self.segment(8)
    let all = Self.adopt(bytes)
    let size = starts[1] - starts[0]
    for victim in starts.indices {
      for offset in 0..<size {
        var damaged = bytes
        damaged[starts[victim] + offset] ^= 0x40
        var rest = all
        rest.remove(at: victim)
        let found = Self.adopt(damaged)
        // A changed bit in the padding or the sum itself is damage like any other.
        #expect(found == rest)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `random damage never crashes, and what is read was recorded`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let (_, bytes, _) = try Self.segment(60)
    let all = Dictionary(uniqueKeysWithValues: Self.adopt(bytes).map { ($0.number, $0) })
    let used = 10_000
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<Int(random.next() % 40 + 1) {
        let place = Int(random.next() % UInt64(used))
        switch random.next() % 3 {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: damaged[place] = 0xFF
        default:
          for index in place..<min(place + 64, used) {
            damaged[index] = UInt8(truncatingIfNeeded: random.next())
          }
        }
      }
      #expect(Self.adopt(damaged).allSatisfy { all[$0.number] == $0 })
    }
  }

  @Test func `random bytes are no segment, names or values`() {
    var random = SplitMix(state: 7)
    for _ in 0..<2000 {
      let bytes = (0..<Int(random.next() % 600)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(Self.adopt(bytes).isEmpty)
      bytes.withUnsafeBytes {
        _ = SegmentSchema(reading: $0)
        _ = ValueReader.members($0, [])
      }
    }
    // The deepest nesting that fits a record must not use up the stack.
    var nested: [UInt8] = []
    for depth in 0..<12_000 {
      let length = 60_000 - depth * 5
      nested += [0x07, UInt8(truncatingIfNeeded: length - 3), UInt8(truncatingIfNeeded: (length - 3) >> 8)]
      nested += [UInt8(truncatingIfNeeded: length - 5), UInt8(truncatingIfNeeded: (length - 5) >> 8)]
    }
    nested.withUnsafeBytes { #expect(ValueReader.members($0, []) == nil) }
  }

  @Test func `a segment of another build gives only what is still declared`() throws {
    let (header, bytes, _) = try Self.segment(1)
    let schema = try #require(header.schema.withUnsafeBytes { SegmentSchema(reading: $0) })
    let catalog = Workshop.catalog
    #expect(schema.app == catalog.app)
    #expect(schema.counters == SpoolPlan.cells(of: catalog).events)
    #expect(schema.context.map(\.name) == catalog.context.map(\.name))
    #expect(schema.events.map(\.name) == catalog.events.map(\.name))
    for (event, declared) in zip(schema.events, catalog.events) {
      #expect(event.properties.map(\.name) == declared.properties.map(\.name))
      #expect(event.properties.map(\.choices) == declared.properties.map(\.type.choices))
      #expect(event.properties.map { $0.cells.map(\.name) } == declared.properties.map(\.type.cells))
    }
    var narrow = catalog
    narrow.context = []
    narrow.events = [EventDeclaration("optimize", properties: [Field("ratio", .number())])]
    let records = SegmentRecords(header: header, schema: schema, declared: narrow)
    let events = bytes.withUnsafeBytes { records.read($0, from: 0, limit: .max, isDead: true).events }
    #expect(events.map { $0.properties.map(\.name) } == [["ratio"]])
    #expect(events.first?.context == [])
    narrow.events = []
    let none = SegmentRecords(header: header, schema: schema, declared: narrow)
    #expect(bytes.withUnsafeBytes { none.read($0, from: 0, limit: .max, isDead: true).events } == [])
  }
}

/// Numbers that look random and are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension FieldType {
  fileprivate var choices: [String] {
    switch self {
    case .text(.oneOf(let values)): values
    case .list(let element, _): element.choices
    default: []
    }
  }

  fileprivate var cells: [String] {
    if case .records(let fields, _) = self { fields.map(\.name) } else { [] }
  }
}

public import AvowWire

/// Batches as a collector would see them, the same for the same seed: late events, wrong clocks, retries,
/// events without id, user or session, clients without a lasting state, absent values.
public struct SampleTraffic: Sendable {
  private var random: SplitMix64
  private let catalog: Catalog
  private let digest: String
  private let users: [Person]
  /// With the receipt of each.
  private var sent: [(event: SampleEvent, received: Timestamp)] = []
  /// When the last batch arrived.
  private(set) var received: Timestamp

  private struct Person: Sendable {
    var user: Identifier128
    var context: [String: JSONValue]
    /// How far his clock is ahead.
    var skew: Int64
    var isEphemeral: Bool
  }

  /// - Parameter start: When the first batch arrives.
  public init(seed: UInt64, catalog: Catalog, users: Int = 40, start: Timestamp) {
    var random = SplitMix64(seed: seed)
    self.catalog = catalog
    digest = catalog.digest
    self.users = (0..<users).map { _ in
      // Around the edges of what is plausible, hours off as a wrong zone makes it, broken, and mostly right.
      let skew: Int64 =
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .random(in: 590_000...610_000, using: &random)
        case 1: -.random(in: 1...12, using: &random) * 3_600_000
        case 2: .random(in: 30_000...90_000, using: &random)
        case 3: -40 * 86_400_000
        case 4: 3_600_000
        default: .random(in: -2_000...2_000, using: &random)
        }
      return Person(
        user: random.id(), context: Self.context(of: catalog, &random), skew: skew,
        isEphemeral: random.chance(0.1))
    }
    self.random = random
    received = start
  }

  /// A retry comes within so many days.
  private static let patience: Int64 = 5 * 86_400_000

  /// Returns the next batch, received up to so many milliseconds after the one before.
  public mutating func next(events count: Int = 40, within pace: Int64 = 7_200_000) -> EventBatch {
    received.milliseconds += .random(in: 1_000...max(1_000, pace), using: &random)
    var events: [SampleEvent] = []
    while events.count < count {
      if !sent.isEmpty, random.chance(0.1) {
        // Seldom an old one, mostly one of the last: a retry repeats everything but when it arrives.
        let reach = random.chance(0.2) ? sent.count : min(sent.count, 60)
        var (event, before) = sent[sent.count - 1 - .random(in: 0..<reach, using: &random)]
        guard event.id != nil, received.milliseconds - before.milliseconds < Self.patience else { continue }
        event.time = plausible(event.time.milliseconds + .random(in: -5...5, using: &random))
        events.append(event)
      } else {
        let event = fresh()
        sent.append((event, received))
        events.append(event)
        // The same event twice in one request.
        if random.chance(0.02) { events.append(event) }
      }
    }
    return EventBatch(events, catalog: catalog, digest: digest, received: received)
  }

  private mutating func fresh() -> SampleEvent {
    let person = users[.random(in: 0..<users.count, using: &random)]
    let declaration = catalog.events[.random(in: 0..<catalog.events.count, using: &random)]
    let part = Double.random(in: 0..<1, using: &random)
    let lateness = random.chance(0.03) ? part * 6 * 86_400_000 : part * part * part * part * 3_600_000
    let happened = received.milliseconds - Int64(lateness)
    var properties: [String: JSONValue] = [:]
    for field in declaration.properties where random.chance(0.85) {
      properties[field.name] = Self.value(field, &random)
    }
    var context = person.context
    if catalog.context.contains(where: { $0.name == "uptime" }), random.chance(0.7) {
      context["uptime"] = .integer(.random(in: 0..<100_000, using: &random))
    }
    let says = random.chance(0.93)
    return SampleEvent(
      declaration.name, id: random.chance(0.93) ? random.id() : nil, time: plausible(happened),
      sentTime: Timestamp(milliseconds: says ? happened + person.skew : 0),
      user: random.chance(0.96) ? person.user : nil,
      session: random.chance(0.7) ? random.id() : nil, isEphemeral: person.isEphemeral,
      context: random.chance(0.97) ? context : [:], properties: properties)
  }

  private func plausible(_ milliseconds: Int64) -> Timestamp {
    let isPlausible =
      milliseconds >= received.milliseconds - 30 * 86_400_000
      && milliseconds <= received.milliseconds + 600_000
    return isPlausible ? Timestamp(milliseconds: milliseconds) : received
  }

  private static func context(of catalog: Catalog, _ random: inout SplitMix64) -> [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    for field in catalog.context where random.chance(0.85) { values[field.name] = value(field, &random) }
    return values
  }

  /// Few different values, so that groups have several members and filters find something.
  static func value(_ field: Field, _ random: inout SplitMix64) -> JSONValue {
    value(field.type, &random)
  }

  private static func value(_ type: FieldType, _ random: inout SplitMix64) -> JSONValue {
    switch type {
    case .boolean: return .boolean(random.chance(0.4))
    case .integer:
      return .integer(
        random.chance(0.1)
          ? .random(in: -(1 << 40)...(1 << 40), using: &random) : .random(in: 0...9, using: &random))
    case .number:
      return .number(random.chance(0.3) ? 2 : Double(Int.random(in: -400...4000, using: &random)) / 16)
    case .text(.oneOf(let values)): return .string(values.randomElement(using: &random) ?? "")
    case .text:
      let texts = ["alpha", "beta", "gamma", "delta", "größe", "", "it's", "\"x\"", "omega"]
      let index = Int(Double(texts.count) * pow2(.random(in: 0..<1, using: &random)))
      return .string(texts[index])
    case .version: return .string(["1.0", "1.2.10", "2.0rc1", "10.1"].randomElement(using: &random) ?? "")
    case .list(let element, _):
      return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(element, &random) })
    case .records(let fields, _):
      var rows: [JSONValue] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        var row: [String: JSONValue] = [:]
        for field in fields where random.chance(0.8) { row[field.name] = value(field, &random) }
        return .object(row)
      }
      // A batch has no place for records without a cell after the last that has some.
      while rows.last == .object([:]) { rows.removeLast() }
      return .array(rows)
    }
  }

  private static func pow2(_ value: Double) -> Double { value * value }
}

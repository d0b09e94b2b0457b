import AvowStore
import AvowWire
import Foundation

/// A year of made-up traffic: 20 events, 500 000 users, 30 versions, 8 context values, 4 to 6 properties;
/// skewed; 99 in 100 events up to an hour late (half of them under four minutes), the rest up to a week.
struct Traffic {
  static let days = 365
  static let firstDay = CivilDate(year: 2025, month: 11, day: 1).dayNumber
  static let userCount = 500_000

  static let catalog: Catalog = {
    let text = FieldType.text(.pattern("[a-z0-9_ .-]{1,64}"))
    let properties = [
      Field("model", text), Field("backend", text), Field("seconds", .number()), Field("rows", .integer()),
      Field("cached", .boolean), Field("batch", .integer()),
    ]
    return Catalog(
      app: "bench", name: "Bench", version: 1,
      context: [
        Field("app_version", .version(), source: .appVersion),
        Field("os_name", StandardField.osName.type, source: .osName), Field("os_version", .version()),
        Field("architecture", text), Field("cores", StandardField.cores.type, source: .cores),
        Field("runtime_version", .version()), Field("ci_vendor", text), Field("edition", text),
      ],
      events: (0..<20).map {
        EventDeclaration("event_\($0)", properties: Array(properties.prefix(4 + $0 % 3)))
      })
  }()

  private struct Person {
    var id: Identifier128
    var system, systemVersion, architecture, cores, runtime, vendor, edition: Int
    /// Days after a release until he has it.
    var lag: Int
  }

  private var random: Generator
  private let people: [Person]
  private let eventLimits: [Double]
  private let digest: String
  private let total: Int
  private var made = 0
  private static let systems = ["linux", "macos", "windows", "freebsd", "android", "other"]

  /// xorshift; the quality does not matter here, the speed does.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state &* 0x2545_F491_4F6C_DD1D
    }
    mutating func part() -> Double { Double(next() >> 11) * 0x1p-53 }
    mutating func skewed(_ count: Int, _ power: Double) -> Int { Int(Double(count) * pow(part(), power)) }
  }

  /// When the traffic begins, in milliseconds since 1970.
  private let begin: Int64

  /// - Parameter seed: Another one gives other events of other people.
  init(total: Int, from begin: Int64 = Int64(Traffic.firstDay) * 86_400_000, seed: UInt64 = 0) {
    self.begin = begin
    var random = Generator(state: 88_172_645_463_325_252 ^ seed)
    self.total = total
    digest = Self.catalog.digest
    people = (0..<Self.userCount).map { _ in
      Person(
        id: Identifier128(high: random.next(), low: random.next()), system: random.skewed(6, 2.5),
        systemVersion: random.skewed(12, 2), architecture: random.skewed(3, 2), cores: random.skewed(6, 1),
        runtime: random.skewed(15, 2), vendor: random.part() < 0.8 ? -1 : random.skewed(5, 1.5),
        edition: random.skewed(3, 2), lag: random.skewed(120, 3))
    }
    var sum = 0.0
    let limits = (0..<20).map { index -> Double in
      sum += 1 / pow(Double(index) + 0.7, 1.1)
      return sum
    }
    eventLimits = limits.map { $0 / sum }
    self.random = random
  }

  /// The moment of the simulated year that is reached.
  var now: Int64 {
    begin + Int64(Double(made) / Double(total) * Double(Self.days) * 86_400_000)
  }

  /// Returns the next batch: sessions of three events of one user each.
  ///
  /// - Parameter moment: When it came; `nil`: the moment that is reached.
  mutating func next(events count: Int = 99, at moment: Int64? = nil) -> EventBatch {
    let received = moment ?? now
    var batch = EventBatch(catalog: Self.catalog, digest: digest, received: Timestamp(milliseconds: received))
    batch.entries.reserveCapacity(count)
    batch.values.reserveCapacity(count * 9)
    for _ in 0..<count / 3 {
      let person = people[random.skewed(people.count, 1.6)]
      let day = Int(received / 86_400_000) - Self.firstDay
      let first = batch.values.count
      func add(_ field: Int, _ text: String) {
        batch.values.append(.init(field: field, kind: .text, payload: batch.intern(text.utf8)))
      }
      add(0, Self.version(max(0, day - person.lag) * 30 / Self.days))
      add(1, Self.systems[person.system])
      add(2, "\(10 + person.systemVersion).\(person.systemVersion % 4)")
      add(3, ["x86_64", "arm64", "riscv64"][person.architecture])
      batch.values.append(.init(field: 4, kind: .integer, payload: UInt64(1 << (person.cores + 1))))
      add(5, "3.\(person.runtime)")
      if person.vendor >= 0 { add(6, "vendor_\(person.vendor)") }
      add(7, ["oss", "cloud", "enterprise"][person.edition])
      let context = first..<batch.values.count
      let part = random.part()
      let late =
        random.part() < 0.01 ? Int64(part * 7 * 86_400_000) : Int64(part * part * part * part * 3_600_000)
      let session = Identifier128(high: random.next(), low: random.next())
      for step in 0..<3 {
        let start = batch.values.count
        let choice = random.part()
        let event = eventLimits.firstIndex { choice < $0 } ?? 19
        add(0, "model number \(random.skewed(200, 2))")
        add(1, "backend-\(random.skewed(12, 1.5))")
        let seconds = (exp(random.part() * 9 - 4) * 1000).rounded() / 1000
        batch.values.append(.init(field: 2, kind: .number, payload: seconds.bitPattern))
        batch.values.append(.init(field: 3, kind: .integer, payload: UInt64(random.skewed(1_000_000, 4))))
        if event % 3 > 0 { batch.values.append(.init(field: 4, kind: .boolean, payload: random.next() & 1)) }
        if event % 3 > 1 {
          batch.values.append(.init(field: 5, kind: .integer, payload: 1 << (random.next() % 9)))
        }
        let time = Timestamp(milliseconds: received - late + Int64(step) * 700)
        batch.entries.append(
          .init(
            event: event, id: Identifier128(high: random.next(), low: random.next()), sentTime: time,
            time: min(time, Timestamp(milliseconds: received)), user: person.id, session: session,
            properties: start..<batch.values.count, context: context))
      }
    }
    made += count
    return batch
  }

  static func version(_ number: Int) -> String { "1.\(min(29, number)).0" }
}

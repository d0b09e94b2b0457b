import AvowWire

/// The real clients of BlindAI, Jina, Speedster and Evidently, as far as a collector can see them.
///
/// Each method returns the requests that a simulated population sends on one day, byte for byte in
/// the form each release of the client writes: key order, number forms, envelope, headers. The same
/// seed gives the same requests.
///
/// ```swift
/// let clients = SeedClients(seed: 1, keys: ["evidently": "wk_1"], firstDay: 20_000, days: 60)
/// for request in clients.evidently(day: 0) { send(request) }
/// ```
public struct SeedClients: Sendable {
  /// The apps, in the order of the tables.
  public static let apps = ["blindai", "jina", "speedster", "evidently"]

  /// The write keys by app; only BlindAI's first releases and Evidently send one.
  public let keys: [String: String]
  /// The first simulated day, counted from 1970-01-01.
  public let firstDay: Int
  /// How many days are simulated.
  public let days: Int
  let seed: UInt64
  let populations: [String: Population]

  /// Creates the clients and their users.
  ///
  /// - Parameter size: How many users the largest population has in the end.
  public init(
    seed: UInt64, keys: [String: String], firstDay: Int, days: Int = 60, size: Int = 48
  ) {
    self.seed = seed
    self.keys = keys
    self.firstDay = firstDay
    self.days = days
    func population(_ number: Int, share: Double, linux: Int) -> Population {
      Population(
        seed: SeededGenerator.seed(seed, number),
        size: max(1, Int(Double(size) * share)), firstDay: firstDay, days: days, linux: linux)
    }
    populations = [
      "blindai": population(1, share: 0.5, linux: 94), "jina": population(2, share: 0.8, linux: 70),
      "speedster": population(3, share: 0.75, linux: 72),
      "evidently": population(4, share: 1, linux: 45),
    ]
  }

  /// Returns everything that arrives on a day (0 is the first), in the order of the clock.
  public func requests(day: Int) -> [ForeignRequest] {
    (blindAI(day: day) + jina(day: day) + speedster(day: day) + evidently(day: day)
      + jitsuRows(day: day))
      .sorted { $0.time < $1.time }
  }

  /// Returns one of each kind of request that any release of any client sends, for tests.
  public func samples() -> [ForeignRequest] {
    var kinds: Set<String> = []
    return (0..<days).lazy.flatMap { requests(day: $0) }.filter {
      kinds.insert(
        "\($0.app) \($0.generation) \($0.path) \($0.dropped > 0) \($0.refused > 0) \($0.duplicates > 0)"
      ).inserted
    }
  }

  /// A moment of the day, mostly within working hours.
  func moment(day: Int, _ random: inout SeededGenerator) -> Timestamp {
    let hour = 7 + (random.unit() + random.unit()) * 6.5
    return Timestamp(
      milliseconds: Timestamp(day: firstDay + day).milliseconds + Int64(hour * 3_600_000))
  }

  func population(of app: String) -> Population {
    // The four keys are set in `init`.
    populations[app] ?? Population(seed: 0, size: 0, firstDay: firstDay, days: days, linux: 50)
  }
}

extension Timestamp {
  func advanced(bySeconds seconds: Double) -> Timestamp {
    Timestamp(milliseconds: milliseconds + Int64(seconds * 1000))
  }
}

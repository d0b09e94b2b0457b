import AvowStore
import AvowStoreTesting
import AvowWire

/// A week of made-up use: who sent what from where, in a real store.
struct Crowd {
  struct Use: Hashable {
    var user: Int
    var event: String
    var os: String
    var version: String
  }

  static let now = Timestamp(milliseconds: 1_795_262_400_000)  // Saturday 2026-11-21, noon
  static let monday = CivilDate(year: 2026, month: 11, day: 9).dayNumber

  static func catalog(_ identity: Catalog.Identity = .init(), zone: String? = nil) -> Catalog {
    Catalog(
      app: "loom", name: "Loom", version: 1, identity: identity, reportingZone: zone,
      context: [
        Field("app_version", .version(), source: .appVersion),
        Field("os_name", StandardField.osName.type, source: .osName),
        Field("plugins", .list(of: .text(.pattern("[a-z]{1,16}")))),
        Field("load", .number()),
      ],
      events: ["weave", "cut", "dye"].map { EventDeclaration($0) })
  }

  let catalog: Catalog
  private(set) var uses: [Use] = []
  private let store = MemoryEventStore { Crowd.now }
  private var sent: UInt64 = 0

  init(_ identity: Catalog.Identity = .init()) async throws {
    catalog = Self.catalog(identity)
    try await store.install(catalog)
  }

  /// Stores each use once, on a day of the week that begins on `monday`.
  mutating func add(_ uses: [Use], week: Int = monday) async throws {
    var events: [SampleEvent] = []
    for use in uses {
      sent += 1
      events.append(
        SampleEvent(
          use.event, id: Identifier128(high: 7, low: sent), time: Timestamp(day: week + Int(sent % 7)),
          user: Identifier128(high: 1, low: UInt64(use.user)),
          context: ["os_name": .string(use.os), "app_version": .string(use.version)]))
    }
    _ = try await store.append(EventBatch(events, catalog: catalog, received: Self.now))
    self.uses += uses
  }

  /// The exact number of users of the week, which is not published.
  func users(of event: String? = nil) async throws -> Double {
    let week = DayInterval(first: Self.monday, last: Self.monday + 6)
    let question = Question(
      app: catalog.app, .activeUsers, event: event, interval: week, period: .total)
    return try await store.answer(question).series[0].total
  }

  func question(_ text: String) throws -> PublicQuestion { try PublicQuestion(text, catalog: catalog) }

  /// Publishes questions one after the other, each beside those before it, or as if it were alone.
  func publish(
    _ texts: [String], week: Int = monday, areAlone: Bool = false
  ) async throws -> [(PublicQuestion, Publication)] {
    let gate = PrivacyGate(catalog: catalog) { [store] in try await store.answer($0) }
    var published: [(PublicQuestion, Publication)] = []
    for text in texts {
      let question = try question(text)
      published.append(
        (
          question,
          try await gate.publication(of: question, week: week, beside: areAlone ? [] : published)
        ))
    }
    return published
  }
}

extension Crowd.Use {
  init(_ user: Int, _ event: String = "weave", _ os: String = "linux", _ version: String = "1.0") {
    self.init(user: user, event: event, os: os, version: version)
  }
}

extension Publication {
  /// `linux 30`, ...
  var lines: [String] {
    groups.map { ($0.isOther ? "other" : $0.key.map { $0 ?? "-" }.joined(separator: "+")) + " \($0.value)" }
  }
}

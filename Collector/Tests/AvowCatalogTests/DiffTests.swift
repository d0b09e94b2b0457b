import AvowCatalog
import AvowWire
import Testing

struct DiffTests {
  private func diff(_ old: String, _ new: String) throws -> CatalogDiff {
    precondition(smallCatalog.contains(old))
    let before = try #require(CatalogFile.read(smallCatalog, file: "old").catalog)
    let reading = CatalogFile.read(smallCatalog.replacing(old, with: new), file: "new")
    let after = try #require(reading.catalog, "\(reading.diagnostics)")
    return CatalogDiff(from: before, to: after)
  }

  @Test(arguments: Catalogs.names)
  func `a catalog does not differ from itself`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    let diff = CatalogDiff(from: catalog, to: catalog)
    #expect(diff.changes == [])
    #expect(!diff.needsNewVersion)
    #expect(diff.text == "Nothing changed.\n")
  }

  @Test(arguments: [
    ("dependency: version", "dependency: version\n      other: boolean", "`other` is sent with `ran`."),
    ("one_of: [oss, cloud]", "one_of: [oss, cloud, edge]", "`edition` of every event may be `edge`."),
    ("13 months", "14 months", "Events are kept for 14 months instead of 13 months."),
    ("TOOL_OFF: truthy", "OTHER: truthy", "`TOOL_OFF` no longer switches telemetry off."),
    ("ip_address, ", "", "It is no longer promised never to collect: IP addresses."),
    (
      "telemetry.example.org", "elsewhere.example.org",
      "The data goes to https://elsewhere.example.org instead of https://telemetry.example.org."
    ),
    (
      "precision: minor", "precision: patch",
      "`python_version` of every event keeps the version to its patch number instead of minor."
    ),
    ("bucket: [0, 1, 10], ", "", "`count` of `ran` is coarsened no longer."),
    ("max_items: 8", "max_items: 9", "`steps` of `ran` has at most 9 items instead of 8."),
    ("min: 0}", "min: -1}", "`latency` of `steps` of `ran` is at least -1.0 instead of 0.0."),
    (
      "expires: 2031-01-01", "expires: 2032-01-01",
      "The end of the event `ran` is 2032-01-01 instead of 2031-01-01."
    ),
    (
      "dependency: version", "dependency: integer",
      "`dependency` of `ran` is of type integer instead of version."
    ),
  ])
  func `what widens is said and asks for a new version`(old: String, new: String, sentence: String) throws {
    let diff = try diff(old, new)
    #expect(diff.changes.contains(.init(.widens, sentence)), "\(diff.text)")
    #expect(diff.needsNewVersion)
  }

  @Test(arguments: [
    ("ci: enabled", "ci: disabled", "Machines of continuous integration no longer report."),
    ("TOOL_OFF: truthy", "TOOL_OFF: set", "`TOOL_OFF` switches off whatever its value."),
    ("      dependency: version\n", "", "`dependency` is no longer sent with `ran`."),
    ("one_of: [oss, cloud]", "one_of: [oss]", "`edition` of every event may no longer be `cloud`."),
  ])
  func `what narrows is said and needs no new version`(old: String, new: String, sentence: String) throws {
    let diff = try diff(old, new)
    #expect(diff.changes.contains(.init(.narrows, sentence)), "\(diff.text)")
    #expect(!diff.needsNewVersion)
  }

  @Test func `a new version may widen, and other words are neutral`() throws {
    let before = try #require(CatalogFile.read(smallCatalog, file: "old").catalog)
    var after = before
    after.version += 1
    after.events.append(EventDeclaration("stopped", description: "The tool stopped."))
    after.purpose = "Something else."
    let diff = CatalogDiff(from: before, to: after)
    #expect(!diff.needsNewVersion)
    #expect(diff.changes.map(\.effect) == [.widens, .neutral])
    #expect(
      diff.markdown.contains(
        "### More is collected\n\n- The event `stopped` (The tool stopped.) is reported.\n"))
    #expect(diff.json["changes"]?.arrayValue?.count == 2)
  }

  /// Every class of change, made to the catalog that says every key: its effect and its sentence.
  static let changes: [(@Sendable (inout Catalog) -> Void, CatalogDiff.Effect, String)] = [
    ({ $0.app = "other" }, .widens, "The app is now `other` instead of `whole`."),
    ({ $0.consent.default = .enabled }, .widens, "Telemetry is enabled by default instead of ask."),
    ({ $0.consent.default = .disabled }, .narrows, "Telemetry is disabled by default instead of ask."),
    ({ $0.consent.optOut.removeLast() }, .widens, "`OTHER_OFF` no longer switches telemetry off."),
    (
      { $0.consent.optOut.append(.init(name: "NEW_OFF", meaning: .set)) }, .narrows,
      "`NEW_OFF` switches telemetry off."
    ),
    ({ $0.consent.reportsInCI = false }, .narrows, "Machines of continuous integration no longer report."),
    ({ $0.consent.enabledNotice = nil }, .neutral, "The notice has other words."),
    (
      { $0.identity.user = .installation }, .widens,
      "A user is a random identifier that is kept instead of a random identifier, new at each start."
    ),
    (
      { $0.identity.user = .none }, .narrows,
      "A user is nothing instead of a random identifier, new at each start."
    ),
    ({ $0.identity.rotate = .never }, .widens, "The identifier changes never instead of every week."),
    ({ $0.identity.rotate = .day }, .narrows, "The identifier changes every day instead of every week."),
    ({ $0.identity.session = .process }, .widens, "Events of one run carry a common identifier."),
    (
      { $0.recipient = .init(name: "Other") }, .widens, "The data is received by Other instead of Example."
    ),
    (
      { $0.delivery.to = "https://b.example.org" }, .widens,
      "The data goes to https://b.example.org instead of https://collector.example.org."
    ),
    (
      { $0.delivery.everyMilliseconds = 2000 }, .neutral,
      "The client looks for new events every 2 seconds instead of every 10 minutes."
    ),
    ({ $0.delivery.format = .avow }, .neutral, "Events are sent in the format of avow instead of segment."),
    ({ $0.delivery.key = "wk_b" }, .neutral, "The write key is another one."),
    ({ $0.reportingZone = nil }, .neutral, "Charts count the days of UTC instead of Europe/Paris."),
    ({ $0.retention = .years(3) }, .widens, "Events are kept for 3 years instead of 2 years."),
    ({ $0.retention = .days(9) }, .narrows, "Events are kept for 9 days instead of 2 years."),
    ({ $0.retention = .days(732) }, .neutral, "Events are kept for 732 days instead of 2 years."),
    ({ $0.never.removeLast() }, .widens, "It is no longer promised never to collect: Your work."),
    ({ $0.never.append(.sentence("More.")) }, .narrows, "It is promised never to collect: More."),
    ({ $0.published = [] }, .narrows, "The answer to `users by week` is no longer published."),
    (
      { $0.published.append(.init(text: "run by day")) }, .widens, "The answer to `run by day` is published."
    ),
    ({ $0.accepts.removeLast() }, .neutral, "Requests of other clients are read in another way."),
    ({ $0.purpose = "p" }, .neutral, "Other words: purpose."),
    (
      {
        $0.name = "n"
        $0.since = "1"
        $0.contact = "c"
        $0.please = "p"
        $0.questions = []
        $0.source = []
        $0.deletion = "d"
        $0.scope = "s"
      }, .neutral, "Other words: name, since, contact, please, questions, source, deletion, scope."
    ),
    ({ $0.context.removeLast() }, .narrows, "`edition` is no longer sent with every event."),
    (
      { $0.context[0].source = nil }, .widens,
      "`app_version` of every event comes from the program instead of app_version."
    ),
    ({ $0.context[0].why = "w" }, .neutral, "`app_version` of every event is described in other words."),
    ({ $0.context[13].since = "0.9" }, .neutral, "`edition` of every event is described in other words."),
    ({ $0.context[13].sensitivity = nil }, .neutral, "`edition` of every event is described in other words."),
    ({ $0.context[11].wire = nil }, .neutral, "`python` of every event has another name in other formats."),
    ({ $0.events.removeLast() }, .narrows, "The event `idle` is no longer reported."),
    ({ $0.events.append(EventDeclaration("new")) }, .widens, "The event `new` is reported."),
    (
      { $0.events.append(EventDeclaration("new", description: "D.", status: .dormant)) }, .widens,
      "The event `new` (D.) is reported, though not yet sent."
    ),
    ({ $0.events[0].status = .active }, .widens, "The event `run` is now sent."),
    ({ $0.events[1].status = .dormant }, .narrows, "The event `stop` is no longer sent."),
    (
      { $0.events[0].expires = .never }, .widens, "The end of the event `run` is never instead of 2031-12-31."
    ),
    (
      { $0.events[2].expires = .date("2031-01-01") }, .narrows,
      "The end of the event `idle` is 2031-01-01 instead of never."
    ),
    (
      { $0.events[0].expires = .date("2030-01-01") }, .narrows,
      "The end of the event `run` is 2030-01-01 instead of 2031-12-31."
    ),
    (
      { $0.events[1].expires = .version("9.6") }, .widens,
      "The end of the event `stop` is version 9.6 instead of version 9.5."
    ),
    (
      { $0.events[0].retention = .days(31) }, .widens, "Events `run` are kept for 31 days instead of 30 days."
    ),
    ({ $0.events[0].retention = .days(1) }, .narrows, "Events `run` are kept for 1 day instead of 30 days."),
    (
      { $0.events[0].retention = nil }, .widens,
      "Events `run` are kept for as long as others, 2 years instead of 30 days."
    ),
    (
      { $0.events[1].retention = .days(5) }, .narrows, "Events `stop` are kept for 5 days instead of 2 years."
    ),
    ({ $0.events[0].note = nil }, .neutral, "The event `run` is described in other words."),
    ({ $0.events[0].since = nil }, .neutral, "The event `run` is described in other words."),
    ({ $0.events[0].properties.removeFirst() }, .narrows, "`done` is no longer sent with `run`."),
    (
      { $0.events[1].properties = [Field("a", .boolean, description: "D.")] }, .widens,
      "`a` (D.) is sent with `stop`."
    ),
    (
      { $0.events[0].properties[0].type = .version() }, .widens,
      "`done` of `run` is of type version instead of boolean."
    ),
    ({ $0.events[0].properties[1].unit = "s" }, .neutral, "`size` of `run` is in s instead of bytes."),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(min: 0, max: 2000, bucket: [0, 10, 100])) },
      .widens,
      "`size` of `run` is at most 2000 instead of 1000."
    ),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(min: 5, max: 1000, bucket: [0, 10, 100])) },
      .narrows,
      "`size` of `run` is at least 5 instead of 0."
    ),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(max: 1000, bucket: [0, 10, 100])) }, .widens,
      "`size` of `run` is at least anything instead of 0."
    ),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(min: 0, max: 1000)) }, .widens,
      "`size` of `run` is coarsened no longer."
    ),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(min: 0, max: 1000, bucket: [0, 100])) },
      .narrows,
      "`size` of `run` is coarsened in another way."
    ),
    (
      { $0.events[0].properties[1].type = .integer(NumberRule(min: 0, max: 1000, bucket: [0, 50])) }, .widens,
      "`size` of `run` is coarsened in another way."
    ),
    (
      { $0.events[0].properties[2].type = .number(NumberRule(min: -1, max: 1.5, bucket: [-0.5, 0.5])) },
      .widens,
      "`ratio` of `run` is at least -1.0 instead of -0.5."
    ),
    (
      { $0.context[13].type = .text(.oneOf(["oss", "cloud"])) }, .narrows,
      "`edition` of every event may no longer be `other`."
    ),
    (
      { $0.context[13].type = .text(.pattern("[a-z]{9}")) }, .widens,
      "`edition` of every event may be whatever matches `[a-z]{9}`."
    ),
    (
      { $0.events[0].properties[3].type = .text(.pattern("[a-z]{1,9}")) }, .widens,
      "`level` of `run` matches `[a-z]{1,9}` instead of `[a-z]{1,8}`."
    ),
    (
      { $0.events[0].properties[3].type = .text(.oneOf(["a"])) }, .narrows,
      "`level` of `run` is now one of `a`."
    ),
    (
      { $0.events[0].properties[3].type = .text(.free(reason: "r", maxLength: 9)) }, .widens,
      "`level` of `run` is now free text."
    ),
    (
      { $0.events[0].properties[4].type = .list(of: .integer(NumberRule(min: 0, max: 9)), maxItems: 6) },
      .widens, "`parts` of `run` has at most 6 items instead of 5."
    ),
    (
      { $0.events[0].properties[4].type = .list(of: .integer(NumberRule(min: 0, max: 8)), maxItems: 5) },
      .narrows, "an element of `parts` of `run` is at most 8 instead of 9."
    ),
    (
      { $0.events[0].properties[5].type = .version(.patch) }, .widens,
      "`dependency` of `run` keeps the version to its patch number instead of major."
    ),
    (
      {
        $0.events[0].properties[6].type = .records([Field("kind", .text(.oneOf(["a", "b"])))], maxItems: 8)
      }, .narrows, "`latency` is no longer sent with `steps` of `run`."
    ),
  ]

  @Test(arguments: changes.indices)
  func `each kind of change has its effect and its sentence`(index: Int) {
    let (change, effect, sentence) = Self.changes[index]
    var catalog = WholeCatalog.catalog
    change(&catalog)
    let diff = CatalogDiff(from: WholeCatalog.catalog, to: catalog)
    #expect(diff.changes == [.init(effect, sentence)], "\(diff.text)")
    #expect(diff.needsNewVersion == (effect == .widens))
    catalog.version += 1
    #expect(!CatalogDiff(from: WholeCatalog.catalog, to: catalog).needsNewVersion)
  }

  @Test func `free text that grows, shrinks or ends is said`() throws {
    let old = try #require(CatalogFile.read(WholeCatalog.free, file: "t").catalog)
    func changes(_ rule: TextRule) -> [CatalogDiff.Change] {
      var new = old
      new.events[0].properties[0].type = .text(rule)
      return CatalogDiff(from: old, to: new).changes
    }
    #expect(
      changes(.free(reason: "Nobody knows.", maxLength: 81))
        == [.init(.widens, "`words` of `said` has at most 81 bytes instead of 80.")])
    #expect(
      changes(.free(reason: "Nobody knows.", maxLength: 79))
        == [.init(.narrows, "`words` of `said` has at most 79 bytes instead of 80.")])
    #expect(changes(.pattern("a")) == [.init(.narrows, "`words` of `said` must match `a`.")])
    #expect(changes(.oneOf(["a"])) == [.init(.narrows, "`words` of `said` is now one of `a`.")])
    #expect(
      changes(.free(reason: "Another.", maxLength: 80))
        == [.init(.neutral, "`words` of `said` is free text for another reason.")])
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `two catalogs that differ are never said to be the same`(seed: UInt64) {
    let old = RandomCatalog.make(seed: seed)
    let new = RandomCatalog.make(seed: seed + 1000)
    #expect(!CatalogDiff(from: old, to: new).changes.isEmpty)
    #expect(CatalogDiff(from: old, to: old).changes.isEmpty)
  }
}

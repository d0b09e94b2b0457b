import AvowWire

/// Finds the changes between two catalogs.
struct CatalogComparison {
  private(set) var changes: [CatalogDiff.Change] = []

  mutating func add(_ effect: CatalogDiff.Effect, _ sentence: String) {
    changes.append(CatalogDiff.Change(effect, sentence))
  }

  mutating func compare(_ old: Catalog, _ new: Catalog) {
    if old.app != new.app { add(.widens, "The app is now `\(new.app)` instead of `\(old.app)`.") }
    consent(old.consent, new.consent)
    identity(old.identity, new.identity)
    destination(old, new)
    retention(old.retention, new.retention, of: "Events are")
    never(old.never, new.never)
    fields(old.context, new.context, of: "every event")
    events(old.events, new.events, kept: (old.retention, new.retention))
    published(old, new)
    if old.accepts != new.accepts { add(.neutral, "Requests of other clients are read in another way.") }
    texts(old, new)
  }

  // MARK: Rules

  private mutating func consent(_ old: Catalog.Consent, _ new: Catalog.Consent) {
    let order: [Catalog.Consent.Default] = [.disabled, .local, .ask, .enabled]
    ranked(old.default, new.default, order) {
      "Telemetry is \($1.rawValue) by default instead of \($0.rawValue)."
    }
    for variable in old.variables where !new.variables.contains(where: { $0.name == variable.name }) {
      add(.widens, "`\(variable.name)` no longer switches telemetry off.")
    }
    for variable in new.variables {
      guard let before = old.variables.first(where: { $0.name == variable.name }) else {
        add(.narrows, "`\(variable.name)` switches telemetry off.")
        continue
      }
      ranked(before.meaning, variable.meaning, [.set, .truthy]) { _, new in
        new == .truthy
          ? "`\(variable.name)` no longer switches off when it is empty, 0, false, no or off."
          : "`\(variable.name)` switches off whatever its value."
      }
    }
    if old.reportsInCI != new.reportsInCI {
      add(
        new.reportsInCI ? .widens : .narrows,
        "Machines of continuous integration \(new.reportsInCI ? "now report" : "no longer report").")
    }
    if old.enabledNotice != new.enabledNotice || old.disabledNotice != new.disabledNotice {
      add(.neutral, "The notice has other words.")
    }
  }

  private mutating func identity(_ old: Catalog.Identity, _ new: Catalog.Identity) {
    ranked(old.user, new.user, [.none, .process, .installation]) {
      "A user is \(Self.phrase($1)) instead of \(Self.phrase($0))."
    }
    ranked(old.rotate, new.rotate, [.day, .week, .month, .year, .never]) {
      "The identifier changes \(Self.phrase($1)) instead of \(Self.phrase($0))."
    }
    ranked(old.session, new.session, [.none, .process]) { _, new in
      new == .process
        ? "Events of one run carry a common identifier." : "Events no longer say which run they come from."
    }
  }

  private static func phrase(_ user: Catalog.Identity.User) -> String {
    switch user {
    case .installation: "a random identifier that is kept"
    case .process: "a random identifier, new at each start"
    case .none: "nothing"
    }
  }

  private static func phrase(_ rotation: Catalog.Identity.Rotation) -> String {
    rotation == .never ? "never" : "every \(rotation.rawValue)"
  }

  private mutating func destination(_ old: Catalog, _ new: Catalog) {
    if old.recipient != new.recipient {
      add(
        .widens,
        "The data is received by \(new.recipient?.name ?? "the maintainers") instead of \(old.recipient?.name ?? "the maintainers")."
      )
    }
    if old.delivery.to != new.delivery.to {
      add(
        .widens,
        "The data goes to \(new.delivery.to ?? "no stated address") instead of \(old.delivery.to ?? "no stated address")."
      )
    }
    if old.delivery.everyMilliseconds != new.delivery.everyMilliseconds {
      add(
        .neutral,
        "The client looks for new events every \(new.delivery.intervalPhrase) instead of every \(old.delivery.intervalPhrase)."
      )
    }
    if old.delivery.format != new.delivery.format {
      add(
        .neutral,
        "Events are sent in the format of \(new.delivery.format.rawValue) instead of \(old.delivery.format.rawValue)."
      )
    }
    if old.delivery.key != new.delivery.key { add(.neutral, "The write key is another one.") }
    if old.reportingZone != new.reportingZone {
      add(
        .neutral,
        "Charts count the days of \(new.reportingZone ?? "UTC") instead of \(old.reportingZone ?? "UTC").")
    }
  }

  mutating func retention(
    _ old: Catalog.Retention, _ new: Catalog.Retention, of what: String, how: String = ""
  ) {
    guard old != new else { return }
    let effect: CatalogDiff.Effect = new.days > old.days ? .widens : new.days < old.days ? .narrows : .neutral
    add(effect, "\(what) kept for \(how)\(new.phrase) instead of \(old.phrase).")
  }

  private mutating func never(_ old: [Catalog.Promise], _ new: [Catalog.Promise]) {
    for promise in old where !new.contains(promise) {
      add(.widens, "It is no longer promised never to collect: \(Self.phrase(promise))")
    }
    for promise in new where !old.contains(promise) {
      add(.narrows, "It is promised never to collect: \(Self.phrase(promise))")
    }
  }

  private static func phrase(_ promise: Catalog.Promise) -> String {
    switch promise {
    case .kind(let kind): CatalogPage.phrase(kind)
    case .sentence(let sentence): sentence
    }
  }

  private mutating func published(_ old: Catalog, _ new: Catalog) {
    for question in new.published where !old.published.contains(question) {
      add(.widens, "The answer to `\(question.text)` is published.")
    }
    for question in old.published where !new.published.contains(question) {
      add(.narrows, "The answer to `\(question.text)` is no longer published.")
    }
  }

  private mutating func texts(_ old: Catalog, _ new: Catalog) {
    let texts: [(String, Bool)] = [
      ("name", old.name == new.name), ("since", old.since == new.since),
      ("contact", old.contact == new.contact),
      ("purpose", old.purpose == new.purpose), ("please", old.please == new.please),
      ("questions", old.questions == new.questions), ("source", old.source == new.source),
      ("deletion", old.deletion == new.deletion), ("scope", old.scope == new.scope),
    ]
    let changed = texts.filter { !$0.1 }.map(\.0)
    if !changed.isEmpty { add(.neutral, "Other words: \(changed.joined(separator: ", ")).") }
  }

  /// A change along a scale whose later steps collect more.
  mutating func ranked<Step: Equatable>(
    _ old: Step, _ new: Step, _ order: [Step], _ sentence: (Step, Step) -> String
  ) {
    guard old != new, let before = order.firstIndex(of: old), let after = order.firstIndex(of: new) else {
      return
    }
    add(after > before ? .widens : .narrows, sentence(old, new))
  }
}

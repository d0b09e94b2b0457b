import AvowWire

extension CatalogComparison {
  /// Compares events; `kept` is how long those are kept that do not say it themselves.
  mutating func events(
    _ old: [EventDeclaration], _ new: [EventDeclaration],
    kept: (old: Catalog.Retention, new: Catalog.Retention)
  ) {
    for event in old where !new.contains(where: { $0.name == event.name }) {
      add(.narrows, "The event `\(event.name)` is no longer reported.")
    }
    for event in new {
      guard let before = old.first(where: { $0.name == event.name }) else {
        let what = event.description.map { " (\($0))" } ?? ""
        add(
          .widens,
          "The event `\(event.name)`\(what) is reported\(event.status == .dormant ? ", though not yet sent" : "")."
        )
        continue
      }
      compare(before, event, kept: kept)
    }
  }

  private mutating func compare(
    _ old: EventDeclaration, _ new: EventDeclaration, kept: (old: Catalog.Retention, new: Catalog.Retention)
  ) {
    ranked(old.status, new.status, [.dormant, .active]) { _, status in
      status == .active
        ? "The event `\(new.name)` is now sent." : "The event `\(new.name)` is no longer sent."
    }
    if (old.expires ?? .never) != (new.expires ?? .never) {
      let effect: CatalogDiff.Effect =
        switch (old.expires ?? .never, new.expires ?? .never) {
        case (_, .never): .widens
        case (.never, _): .narrows
        case (.date(let before), .date(let after)): after > before ? .widens : .narrows
        // Two versions, or a date against a version: which comes first nobody knows.
        default: .widens
        }
      add(
        effect,
        "The end of the event `\(new.name)` is \(Self.phrase(new.expires)) instead of \(Self.phrase(old.expires))."
      )
    }
    switch (old.retention, new.retention) {
    case (let before?, let after?): retention(before, after, of: "Events `\(new.name)` are")
    case (nil, let after?): retention(kept.old, after, of: "Events `\(new.name)` are")
    case (let before?, nil):
      retention(before, kept.new, of: "Events `\(new.name)` are", how: "as long as others, ")
    // What all events share is said once.
    case (nil, nil): break
    }
    if old.description != new.description || old.why != new.why || old.note != new.note
      || old.since != new.since
    {
      add(.neutral, "The event `\(new.name)` is described in other words.")
    }
    fields(old.properties, new.properties, of: "`\(new.name)`", reasons: (old.why, new.why))
  }

  private static func phrase(_ expiry: EventDeclaration.Expiry?) -> String {
    switch expiry ?? .never {
    case .never: "never"
    case .date(let date): date
    case .version(let version): "version \(version)"
    }
  }

  /// Compares fields; `reasons` are those that fields without their own inherit.
  mutating func fields(
    _ old: [Field], _ new: [Field], of owner: String, reasons: (old: String?, new: String?) = (nil, nil)
  ) {
    for field in old where !new.contains(where: { $0.name == field.name }) {
      add(.narrows, "`\(field.name)` is no longer sent with \(owner).")
    }
    for field in new {
      guard let before = old.first(where: { $0.name == field.name }) else {
        let what = field.description.map { " (\($0))" } ?? ""
        add(.widens, "`\(field.name)`\(what) is sent with \(owner).")
        continue
      }
      let name = "`\(field.name)` of \(owner)"
      if before.source != field.source {
        add(
          .widens,
          "\(name) comes from \(field.source?.rawValue ?? "the program") instead of \(before.source?.rawValue ?? "the program")."
        )
      }
      if before.unit != field.unit {
        add(.neutral, "\(name) is in \(field.unit ?? "no unit") instead of \(before.unit ?? "no unit").")
      }
      type(before.type, field.type, of: name)
      if before.wire != field.wire { add(.neutral, "\(name) has another name in other formats.") }
      // A reason that was inherited changes with its event, which says so itself.
      let isOwn = before.why != reasons.old || field.why != reasons.new
      if before.description != field.description || before.safe != field.safe || before.since != field.since
        || before.sensitivity != field.sensitivity || (isOwn && before.why != field.why)
      {
        add(.neutral, "\(name) is described in other words.")
      }
    }
  }

  private mutating func type(_ old: FieldType, _ new: FieldType, of name: String) {
    switch (old, new) {
    case (.boolean, .boolean): break
    case (.integer(let before), .integer(let after)): rule(before, after, of: name)
    case (.number(let before), .number(let after)): rule(before, after, of: name)
    case (.version(let before), .version(let after)):
      ranked(before, after, [.major, .minor, .patch]) {
        "\(name) keeps the version to its \($1.rawValue) number instead of \($0.rawValue)."
      }
    case (.text(let before), .text(let after)): text(before, after, of: name)
    case (.list(let before, let few), .list(let after, let many)):
      items(few, many, of: name)
      type(before, after, of: "an element of \(name)")
    case (.records(let before, let few), .records(let after, let many)):
      items(few, many, of: name)
      fields(before, after, of: name)
    default: add(.widens, "\(name) is of type \(new.keyword) instead of \(old.keyword).")
    }
  }

  private mutating func items(_ old: Int, _ new: Int, of name: String) {
    if old != new {
      add(new > old ? .widens : .narrows, "\(name) has at most \(new) items instead of \(old).")
    }
  }

  private mutating func text(_ old: TextRule, _ new: TextRule, of name: String) {
    switch (old, new) {
    case (.oneOf(let before), .oneOf(let after)):
      let added = after.filter { !before.contains($0) }
      let removed = before.filter { !after.contains($0) }
      if !added.isEmpty { add(.widens, "\(name) may be \(Self.list(added)).") }
      if !removed.isEmpty { add(.narrows, "\(name) may no longer be \(Self.list(removed)).") }
    case (.pattern(let before), .pattern(let after)):
      // Which of two patterns lets more through is not decided here; the careful answer is that it widens.
      if before != after { add(.widens, "\(name) matches `\(after)` instead of `\(before)`.") }
    case (.free(let reason, let before), .free(let other, let after)):
      if reason != other { add(.neutral, "\(name) is free text for another reason.") }
      if before != after {
        add(after > before ? .widens : .narrows, "\(name) has at most \(after) bytes instead of \(before).")
      }
    case (_, .oneOf(let values)): add(.narrows, "\(name) is now one of \(Self.list(values)).")
    case (.free, .pattern(let pattern)): add(.narrows, "\(name) must match `\(pattern)`.")
    case (_, .free): add(.widens, "\(name) is now free text.")
    case (.oneOf, .pattern(let pattern)): add(.widens, "\(name) may be whatever matches `\(pattern)`.")
    }
  }

  private static func list(_ values: [String]) -> String {
    values.map { "`\($0)`" }.joined(separator: ", ")
  }

  private mutating func rule<Number: Comparable & Sendable & Hashable>(
    _ old: NumberRule<Number>, _ new: NumberRule<Number>, of name: String
  ) {
    if old.min != new.min {
      let widens = new.min.map { after in old.min.map { after < $0 } ?? false } ?? true
      add(
        widens ? .widens : .narrows,
        "\(name) is at least \(Self.phrase(new.min)) instead of \(Self.phrase(old.min)).")
    }
    if old.max != new.max {
      let widens = new.max.map { after in old.max.map { after > $0 } ?? false } ?? true
      add(
        widens ? .widens : .narrows,
        "\(name) is at most \(Self.phrase(new.max)) instead of \(Self.phrase(old.max)).")
    }
    if old.bucket != new.bucket {
      let isCoarser =
        !new.bucket.isEmpty && (old.bucket.isEmpty || new.bucket.allSatisfy(old.bucket.contains))
      add(
        isCoarser ? .narrows : .widens,
        "\(name) is coarsened \(new.bucket.isEmpty ? "no longer" : "in another way").")
    }
  }

  private static func phrase<Number>(_ limit: Number?) -> String { limit.map { "\($0)" } ?? "anything" }
}

@_spi(AvowCollector) import AvowWire

/// Consent, identity, delivery, retention.
extension CatalogReader {
  func consent(_ file: Section) -> Catalog.Consent {
    var consent = Catalog.Consent()
    guard let node = file["consent"],
      let section = Section(
        node, "\"consent\"", keys: Grammar.consent.names, report: report)
    else { return consent }
    consent.default = section.word("default", Catalog.Consent.Default.self) ?? .enabled
    for member in section.entries("opt_out") {
      let isName =
        member.key.utf8.allSatisfy { Name.isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
        && !(member.key.utf8.first.map { (48...57).contains($0) } ?? true) && member.key.utf8.count <= 128
      if !isName {
        report.error(
          "A015", "\"\(member.key)\" is no name for a variable", hint: "letters, digits and _",
          at: member.position)
      }
      let words = Catalog.Consent.Meaning.allCases.map(\.rawValue)
      guard let text = member.value.text, let meaning = Catalog.Consent.Meaning(rawValue: text) else {
        report.error(
          "A014",
          "\"\(member.value.text ?? member.value.kind)\" does not say which values of \(member.key) switch off",
          hint: Suggestion.hint(for: member.value.text ?? "", among: words), at: member.value.position)
        continue
      }
      consent.optOut.append(Catalog.Consent.Variable(name: member.key, meaning: meaning))
    }
    consent.reportsInCI = section.word("ci", Switch.self) == .enabled
    if let notice = section["notice"],
      let texts = Section(notice, "\"notice\"", keys: Grammar.notice.names, report: report)
    {
      consent.enabledNotice = texts.text("enabled")
      consent.disabledNotice = texts.text("disabled")
    }
    return consent
  }

  private enum Switch: String, CaseIterable { case enabled, disabled }

  func identity(_ file: Section) -> Catalog.Identity {
    guard let node = file["identity"],
      let section = Section(node, "\"identity\"", keys: Grammar.identity.names, report: report)
    else { return Catalog.Identity() }
    return Catalog.Identity(
      user: section.word("user", Catalog.Identity.User.self) ?? .installation,
      rotate: section.word("rotate", Catalog.Identity.Rotation.self) ?? .never,
      session: section.word("session", Catalog.Identity.Session.self) ?? .process)
  }

  func delivery(_ file: Section) -> Catalog.Delivery {
    var delivery = Catalog.Delivery()
    guard let node = file["delivery"],
      let section = Section(node, "\"delivery\"", keys: Grammar.delivery.names, report: report)
    else { return delivery }
    if let text = section.text("every") {
      if let milliseconds = Self.milliseconds(text), (100...604_800_000).contains(milliseconds) {
        delivery.everyMilliseconds = milliseconds
      } else {
        report.error(
          "A025", "\"\(text)\" is no interval", hint: "such as 500ms, 2s, 10min or 1h; at most a week",
          at: section["every"]?.position ?? section.position)
      }
    }
    delivery.to = section.text("to")
    if let to = delivery.to {
      let position = section["to"]?.position ?? section.position
      if !(to.hasPrefix("https://") || to.hasPrefix("http://") || to.hasPrefix("unix:/"))
        || to.contains(where: \.isWhitespace)
      {
        report.error(
          "A030", "\"\(to)\" is no address of a collector", hint: "such as https://telemetry.example.org",
          at: position)
      } else if to.hasPrefix("http://"),
        !["localhost", "127.0.0.1", "[::1]"].contains(where: { to.dropFirst(7).hasPrefix($0) })
      {
        report.warning("A107", "events would travel unencrypted", hint: "use https://", at: position)
      }
    }
    delivery.key = section.text("key")
    delivery.format = section.word("format", Catalog.Delivery.Format.self) ?? .avow
    return delivery
  }

  /// `500ms`, `2s`, `10min` (or `10m`), `1h`, `1d`.
  static func milliseconds(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number < 1_000_000_000 else { return nil }
    switch text.dropFirst(digits.count).drop(while: { $0 == " " }) {
    case "ms": return number
    case "s": return number * 1000
    case "m", "min": return number * 60_000
    case "h": return number * 3_600_000
    case "d": return number * 86_400_000
    default: return nil
    }
  }

  func retention(_ section: Section) -> Catalog.Retention? {
    guard let text = section.text("retention") else { return nil }
    let parts = text.split(separator: " ")
    if parts.count == 2, let number = Int(parts[0]), (1...10_000).contains(number) {
      switch parts[1] {
      case "day", "days": return .days(number)
      case "month", "months": return .months(number)
      case "year", "years": return .years(number)
      default: break
      }
    }
    report.error(
      "A025", "\"\(text)\" is no time to keep data", hint: "such as 90 days, 13 months or 2 years",
      at: section["retention"]?.position ?? section.position)
    return nil
  }

  func events(_ file: Section, fields: FieldReader) -> [EventDeclaration] {
    guard file.has("events") else {
      report.error("A012", "the catalog has no \"events\"", hint: "declare at least one event", at: .start)
      return []
    }
    return file.entries("events").compactMap { member in
      let isName = Name.check(member.key, "an event", at: member.position, report: report)
      guard let event = event(member, fields: fields), isName else { return nil }
      return event
    }
  }

  private func event(_ member: SourceNode.Member, fields: FieldReader) -> EventDeclaration? {
    var event = EventDeclaration(member.key)
    let what = "the event \"\(member.key)\""
    // `startup:` alone is an event of which nothing more is said.
    if !member.value.isNothing {
      guard let section = Section(member.value, what, keys: Grammar.event.names, report: report) else {
        return nil
      }
      event.description = section.text("description")
      event.why = section.text("why")
      event.status = section.word("status", EventDeclaration.Status.self) ?? .active
      event.note = section.text("note")
      event.expires = expiry(section)
      event.since = section.text("since")
      event.retention = retention(section)
      event.properties = fields.properties(section, event: event)
    }
    if event.why == nil {
      report.warning(
        "A101", "\(what) does not say why it is reported", hint: "add `why:`", at: member.position)
    }
    if event.expires == nil {
      report.warning(
        "A103", "\(what) does not say when it expires",
        hint: "add `expires:` with never, a date or a version",
        at: member.position)
    }
    return event
  }

  private func expiry(_ section: Section) -> EventDeclaration.Expiry? {
    guard let text = section.text("expires") else { return nil }
    if text == "never" { return .never }
    if CivilDate(text) != nil { return .date(text) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isVersion =
      parts.count <= 4 && !text.contains("-")
      && parts.allSatisfy { part in
        part.utf8.first.map { (48...57).contains($0) } ?? false && part.utf8.allSatisfy(Name.isLetterOrDigit)
      }
    if isVersion, text.utf8.count <= 32 { return .version(text) }
    report.error(
      "A026", "\"\(text)\" is no expiry", hint: "never, a date such as 2027-12-31, or a version such as 2.0",
      at: section["expires"]?.position ?? section.position)
    return nil
  }
}

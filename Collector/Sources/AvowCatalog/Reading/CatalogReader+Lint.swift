import AvowWire

/// What is allowed and yet worth a word.
extension CatalogReader {
  func lint(_ catalog: Catalog, _ file: Section) {
    retention(catalog.retention, at: file.position(of: "retention"))
    for (key, value) in [("purpose", catalog.purpose), ("contact", catalog.contact)] where value == nil {
      report.warning(
        "A108", "the catalog has no \"\(key)\"", hint: "users look for it on the page", at: file.position)
    }
    let context = file.entries("context").map { ($0.key, $0.position) }
    let shared = Set(context.map(\.0))
    let declared = Dictionary(catalog.events.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    NameLint.check(context, "the context fields", report: report)
    let events = file.entries("events")
    NameLint.check(events.map { ($0.key, $0.position) }, "the events", report: report)
    for member in events {
      let properties = member.value.member("properties")?.members ?? []
      NameLint.check(properties.map { ($0.key, $0.position) }, "the properties", report: report)
      for property in properties where shared.contains(property.key) {
        report.warning(
          "A114", "the property \"\(property.key)\" has the name of a context field",
          hint: "one of the two would hide the other; rename it", at: property.position)
      }
      guard let event = declared[member.key] else { continue }
      if let kept = event.retention {
        retention(kept, at: member.value.position(of: "retention") ?? member.position)
      }
      sendability(event, of: catalog, at: member.value.position(of: "expires") ?? member.position)
    }
  }

  private func retention(_ retention: Catalog.Retention, at position: Position) {
    guard retention.days > Catalog.Retention.months(25).days else { return }
    report.warning(
      "A106", "data is kept longer than 25 months", hint: "two years of comparison need 25", at: position)
  }

  /// An event that has ended, or ends before it began.
  private func sendability(_ event: EventDeclaration, of catalog: Catalog, at position: Position) {
    switch event.expires {
    case .date(let text):
      guard let today, let end = CivilDate(text), end <= today else { return }
      report.warning(
        "A116", "nobody can send the event \"\(event.name)\": it ended on \(text)",
        hint: "remove it once its data is gone, or give it a later date", at: position)
    case .version(let end):
      guard let start = event.since ?? catalog.since, !Self.isVersion(start, before: end) else { return }
      report.warning(
        "A116", "nobody can send the event \"\(event.name)\": it begins with \(start) and ends with \(end)",
        hint: "give it a later end", at: position)
    case .never, nil: return
    }
  }

  /// Whether one version comes before another, as far as their numbers say.
  private static func isVersion(_ first: String, before second: String) -> Bool {
    func numbers(_ text: String) -> [Int] {
      text.split(separator: ".").map { Int($0.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
    }
    var left = numbers(first)
    var right = numbers(second)
    while left.count < right.count { left.append(0) }
    while right.count < left.count { right.append(0) }
    return left.lexicographicallyPrecedes(right)
  }
}

extension SourceNode {
  fileprivate func member(_ key: String) -> SourceNode? { members?.first { $0.key == key }?.value }

  fileprivate func position(of key: String) -> Position? { members?.first { $0.key == key }?.position }
}

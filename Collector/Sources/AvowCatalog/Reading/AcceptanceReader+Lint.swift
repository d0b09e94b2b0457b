import AvowWire

/// Lines of `accepts` that can never do anything.
extension AcceptanceReader {
  /// Rules for names that an earlier rule takes.
  func shadowed(_ section: Section) {
    guard section["events"]?.members != nil else { return }
    var globs: [String] = []
    for member in section.entries("events") where member.key.contains("*") || member.key.contains("?") {
      if let earlier = globs.first(where: { Self.glob($0, takes: member.key) }) {
        report.warning(
          "A115", "\"\(member.key)\" is never reached: \"\(earlier)\" takes every such name before it",
          hint: "write the narrower one first", at: member.position)
      }
      globs.append(member.key)
    }
    for (name, position) in section["drop"].flatMap({ $0.members?.first { $0.key == "events" }?.value })?
      .texts(of: "events", report: report) ?? []
    where section.entries("events").contains(where: { $0.key == name }) {
      report.warning(
        "A115", "\"\(name)\" is both mapped and dropped", hint: "keep one of the two", at: position)
    }
  }

  /// Fields that no event this entry can give has, and lists without a place.
  func unreachable(_ section: Section, _ names: Acceptance.EventNames) {
    let events: [EventDeclaration] =
      switch names {
      case .always(let name): catalog.events.filter { $0.name == name }
      // What is not mapped keeps its name, so every event can come.
      case .same, .mapped: catalog.events
      }
    var known = Set(Name.reserved + catalog.context.map(\.name))
    for event in events { known.formUnion(event.properties.map(\.name)) }
    let declared = Set(catalog.events.flatMap(\.properties).map(\.name))
    for member in section.entries("fields") {
      if member.value.items?.isEmpty == true {
        report.warning(
          "A115", "\"\(member.key)\" is mapped to nothing", hint: "name a path, or remove the line",
          at: member.position)
      } else if !known.contains(member.key), declared.contains(member.key) {
        report.warning(
          "A115", "\"\(member.key)\" maps to nothing: no event of this entry has that property",
          hint: "remove the line, or name the event that has it in \"events\"", at: member.position)
      }
      if let network = catalog.context.first(where: { $0.name == member.key }), network.source == .network {
        report.warning(
          "A115",
          "\"\(member.key)\" maps to nothing: the network is seen by the collector, never read from a body",
          hint: "remove the line", at: member.position)
      }
    }
  }

  /// Whether every name that the second glob takes is taken by the first.
  static func glob(_ wide: String, takes narrow: String) -> Bool {
    let pattern = Array(wide.utf8)
    let text = Array(narrow.utf8)
    let star = UInt8(ascii: "*")
    let question = UInt8(ascii: "?")
    // A glob is matched like a name: its own `*` only by a `*`, its `?` by either.
    var reached: Set<Int> = [0]
    for byte in pattern {
      if byte == star {
        reached = Set((reached.min() ?? text.count + 1)..<(text.count + 1))
        if reached.isEmpty { return false }
        continue
      }
      reached = Set(
        reached.compactMap { place in
          guard place < text.count, text[place] != star else { return nil }
          return byte == question || text[place] == byte ? place + 1 : nil
        })
      if reached.isEmpty { return false }
    }
    return reached.contains(text.count)
  }
}

@_spi(AvowCollector) import AvowWire

/// Reads `accepts:`, which maps requests of foreign clients to the catalog's own events.
struct AcceptanceReader {
  let report: Report
  /// The catalog read so far: its events and fields are what may be named.
  let catalog: Catalog

  func acceptances(_ file: Section) -> [Acceptance] {
    guard let node = file["accepts"] else { return [] }
    var paths: [String: Int] = [:]
    return (node.items ?? [node]).compactMap { item in
      guard
        let section = Section(item, "an entry of \"accepts\"", keys: Grammar.acceptance.names, report: report)
      else {
        return nil
      }
      let acceptance = acceptance(section)
      for (path, position) in section.texts("path") {
        let canonical = Self.canonical(path)
        if let line = paths[canonical] {
          report.error(
            "A028", "the path \"\(path)\" is claimed twice", hint: "the first is in line \(line)",
            at: position)
        } else {
          paths[canonical] = position.line
        }
      }
      return acceptance
    }
  }

  /// A trailing slash does not matter.
  static func canonical(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private func acceptance(_ section: Section) -> Acceptance? {
    var acceptance = Acceptance(formats: formats(section))
    acceptance.paths = paths(section, formats: acceptance.formats)
    if let items = section.text("items") {
      if acceptance.formats != [.json] {
        report.error(
          "A028", "\"items\" is for json only", hint: "the other formats know where their events are",
          at: section.position(of: "items"))
      }
      acceptance.items = items
      check(path: items, at: section.position(of: "items"))
    }
    acceptance.events = events(section)
    shadowed(section)
    for (path, position) in section.texts("flatten") {
      check(path: path, at: position)
      acceptance.flatten.append(path)
    }
    acceptance.fields = section.entries("fields").compactMap(mapping)
    unreachable(section, acceptance.events)
    acceptance.nullValues = section.texts("null_values").map(\.text)
    if let node = section["drop"],
      let drop = Section(node, "\"drop\"", keys: Grammar.drop.names, report: report)
    {
      acceptance.dropEvents = drop.texts("events").map(\.text)
      acceptance.dropFields = drop.texts("fields").map(\.text)
      for (name, position) in drop.texts("events")
      where catalog.event(named: name) != nil && acceptance.events == .same {
        report.error("A021", "\"\(name)\" is declared and dropped", hint: "keep one of the two", at: position)
      }
      for (name, position) in drop.texts("fields")
      where acceptance.fields.contains(where: { $0.candidates.contains { $0.path == name } }) {
        report.error("A022", "\"\(name)\" is read and dropped", hint: "keep one of the two", at: position)
      }
    }
    return acceptance.formats.isEmpty ? nil : acceptance
  }

  private func formats(_ section: Section) -> [Acceptance.Format] {
    guard section.has("format") else {
      report.error(
        "A012", "an entry of \"accepts\" has no \"format\"",
        hint: Acceptance.Format.allCases.map(\.rawValue).joined(separator: ", "), at: section.position)
      return []
    }
    return section.texts("format").compactMap { text, position in
      if let format = Acceptance.Format(rawValue: text) { return format }
      report.error(
        "A014", "\"\(text)\" is no format that can be accepted",
        hint: text == "avow"
          ? "the native format needs no entry"
          : Suggestion.hint(for: text, among: Acceptance.Format.allCases.map(\.rawValue)), at: position)
      return nil
    }
  }

  private func paths(_ section: Section, formats: [Acceptance.Format]) -> [String] {
    let paths = section.texts("path")
    for (path, position) in paths {
      if !path.hasPrefix("/")
        || path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == 0x3F || $0 == 0x23 })
      {
        report.error(
          "A028", "\"\(path)\" is no path", hint: "it begins with / and has no query", at: position)
      }
    }
    if paths.isEmpty, formats.contains(.json) {
      report.error(
        "A028", "json needs a \"path\"", hint: "the address where the requests arrive", at: section.position)
    } else if let first = paths.first {
      report.warning(
        "A102", "no key is asked at \"\(first.text)\": anybody can send events there",
        hint: "old clients need it; the dashboard marks them as unauthenticated", at: first.position)
    }
    return paths.map(\.text)
  }

  private func events(_ section: Section) -> Acceptance.EventNames {
    guard let node = section["events"] else { return .same }
    if let name = node.text {
      check(event: name, at: node.position)
      return .always(name)
    }
    return .mapped(
      section.entries("events").compactMap { member in
        guard let name = member.value.text else {
          report.error(
            "A013", "\"\(member.key)\" must name an event, not \(member.value.kind)",
            at: member.value.position)
          return nil
        }
        check(event: name, at: member.value.position)
        return Acceptance.EventNames.Rule(member.key, name)
      })
  }

  private func check(event name: String, at position: Position) {
    guard catalog.event(named: name) == nil else { return }
    report.error(
      "A021", "there is no event \"\(name)\"",
      hint: Suggestion.hint(for: name, among: catalog.events.map(\.name)),
      at: position)
  }

  // MARK: Fields

  private func mapping(_ member: SourceNode.Member) -> Acceptance.Mapping? {
    var known = Name.reserved + catalog.context.map(\.name)
    for event in catalog.events { known += event.properties.map(\.name) }
    guard known.contains(member.key) else {
      report.error(
        "A022", "no event and no context has the field \"\(member.key)\"",
        hint: Suggestion.hint(for: member.key, among: Array(Set(known)).sorted()), at: member.position)
      return nil
    }
    var columns: [String] = []
    var parts: [String] = []
    let fields = catalog.context + catalog.events.flatMap(\.properties)
    for field in fields where field.name == member.key {
      switch field.type {
      case .records(let fields, _): columns += fields.map(\.name)
      case .version: parts = ["major", "minor", "patch"]
      default: break
      }
    }
    let candidates = (member.value.items ?? [member.value]).compactMap {
      candidate($0, of: member.key, columns: columns, parts: parts)
    }
    return candidates.isEmpty ? nil : Acceptance.Mapping(member.key, candidates)
  }

  /// - Parameters:
  ///   - columns: Of a field that is records.
  ///   - parts: Of a field that is a version, which may arrive as an object.
  private func candidate(_ node: SourceNode, of field: String, columns: [String], parts: [String] = [])
    -> Acceptance.Candidate?
  {
    var candidate = Acceptance.Candidate("")
    if let path = node.text {
      candidate.path = path
    } else if let section = Section(
      node, "a place of \"\(field)\"", keys: Grammar.candidate.names, report: report)
    {
      guard let path = section.required("from", hint: "the path where the value is found") else { return nil }
      candidate.path = path
      candidate.unit = section.text("unit")
      for member in section.entries("fields") {
        guard (columns + parts).contains(member.key) else {
          report.error(
            "A022", "\"\(field)\" has no \(parts.isEmpty ? "column" : "part") \"\(member.key)\"",
            hint: Suggestion.hint(for: member.key, among: columns + parts),
            at: member.position)
          continue
        }
        let inner = (member.value.items ?? [member.value]).compactMap {
          self.candidate($0, of: member.key, columns: [])
        }
        candidate.fields.append(Acceptance.Mapping(member.key, inner))
      }
    } else {
      return nil
    }
    check(path: candidate.path, at: node.position)
    for name in Self.keptKeys(candidate.path) where !columns.contains(name) {
      report.error(
        "A022", "\"<\(name)>\" keeps a key as a column that \"\(field)\" does not have",
        hint: columns.isEmpty ? "only records have columns" : Suggestion.hint(for: name, among: columns),
        at: node.position)
    }
    return candidate
  }

  private func check(path: String, at position: Position) {
    let isPath =
      path == "."
      || (!path.isEmpty && path.utf8.count <= 256 && !path.hasPrefix(".") && !path.hasSuffix(".")
        && !path.contains(".."))
    if !isPath {
      report.error(
        "A028", "\"\(path)\" is no path to a value", hint: "names with dots between them", at: position)
    }
  }

  /// The columns that keys of a path are kept as: the names between `<` and `>`.
  private static func keptKeys(_ path: String) -> [String] {
    path.split(separator: ".").compactMap {
      $0.hasPrefix("<") && $0.hasSuffix(">") ? String($0.dropFirst().dropLast()) : nil
    }
  }
}

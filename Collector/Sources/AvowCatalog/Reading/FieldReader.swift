import AvowWire

/// Reads the fields of the context, of events and of records.
struct FieldReader {
  enum Place {
    case context, property, column, element
  }

  let report: Report
  let never: [Catalog.Promise]

  /// Reads `context:`.
  func context(_ file: Section) -> [Field] {
    file.entries("context").compactMap { member in
      let field = field(member, "the context field \"\(member.key)\"", place: .context)
      if let field, field.why == nil {
        report.warning(
          "A101", "the context field \"\(member.key)\" does not say why it is collected", hint: "add `why:`",
          at: member.position)
      }
      return field
    }
  }

  /// Reads `properties:` of an event; its reason is theirs unless they have their own.
  func properties(_ section: Section, event: EventDeclaration) -> [Field] {
    section.entries("properties").compactMap { member in
      guard
        var field = field(member, "the property \"\(member.key)\" of \"\(event.name)\"", place: .property)
      else { return nil }
      field.why = field.why ?? event.why
      return field
    }
  }

  private func field(_ member: SourceNode.Member, _ what: String, place: Place) -> Field? {
    var isName = Name.check(member.key, "a field", at: member.position, report: report)
    if Name.reserved.contains(member.key), place != .column {
      report.error(
        "A015", "\"\(member.key)\" is a name that every event has anyway", hint: "choose another name",
        at: member.position)
      isName = false
    }
    let standard = place == .context ? StandardField(rawValue: member.key) : nil
    guard let field = field(member, what, place: place, standard: standard), isName else { return nil }
    lint(field, at: member.position)
    return field
  }

  private func field(
    _ member: SourceNode.Member, _ what: String, place: Place, standard: StandardField?
  ) -> Field? {
    // A scalar is a type: `docarray: version`.
    if member.value.text != nil {
      guard let type = type(member.value, what) else { return nil }
      return finish(Field(member.key, type), source: standard, at: member.value.position, what)
    }
    if member.value.isNothing, let standard {
      return finish(Field(member.key, standard.type), source: standard, at: member.position, what)
    }
    guard
      let section = Section(member.value, what, keys: (Grammar.field + Grammar.limits).names, report: report)
    else { return nil }
    var source = standard
    if section.has("source") {
      if place == .context {
        source = section.word("source", StandardField.self)
      } else {
        report.error(
          "A031", "\(what) cannot have a \"source\"", hint: "standard fields belong in `context:`",
          at: section.position(of: "source"))
      }
    }
    guard let type = type(section, standard: source, what, place: place) else { return nil }
    let field = Field(
      member.key, type, description: section.text("description"), why: section.text("why"),
      unit: section.text("unit"), source: nil, since: section.text("since"),
      sensitivity: section.text("sensitivity"), safe: section.text("safe"), wire: section.text("wire"))
    return finish(field, source: source, at: section.position, what)
  }

  /// Adds what a standard field brings along.
  private func finish(_ field: Field, source: StandardField?, at position: Position, _ what: String) -> Field?
  {
    guard let source else { return field }
    var field = field
    if field.type.keyword != source.type.keyword {
      report.error(
        "A024", "\(what) is a \(source.type.keyword), as every \"\(source.rawValue)\" is",
        hint: "remove the type, or rename the field", at: position)
      return nil
    }
    if let unit = field.unit, let own = source.unit, unit != own {
      report.error(
        "A024", "\(what) is stored in \(own)", hint: "remove the unit", at: position)
    }
    field.source = source
    field.unit = source.unit ?? field.unit
    field.description = field.description ?? source.description
    return field
  }

  /// Reads the columns of a list of records.
  func columns(_ section: Section, _ what: String) -> [Field] {
    guard section.has("fields") else {
      report.error(
        "A012", "\(what) has no \"fields\"", hint: "name the columns of a row below `fields:`",
        at: section.position)
      return []
    }
    NameLint.check(
      section.entries("fields").map { ($0.key, $0.position) }, "the columns", report: report)
    return section.entries("fields").compactMap { member in
      field(member, "the column \"\(member.key)\" of \(what)", place: .column)
    }
  }
}

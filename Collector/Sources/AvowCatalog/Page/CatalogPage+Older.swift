import AvowWire

extension CatalogPage {
  /// How requests of older versions and of other clients become the events above.
  func older(_ page: inout PageDocument) {
    guard !catalog.accepts.isEmpty else { return }
    page.heading(2, "Older versions and other clients", "older")
    page.paragraph(
      .text(
        "Versions that report in another way are understood too. What they send beyond the list above is thrown away before "
          + "anything is stored."))
    for entry in catalog.accepts { self.entry(entry, &page) }
  }

  private func entry(_ entry: Acceptance, _ page: inout PageDocument) {
    let formats = entry.formats.map(\.rawValue).joined(separator: ", ")
    let paths = entry.paths.enumerated().flatMap { index, path -> [PageDocument.Inline] in
      [.text(index == 0 ? ", at " : " and "), .code(path)]
    }
    page.blocks.append(.paragraph([.text("Format: \(formats)")] + paths + ["."]))
    if !entry.dropFields.isEmpty {
      page.blocks.append(
        .paragraph(["They also send these fields, which are dropped: "] + names(entry.dropFields) + ["."]))
    }
    if !entry.dropEvents.isEmpty {
      page.blocks.append(
        .paragraph(["They also send these events, which are dropped: "] + names(entry.dropEvents) + ["."]))
    }
    switch entry.events {
    case .same: break
    case .always(let name):
      page.paragraph("Every request is the event ", .link(name, to: "#event-\(name)"), ".")
    case .mapped(let rules):
      page.paragraph("These events have another name there:")
      page.blocks.append(
        .table(
          ["There", "Here"],
          rows: rules.map { [[.code($0.foreign)], [.link($0.event, to: "#event-\($0.event)")]] }))
    }
    places(entry, &page)
    if let items = entry.items { page.paragraph("The events of a request stand in ", .code(items), ".") }
    if !entry.flatten.isEmpty {
      page.blocks.append(
        .paragraph(
          ["What stands in these is read as if it stood beside them: "] + names(entry.flatten) + ["."]))
    }
    if !entry.nullValues.isEmpty {
      page.blocks.append(.paragraph(["These values count as none: "] + names(entry.nullValues) + ["."]))
    }
  }

  private func places(_ entry: Acceptance, _ page: inout PageDocument) {
    let renamed = entry.fields.filter { mapping in
      mapping.candidates.contains { $0.path != mapping.field || $0.unit != nil || !$0.fields.isEmpty }
    }
    guard !renamed.isEmpty else { return }
    page.paragraph("These fields have another name there:")
    page.blocks.append(
      .table(
        ["There", "Here"],
        rows: renamed.map { mapping in
          let candidates = mapping.candidates.enumerated().flatMap { index, candidate in
            (index == 0 ? [] : [.text(", else ")]) + place(candidate)
          }
          return [candidates, here(mapping.field)]
        }))
  }

  private func place(_ candidate: Acceptance.Candidate) -> [PageDocument.Inline] {
    var inlines: [PageDocument.Inline] = [.code(candidate.path)]
    if let unit = candidate.unit { inlines.append(.text(" in \(unit)")) }
    if !candidate.fields.isEmpty {
      let columns = candidate.fields.map { column in
        if column.candidates.map(\.path) == [column.field] { return column.field }
        return
          "\(column.field) from \(column.candidates.map { $0.path == "." ? "the value itself" : $0.path }.joined(separator: " or "))"
      }
      inlines.append(.text(" (\(columns.joined(separator: ", ")))"))
    }
    return inlines
  }

  private func here(_ field: String) -> [PageDocument.Inline] {
    switch field {
    case "user", "session": [.code(field), ", only as a keyed hash"]
    case "event": ["the name of the event"]
    case "id": ["what names the event, only as a keyed hash"]
    default: [.code(field)]
    }
  }

  private func names(_ names: [String]) -> [PageDocument.Inline] {
    names.enumerated().flatMap { index, name -> [PageDocument.Inline] in
      index == 0 ? [.code(name)] : [", ", .code(name)]
    }
  }
}

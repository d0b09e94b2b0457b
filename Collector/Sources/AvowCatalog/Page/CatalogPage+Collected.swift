import AvowWire

extension CatalogPage {
  func collected(_ page: inout PageDocument) {
    page.heading(2, "What is collected", "collected")
    page.blocks.append(
      .table(
        ["Event", "When", "Status"],
        rows: catalog.events.map { event in
          [
            [.link(event.name, to: "#event-\(event.name)")], [.text(event.description ?? "")],
            [.text(status(event))],
          ]
        }))
    page.paragraph(
      .text(
        "What may come later is not on this list: a release that reports more has a new version of this page, and says so "
          + "when it starts, before it sends any of that."))
    for event in catalog.events { self.event(event, &page) }
    context(&page)
    identifiers(&page)
  }

  private func status(_ event: EventDeclaration) -> String {
    switch event.status {
    case .active: "active"
    case .dormant: "not sent today"
    }
  }

  private func event(_ event: EventDeclaration, _ page: inout PageDocument) {
    page.heading(3, event.name, "event-\(event.name)")
    if let description = event.description { page.prose(description) }
    var facts: [String] = []
    if let why = event.why { facts.append("Why: \(why)") }
    if event.status == .dormant { facts.append("Declared, but not sent today.") }
    if let note = event.note { facts.append(note) }
    if let since = event.since { facts.append("Since version \(since).") }
    switch event.expires {
    case .date(let date):
      facts.append("Ends on \(date): from that day it is no longer recorded, and what is stored is erased.")
    case .version(let version): facts.append("Version \(version) and later do not record it.")
    case .never, nil: break
    }
    if let retention = event.retention { facts.append("Kept for \(retention.phrase).") }
    if !facts.isEmpty { page.paragraph(.text(facts.joined(separator: " "))) }
    if event.properties.isEmpty {
      page.paragraph(
        "Nothing is sent with it but the fields that ", .link("every event has", to: "#context"), ".")
      return
    }
    fields(event.properties, heading: "Property", inherited: event.why, &page)
    for property in event.properties {
      guard case .records(let columns, _) = property.type else { continue }
      page.paragraph("Each row of ", .code(property.name), " has:")
      fields(columns, heading: "Column", inherited: nil, &page)
    }
  }

  private func fields(_ fields: [Field], heading: String, inherited: String?, _ page: inout PageDocument) {
    let hasReasons = fields.contains { $0.why != nil && $0.why != inherited }
    page.blocks.append(
      .table(
        [heading, "What", "Type and limits"] + (hasReasons ? ["Why"] : []),
        rows: fields.map { field in
          var what = field.description ?? ""
          if let safe = field.safe { what += " " + safe }
          if let sensitivity = field.sensitivity { what += " Sensitivity: \(sensitivity)." }
          if let since = field.since { what += " Since version \(since)." }
          let row: [[PageDocument.Inline]] = [
            [.code(field.name)], [.text(what.trimmingWhitespace())], FieldPhrase.type(of: field),
          ]
          return row + (hasReasons ? [[.text(field.why == inherited ? "" : field.why ?? "")]] : [])
        }))
  }

  private func context(_ page: inout PageDocument) {
    page.heading(2, "Sent with every event", "context")
    if catalog.context.isEmpty {
      page.paragraph("Nothing but the name of the event, when it happened and a random number that names it.")
      return
    }
    page.paragraph("Each of these is left out when it is not known.")
    fields(catalog.context, heading: "Field", inherited: nil, &page)
  }

  private func identifiers(_ page: inout PageDocument) {
    page.heading(3, "Identifiers and times", "identifiers")
    var items: [[PageDocument.Inline]] = []
    switch catalog.identity.user {
    case .installation:
      items.append([
        .code("user"),
        .text(
          ": a random identifier, made on your machine at the first start and kept in a file of yours. It is made from nothing, "
            + "so nobody can tell from it who you are; it only says that some events come from the same installation."
        ),
      ])
    case .process:
      items.append([
        .code("user"),
        ": a random identifier, made anew at each start. It only says that some events come from the same run.",
      ])
    case .none:
      items.append(["There is no identifier of users. Two events of one user look like events of two."])
    }
    switch catalog.identity.rotate {
    case .never: break
    case let period:
      items.append([
        .text("The identifier changes every \(period.rawValue), and nobody can link the old to the new one.")
      ])
    }
    switch catalog.identity.session {
    case .process:
      items.append([.code("session"), ": a random identifier of the run, the same for all its events."])
    case .none: break
    }
    items.append([
      .code("segment"), ", ", .code("n"),
      ": random bits and a number that name an event, so that one that arrives twice counts once.",
    ])
    items.append([.code("time"), ": when the event happened, in milliseconds since 1970."])
    page.blocks.append(.list(items))
    guard catalog.identity.user != .none || catalog.identity.session != .none else { return }
    page.paragraph(
      "The collector stores no identifier of users or runs as it arrives, only a keyed hash of it.")
  }

  func never(_ page: inout PageDocument) {
    page.heading(2, "What is never collected", "never")
    var items = catalog.never.map { promise -> [PageDocument.Inline] in
      switch promise {
      case .kind(let kind): [.text(Self.phrase(kind))]
      case .sentence(let sentence): [.text(sentence)]
      }
    }
    if items.isEmpty { items = [["Anything that is not listed on this page."]] }
    page.blocks.append(.list(items))
    page.paragraph(
      .text(
        "The collector removes whatever is not listed here before it stores anything. In every text it also looks for e-mail "
          + "addresses, network addresses, web addresses, file paths and secrets, and removes a text that holds one."
      )
    )
    if catalog.context.contains(where: { $0.source == .network }) {
      page.paragraph(
        "Your IP address is never stored: only the network part of it, the first 24 bits (48 of IPv6), is kept."
      )
    } else {
      page.paragraph("Your IP address is never stored, nor any part of it.")
    }
  }

  static func phrase(_ kind: SensitiveClass) -> String {
    switch kind {
    case .identity: "Your identity: names, accounts, or anything that says who you are."
    case .email: "E-mail addresses."
    case .ipAddress: "IP addresses."
    case .macAddress: "Addresses of network cards (MAC addresses)."
    case .url: "Web addresses (URLs)."
    case .filePath: "File names and paths."
    case .secret: "Passwords, keys and other secrets."
    case .userContent: "The content you work with."
    }
  }
}

@_spi(AvowCollector) import AvowWire

/// Turns the tree of a file into a catalog, section by section.
struct CatalogReader {
  let report: Report
  /// To warn of events that have ended; `nil` leaves that out.
  var today: CivilDate?

  func catalog(_ root: SourceNode) -> Catalog? {
    // A newer file is told so before its new keys are called unknown.
    if let member = root.members?.first(where: { $0.key == "avow" }),
      let number = member.value.text.flatMap(Int.init), number > Catalog.grammar
    {
      report.error(
        "A010", "the file speaks format \(number); this avow reads up to \(Catalog.grammar)",
        hint: "update avow",
        at: member.value.position)
      return nil
    }
    guard let file = Section(root, "the catalog", keys: Grammar.catalog.names, report: report) else {
      return nil
    }
    if let number = file.integer("avow") {
      if number != Int64(Catalog.grammar) {
        report.error(
          "A010", "there is no format \(number)", hint: "write `avow: \(Catalog.grammar)`",
          at: file["avow"]?.position ?? .start)
      }
    } else if !file.has("avow") {
      report.error(
        "A012", "the catalog has no \"avow\"",
        hint: "start with `avow: \(Catalog.grammar)`, the format's version",
        at: .start)
    }

    var catalog = Catalog(app: app(file), name: "", version: version(file))
    catalog.name = file.required("name", hint: "the tool's name as people write it") ?? catalog.app
    catalog.since = file.text("since")
    catalog.contact = file.text("contact")
    catalog.purpose = file.text("purpose")
    catalog.please = file.text("please")
    catalog.questions = file.texts("questions").map(\.text)
    catalog.source = file.texts("source").map(\.text)
    catalog.recipient = recipient(file)
    catalog.deletion = file.text("deletion")
    catalog.scope = file.text("scope")
    catalog.consent = consent(file)
    catalog.identity = identity(file)
    catalog.delivery = delivery(file)
    catalog.retention = retention(file) ?? .months(13)
    catalog.never = never(file)
    catalog.reportingZone = zone(file)
    catalog.published = file.texts("public").map { Catalog.PublishedQuestion(text: $0.text) }
    let fields = FieldReader(report: report, never: catalog.never)
    catalog.context = fields.context(file)
    catalog.events = events(file, fields: fields)
    catalog.accepts = AcceptanceReader(report: report, catalog: catalog).acceptances(file)
    lint(catalog, file)
    return catalog
  }

  private func app(_ file: Section) -> String {
    guard let app = file.required("app", hint: "a short name such as my_tool") else { return "" }
    if !Name.isApp(app) {
      report.error(
        "A015", "\"\(app)\" is no name for an app", hint: "a letter a-z, then at most 63 of a-z 0-9 _ -",
        at: file["app"]?.position ?? .start)
    }
    return app
  }

  private func version(_ file: Section) -> Int {
    guard file.has("version") else {
      report.error(
        "A012", "the catalog has no \"version\"",
        hint: "start with `version: 1` and raise it with each change",
        at: .start)
      return 1
    }
    guard let version = file.integer("version") else { return 1 }
    guard (1...1_000_000_000).contains(version) else {
      report.error("A017", "\"version\" must be at least 1", at: file["version"]?.position ?? .start)
      return 1
    }
    return Int(version)
  }

  private func recipient(_ file: Section) -> Catalog.Recipient? {
    guard let node = file["recipient"] else { return nil }
    if let name = node.text { return Catalog.Recipient(name: name) }
    guard let section = Section(node, "the recipient", keys: Grammar.recipient.names, report: report)
    else {
      return nil
    }
    guard let name = section.required("name", hint: "the person or organisation that receives the data")
    else { return nil }
    let country = section.text("country")
    if let country, country.utf8.count != 2 || !country.utf8.allSatisfy({ (65...90).contains($0) }) {
      report.error(
        "A014", "\"\(country)\" is no country code", hint: "two capital letters of ISO 3166-1, such as DE",
        at: section["country"]?.position ?? section.position)
    }
    return Catalog.Recipient(name: name, url: section.text("url"), country: country)
  }

  private func zone(_ file: Section) -> String? {
    guard let zone = file.text("reporting_zone") else { return nil }
    let isZone = zone.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "+") || Name.isLetterOrDigit(byte)
    }
    if !isZone || zone.hasPrefix("/") || zone.utf8.count > 64 {
      report.error(
        "A014", "\"\(zone)\" is no time zone", hint: "an IANA name such as Europe/Paris",
        at: file["reporting_zone"]?.position ?? .start)
    }
    return zone
  }

  private func never(_ file: Section) -> [Catalog.Promise] {
    file.texts("never").compactMap { text, position in
      if let kind = SensitiveClass(rawValue: text) { return .kind(kind) }
      // A single lower-case word that is no class is a typing slip, not a promise.
      if text.utf8.allSatisfy({
        Name.isLetterOrDigit($0) && !(65...90).contains($0) || $0 == UInt8(ascii: "_")
      }) {
        report.error(
          "A020", "\"\(text)\" is no class of sensitive data",
          hint: Suggestion.hint(for: text, among: SensitiveClass.allCases.map(\.rawValue)), at: position)
        return nil
      }
      return .sentence(text.trimmingWhitespace())
    }
  }
}

/// What may be a name.
enum Name {
  static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// `[a-z][a-z0-9_]{0,63}`: events and fields.
  static func isField(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, (97...122).contains(first), bytes.count <= 64 else { return false }
    return bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
  }

  /// The same with dashes: apps.
  static func isApp(_ name: String) -> Bool { isField(String(name.map { $0 == "-" ? "_" : $0 })) }

  /// A name that `accepts` uses for something else.
  static let reserved = ["event", "id", "time", "user", "session"]

  /// Reports a name that cannot be one; returns whether it can.
  static func check(_ name: String, _ what: String, at position: Position, report: Report) -> Bool {
    guard isField(name) else {
      let mended = String(
        name.lowercased().map { $0 == "-" || $0 == "." || $0 == " " ? "_" : $0 })
      let hint =
        isField(mended)
        ? "did you mean \"\(mended)\"?" : "a letter a-z, then at most 63 of a-z 0-9 _"
      report.error("A015", "\"\(name)\" is no name for \(what)", hint: hint, at: position)
      return false
    }
    return true
  }
}

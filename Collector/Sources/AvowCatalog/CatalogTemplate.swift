public import AvowWire

/// The first catalog of a tool, made from a few answers: it passes `avow check` without a word, and its
/// comments say how to go on.
public struct CatalogTemplate: Sendable, Hashable {
  /// The tool's name as people write it.
  public var name: String
  /// The tool's identifier; made from the name when absent.
  public var app: String?
  public var purpose: String
  public var contact: String
  /// The events to begin with.
  public var events: [String]
  /// The variable that switches off; made from the identifier when absent.
  public var variable: String?
  public var consent: Catalog.Consent.Default
  /// The collector's address.
  public var to: String?

  /// Creates a template from what every catalog needs.
  public init(
    name: String, app: String? = nil, purpose: String, contact: String, events: [String] = ["started"],
    variable: String? = nil, consent: Catalog.Consent.Default = .enabled, to: String? = nil
  ) {
    self.name = name
    self.app = app
    self.purpose = purpose
    self.contact = contact
    self.events = events
    self.variable = variable
    self.consent = consent
    self.to = to
  }

  /// Returns the identifier that a name suggests: `My Tool!` becomes `my_tool`.
  public static func app(from name: String) -> String {
    let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let app = String(words.joined(separator: "_").prefix(64))
    return Name.isApp(app) ? app : "tool_\(app)".prefix(64).reversedTrim()
  }

  /// The file's text.
  public var yaml: String {
    let app = app ?? Self.app(from: name)
    let variable =
      variable ?? app.uppercased().map { $0 == "-" ? "_" : "\($0)" }.joined() + "_TELEMETRY_OFF"
    var lines = [
      "# What \(name.split(whereSeparator: \.isNewline).joined(separator: " ")) reports about its use. Page, code and",
      "# the collector's rules are made from this file:",
      "#",
      "#   avow check telemetry.yaml",
      "#   avow generate swift telemetry.yaml --output Sources/Telemetry.swift",
      "#   avow docs telemetry.yaml --output TELEMETRY.md",
      "avow: 1",
      "app: \(app)",
      "name: \(CatalogPrinter.quoted(name))",
      "version: 1 # raise it with each change of what is collected",
      "contact: \(CatalogPrinter.quoted(contact))",
      "purpose: \(CatalogPrinter.quoted(purpose))",
      "",
      "consent:",
      "  default: \(consent.rawValue) # enabled, ask, disabled or local",
      "  opt_out:",
      "    \(variable): truthy # DO_NOT_TRACK is honoured besides",
      "",
      "identity: {user: installation, rotate: never, session: process}",
      "",
    ]
    if let to {
      lines += ["delivery: {every: 1h, to: \(CatalogPrinter.quoted(to))}"]
    } else {
      lines += ["delivery: {every: 1h} # to: the address of your collector"]
    }
    lines += [
      "retention: 13 months", "",
      "# Promises; add sentences of your own.",
      "never: [email, ip_address, mac_address, url, file_path, secret]", "",
      "context: # sent with every event",
      "  app_version: {why: To see which releases are in use.}",
      "  os_name: {why: &platforms To know on which platforms to test.}",
      "  architecture: {why: *platforms}", "", "events:",
    ]
    for event in events {
      let words = event.split(separator: "_").joined(separator: " ")
      let description = event == "started" ? "The tool was started." : "What happened: \(words)."
      let why = event == "started" ? "To count how many use it." : "To see how often it is used."
      lines += [
        "  \(event):", "    description: \(CatalogPrinter.quoted(description))", "    why: \(why)",
        "    expires: never",
      ]
      if event == events.first {
        lines += [
          "    # properties:",
          "    #   files: {type: integer, min: 0, bucket: [0, 1, 10, 100], description: How many files it read.}",
        ]
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension Substring {
  /// The text without underscores at its end.
  fileprivate func reversedTrim() -> String {
    var slice = self
    while slice.last == "_" { slice.removeLast() }
    return String(slice)
  }
}

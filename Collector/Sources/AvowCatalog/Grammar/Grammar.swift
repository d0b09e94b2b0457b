import AvowWire

/// The keys of the catalog, section by section.
enum Grammar {
  static let fieldName = "^[a-z][a-z0-9_]{0,63}$"
  static let appName = "^[a-z][a-z0-9_-]{0,63}$"
  static let variableName = "^[A-Za-z_][A-Za-z0-9_]{0,127}$"

  private static func raw<Word: CaseIterable & RawRepresentable>(_: Word.Type) -> [String]
  where Word.RawValue == String { Word.allCases.map(\.rawValue) }

  static let catalog: [GrammarKey] = [
    GrammarKey(
      "avow", .word(["\(Catalog.grammar)"]), "The version of this grammar.", default: nil, example: "1"),
    GrammarKey(
      "app", .form("name of an app", appName),
      "The tool's identifier, part of keys, tables and folders: `[a-z][a-z0-9_-]{0,63}`.", default: nil,
      example: "evidently"),
    GrammarKey("name", .text, "Its name as people write it.", default: nil, example: "Evidently"),
    GrammarKey(
      "version", .integer(min: 1), "Rises with each change of what is collected; `avow diff` checks that.",
      default: nil, example: "4"),
    GrammarKey("since", .text, "The release that first reported.", default: "not stated", example: "0.4.0"),
    GrammarKey(
      "contact", .text, "Where users can ask.", default: "none, with a warning",
      example: "privacy@example.org"),
    GrammarKey(
      "purpose", .text, "Why anything is collected at all.", default: "a standard text, with a warning",
      example: "To know which commands to improve first."),
    GrammarKey(
      "please", .text, "Why keeping it on helps: the page's \"Should I opt out?\"",
      default: "a standard text", example: "Few users write to us."),
    GrammarKey(
      "questions", .texts, "What you want to learn; on the page, and answered first on the dashboard.",
      default: "none", example: "[Which commands are used most?]"),
    GrammarKey(
      "source", .texts, "Where the code that sends can be read.", default: "not stated",
      example: "https://example.org/telemetry.py"),
    GrammarKey(
      "recipient", .either(.text, .definition("recipient", "[mapping](#recipient)")),
      "Who receives the data.", default: "the maintainers", example: "{name: Example e.V., country: DE}"),
    GrammarKey(
      "deletion", .text, "How a user has his data erased, and which identifier to quote.",
      default: "a standard text", example: "Write to us and quote the identifier."),
    GrammarKey(
      "scope", .text, "Which part of the tool reports.", default: "not stated",
      example: "Only the service reports."),
    GrammarKey(
      "consent", .definition("consent", "[mapping](#consent)"),
      "Whether users are asked, what they are told, and how it is switched off.",
      default: "opt-out, by `DO_NOT_TRACK`", example: "{default: ask}"),
    GrammarKey(
      "identity", .definition("identity", "[mapping](#identity)"),
      "What stands for a user and for a run.", default: "a kept random identifier", example: "{user: none}"),
    GrammarKey(
      "delivery", .definition("delivery", "[mapping](#delivery)"), "How often and where to.",
      default: "every 2 s", example: "{every: 1h}"),
    GrammarKey(
      "retention", .form("days, months or years", "^[0-9]+ (day|month|year)s?$"),
      "How long an event is kept after it arrived.", default: "`13 months`", example: "90 days"),
    GrammarKey(
      "never", .texts, "What is promised never to be collected: [classes](#never) and sentences.",
      default: "nothing", example: "[email, Your models.]"),
    GrammarKey(
      "reporting_zone", .text, "The zone whose days the charts count, an IANA name.", default: "UTC",
      example: "Europe/Paris"),
    GrammarKey(
      "context", .definition("context", "mapping of names to [fields](#context)"),
      "Fields sent with every event.", default: "none", example: "{os_name: {why: To test there.}}"),
    GrammarKey(
      "events", .map(names: fieldName, values: .definition("event", "[events](#events)")),
      "What is reported.", default: nil, example: "{started: {why: To count users.}}"),
    GrammarKey(
      "public", .texts, "Questions answered on the public page, in the words of `avow ask`.",
      default: "none", example: "[users by week]"),
    GrammarKey(
      "accepts",
      .either(
        .definition("acceptance", "[mapping](#accepts)"),
        .list(.definition("acceptance", "[mappings](#accepts)"))),
      "How requests of other clients map to the events.", default: "native requests only",
      example: "[{format: segment}]"),
  ]

  static let recipient: [GrammarKey] = [
    GrammarKey("name", .text, "The person or organisation.", default: nil, example: "Example e.V."),
    GrammarKey("url", .text, "Its site.", default: "none", example: "https://example.org"),
    GrammarKey(
      "country", .form("two capital letters of ISO 3166-1", "^[A-Z]{2}$"), "Where it is.",
      default: "not stated", example: "DE"),
  ]

  static let consent: [GrammarKey] = [
    GrammarKey(
      "default", .word(raw(Catalog.Consent.Default.self)),
      "What holds when nobody said anything: reports until switched off (`enabled`), off until a question is "
        + "answered (`ask`), off until switched on (`disabled`), or records for the user's own eyes and never "
        + "sends (`local`).", default: "`enabled`", example: "ask"),
    GrammarKey(
      "opt_out",
      .map(names: variableName, values: .word(raw(Catalog.Consent.Meaning.self))),
      "Variables that switch off, and with which values: any, even empty or `0` (`set`), or any but empty, `0`, `f`, "
        + "`false`, `n`, `no` and `off` (`truthy`).", default: "`DO_NOT_TRACK: set`, always honoured",
      example: "{TOOL_TELEMETRY_OFF: truthy}"),
    GrammarKey(
      "ci", .word(["enabled", "disabled"]), "Whether continuous-integration machines report.",
      default: "`disabled`", example: "enabled"),
    GrammarKey(
      "notice", .definition("notice", "[mapping](#notice)"), "What is printed when the program starts.",
      default: "standard texts", example: "{enabled: It is on.}"),
  ]

  static let notice: [GrammarKey] = [
    GrammarKey(
      "enabled", .text, "Printed to stderr when reporting is on.", default: "a standard text",
      example: "Tool reports its use. TOOL_OFF=1 stops it."),
    GrammarKey(
      "disabled", .text, "Printed to stderr when reporting is off.", default: "a standard text",
      example: "Tool reports nothing."),
  ]

  static let identity: [GrammarKey] = [
    GrammarKey(
      "user", .word(raw(Catalog.Identity.User.self)),
      "What stands for a user: a random number that is kept, one that is new at each start, or nothing.",
      default: "`installation`", example: "process"),
    GrammarKey(
      "rotate", .word(raw(Catalog.Identity.Rotation.self)),
      "A new pseudonym for each period, which nobody can link to the old one; other clients' identifiers too.",
      default: "`never`", example: "month"),
    GrammarKey(
      "session", .word(raw(Catalog.Identity.Session.self)),
      "Whether events of one run carry a common number.", default: "`process`", example: "none"),
  ]

  static let delivery: [GrammarKey] = [
    GrammarKey(
      "every", .form("`500ms`, `2s`, `10min`, `1h`, `1d`", "^[0-9]+ *(ms|s|m|min|h|d)$"),
      "How often the client looks for new events; 100 ms to a week. Without any it sends nothing.",
      default: "`2s`", example: "10min"),
    GrammarKey(
      "to", .form("address", "^(https?://|unix:/)[^ ]+$"), "The collector.", default: "none: nothing is sent",
      example: "https://telemetry.example.org"),
    GrammarKey(
      "key", .text, "The write key, which is public by nature.", default: "none", example: "wk_tool_1"),
    GrammarKey(
      "format", .word(raw(Catalog.Delivery.Format.self)), "The format the client sends.", default: "`avow`",
      example: "segment"),
  ]

  static let event: [GrammarKey] = [
    GrammarKey(
      "description", .text, "What happened.", default: "none", example: "A command was run."),
    GrammarKey(
      "why", .text, "Why it is reported; also of its properties, unless one has its own.",
      default: "none, with a warning", example: "To see which commands are used."),
    GrammarKey(
      "status", .word(raw(EventDeclaration.Status.self)), "Sent today, or declared and not sent.",
      default: "`active`", example: "dormant"),
    GrammarKey(
      "note", .text, "What else users should know, such as why it is dormant.", default: "none",
      example: "Waits for the next release."),
    GrammarKey(
      "expires", .text,
      "`never`, a date (recording stops, and what is stored goes that day) or a version (that build and later ones do not "
        + "record).", default: "never, with a warning", example: "2027-12-31"),
    GrammarKey("since", .text, "The release that first sent it.", default: "not stated", example: "0.5.1"),
    GrammarKey(
      "retention", .form("days, months or years", "^[0-9]+ (day|month|year)s?$"), "How long it is kept.",
      default: "the catalog's", example: "30 days"),
    GrammarKey(
      "properties", .map(names: fieldName, values: .definition("property", "[fields](#fields)")),
      "What is sent with it.", default: "none", example: "{count: {type: integer, max: 100}}"),
  ]

  static let sections: [(anchor: String, keys: [GrammarKey])] = [
    ("top-level", catalog), ("recipient", recipient), ("consent", consent), ("notice", notice),
    ("identity", identity), ("delivery", delivery), ("events", event), ("fields", field),
    ("limits", limits), ("accepts", acceptance), ("places", candidate), ("drop", drop),
  ]
}

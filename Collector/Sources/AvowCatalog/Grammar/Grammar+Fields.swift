import AvowWire

extension Grammar {
  static let types = ["boolean", "integer", "number", "text", "version", "list", "records"]

  /// What a field may say whatever its type.
  static let field: [GrammarKey] = [
    GrammarKey(
      "type", .word(types), "What kind of value it is.",
      default: "required, unless the field is a standard one",
      example: "integer"),
    GrammarKey(
      "description", .text, "What the value is.", default: "none", example: "How many files were read."),
    GrammarKey(
      "why", .text, "Why it is collected.", default: "the event's; in `context` none, with a warning",
      example: "To know which sizes to test."),
    GrammarKey(
      "unit", .text,
      "The unit of a number; `bytes`, `s` and `ms` are converted from what other clients send.",
      default: "none", example: "bytes"),
    GrammarKey(
      "source", .word(StandardField.allCases.map(\.rawValue)),
      "In `context` only: which standard field it is, under a name of your own.",
      default: "the field's own name, else the program gives the value", example: "runtime_version"),
    GrammarKey("since", .text, "The release that first sent it.", default: "not stated", example: "0.5.1"),
    GrammarKey(
      "sensitivity", .text, "A word about how sensitive it is, for the page.", default: "none", example: "low"
    ),
    GrammarKey(
      "safe", .text,
      "Why a value that looks risky is harmless; the page prints it, and `avow check` stops warning.",
      default: "none", example: "It is the name of a library."),
    GrammarKey(
      "wire", .text, "Its key when the client sends another format than `avow`.", default: "the field's name",
      example: "tool-version"),
  ]

  /// What limits a value, each for some types only.
  static let limits: [GrammarKey] = [
    GrammarKey(
      "min", .number, "`integer`, `number`: the least value.", default: "-2^40 for integers, else none",
      example: "0"),
    GrammarKey(
      "max", .number, "`integer`, `number`: the greatest value.", default: "2^40 for integers, else none",
      example: "1000"),
    GrammarKey(
      "bucket", .numbers,
      "`integer`, `number`: rising edges; a value becomes the greatest edge not above it, in the client and again in the "
        + "collector.", default: "exact values", example: "[0, 1, 10, 100]"),
    GrammarKey(
      "one_of", .texts,
      "`text`: the possible values, letter case aside. Others become `other` if that is listed, else the field is removed.",
      default: "one of the three is required", example: "[build, test, other]"),
    GrammarKey(
      "pattern", .text, "`text`: what the whole text must match, see [patterns](#patterns).",
      default: "one of the three is required", example: "\"[a-z0-9_]{1,32}\""),
    GrammarKey(
      "free", .text, "`text`: the reason why neither of the two is possible; the page prints it.",
      default: "one of the three is required", example: "Nobody knows the names beforehand."),
    GrammarKey(
      "max_length", .integer(min: 1), "`text` with `free`: the most bytes, up to 4096.", default: "256",
      example: "80"),
    GrammarKey(
      "precision", .word(FieldType.Precision.allCases.map(\.rawValue)),
      "`version`: how much is kept, at most three numbers and a known pre-release.", default: "`patch`",
      example: "minor"),
    GrammarKey(
      "of", .definition("element", "type, or mapping of type and limits"), "`list`: what its elements are.",
      default: "required", example: "{type: text, one_of: [a, b]}"),
    GrammarKey(
      "max_items", .integer(min: 1), "`list`, `records`: the most elements or rows, up to 1024.",
      default: "64", example: "16"),
    GrammarKey(
      "fields", .map(names: fieldName, values: .definition("column", "fields")),
      "`records`: the columns; rows are stored as child rows of the one event.", default: "required",
      example: "{latency: {type: number, unit: s}}"),
  ]

  /// The limits each type knows; any other limit beside it is a mistake.
  static let limitsOfType: [String: [String]] = [
    "boolean": [], "integer": ["min", "max", "bucket", "unit"], "number": ["min", "max", "bucket", "unit"],
    "text": ["one_of", "pattern", "free", "max_length"], "version": ["precision"],
    "list": ["of", "max_items", "unit"], "records": ["fields", "max_items"],
  ]

  /// What an element of a list may say.
  static var element: [GrammarKey] {
    let known = ["type", "min", "max", "bucket", "one_of", "pattern", "free", "max_length", "precision"]
    return (field + limits).filter { known.contains($0.name) }
  }

  static let acceptance: [GrammarKey] = [
    GrammarKey(
      "format", .words(Acceptance.Format.allCases.map(\.rawValue)), "Which requests it speaks of.",
      default: nil,
      example: "[segment, posthog]"),
    GrammarKey(
      "path", .texts, "Further addresses of this app alone; no key is asked there, and `avow check` says so.",
      default: "the format's own; `json` must have it", example: "/v1/results"),
    GrammarKey(
      "items", .text, "`json`: where the list of events is.", default: "the body", example: "batch.events"),
    GrammarKey(
      "events", .either(.text, .map(names: ".", values: .text)),
      "Foreign name to event, with `*` and `?`; exact before glob, the first glob wins. Or the one event that every request is.",
      default: "the same names", example: "{Flow.start: flow_start, \"*.start\": start}"),
    GrammarKey(
      "flatten", .texts, "Objects whose members are read as if they stood at the top.",
      default: "the format's own",
      example: "event_properties.*"),
    GrammarKey(
      "fields",
      .map(
        names: fieldName,
        values: .either(
          .definition("candidate", "[place](#places)"), .list(.definition("candidate", "[places](#places)")))),
      "Our name, or `event`, `id`, `time`, `user`, `session`, to where its value is found, best place first.",
      default: "the same names", example: "{os_name: [system, platform]}"),
    GrammarKey(
      "null_values", .texts, "Further values that mean \"none\", beside `null`, an empty text and `{}`.",
      default: "none", example: "[(unset), -1]"),
    GrammarKey(
      "drop", .definition("drop", "[mapping](#drop)"), "What is dropped by declaration; the page lists it.",
      default: "nothing", example: "{fields: [ip_address]}"),
  ]

  static let candidate: [GrammarKey] = [
    GrammarKey("from", .text, "The path.", default: nil, example: "latency_dict.<compiler>"),
    GrammarKey(
      "unit", .text, "The unit of a bare number found there.", default: "the field's own unit", example: "GB"),
    GrammarKey(
      "fields",
      .map(
        names: fieldName,
        values: .either(.definition("candidate", "place"), .list(.definition("candidate", "places")))),
      "Records: column to place, seen from `from`. A version that arrives as an object: its `major`, `minor`, `patch`.",
      default: "the same names", example: "{latency: .}"),
  ]

  static let drop: [GrammarKey] = [
    GrammarKey("events", .texts, "Foreign names of events.", default: "none", example: "[client_run]"),
    GrammarKey("fields", .texts, "Foreign names of fields.", default: "none", example: "[ip_address, mac]"),
  ]
}

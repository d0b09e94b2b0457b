public import AvowWire

/// The grammar as a JSON Schema (draft 2020-12), for editors and other validators.
///
/// It is made from the tables that the reader uses. A schema cannot say everything: that names in
/// `accepts` exist, that edges rise or that a pattern compiles only `avow check` knows.
public enum CatalogSchema {
  /// The schema.
  public static var json: JSONValue {
    var schema = object(Grammar.catalog)
    schema["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
    schema["title"] = .string("Avow catalog, format \(Catalog.grammar)")
    schema["description"] = .string("What a tool declares about its telemetry, usually in telemetry.yaml.")
    schema["$defs"] = .object(definitions)
    // The number stands as itself where scalars are resolved.
    schema["properties"] = merged(
      schema["properties"],
      ["avow": ["enum": [.integer(Int64(Catalog.grammar)), .string("\(Catalog.grammar)")]]])
    return .object(schema)
  }

  /// The schema as text, laid out for reading.
  public static var text: String {
    var layout = JSONLayout(json: json.bytes)
    return layout.text() + "\n"
  }

  private static var definitions: [String: JSONValue] {
    [
      "text": ["type": ["string", "number", "boolean"], "minLength": 1],
      "texts": ["anyOf": [["$ref": "#/$defs/text"], ["type": "array", "items": ["$ref": "#/$defs/value"]]]],
      // An empty text is a value of `null_values`.
      "value": ["type": ["string", "number", "boolean"]],
      "nothing": ["enum": [nil, "", "~", "null"]],
      "recipient": .object(object(Grammar.recipient)),
      "consent": .object(object(Grammar.consent)),
      "notice": .object(object(Grammar.notice)),
      "identity": .object(object(Grammar.identity)),
      "delivery": .object(object(Grammar.delivery)),
      "event": ["anyOf": [["$ref": "#/$defs/nothing"], .object(object(Grammar.event))]],
      "type": GrammarShape.word(["boolean", "integer", "number", "version"]).schema,
      "field": .object(field),
      "context": context,
      "property": ["anyOf": [["$ref": "#/$defs/type"], place(Grammar.types)]],
      "column": [
        "anyOf": [["$ref": "#/$defs/type"], place(Grammar.types.filter { $0 != "list" && $0 != "records" })]
      ],
      "element": element,
      "acceptance": acceptance,
      "candidate": ["anyOf": [["$ref": "#/$defs/text"], .object(object(Grammar.candidate))]],
      "drop": .object(object(Grammar.drop)),
    ]
  }

  // MARK: Fields

  /// All keys, and for each type the limits that mean nothing for it.
  private static var field: [String: JSONValue] {
    var schema = object(Grammar.field + Grammar.limits, requiring: false)
    schema["allOf"] = .array(Grammar.types.map { wrongLimits(of: $0, among: Grammar.limits.names) })
    return schema
  }

  private static func wrongLimits(of type: String, among limits: [String]) -> JSONValue {
    let known = Grammar.limitsOfType[type] ?? []
    let wrong = limits.filter { !known.contains($0) }
    return [
      "if": has("type", type),
      "then": ["properties": .object(Dictionary(wrong.map { ($0, false) }, uniquingKeysWith: { $1 }))],
    ]
  }

  /// A text says in exactly one way what it may be, a list what it holds.
  private static var completeness: [JSONValue] {
    [
      [
        "if": has("type", "text"),
        "then": ["oneOf": .array(["one_of", "pattern", "free"].map { ["required": [.string($0)]] })],
      ],
      ["if": has("type", "list"), "then": ["required": ["of"]]],
      ["if": has("type", "records"), "then": ["required": ["fields"]]],
    ]
  }

  private static func place(_ types: [String]) -> JSONValue {
    [
      "$ref": "#/$defs/field", "required": ["type"],
      "properties": ["type": GrammarShape.word(types).schema, "source": false],
      "allOf": .array(completeness),
    ]
  }

  private static var context: JSONValue {
    let types = GrammarShape.word(Grammar.types.filter { $0 != "records" }).schema
    let own: JSONValue = [
      "$ref": "#/$defs/field", "properties": ["type": types],
      "if": ["required": ["source"]], "then": true,
      "else": ["required": ["type"], "allOf": .array(completeness)],
    ]
    let standard: JSONValue = [
      "anyOf": [
        ["$ref": "#/$defs/nothing"], ["$ref": "#/$defs/type"],
        ["$ref": "#/$defs/field", "properties": ["type": types]],
      ]
    ]
    return [
      "type": "object", "propertyNames": ["pattern": .string(Grammar.fieldName)],
      "properties": .object(
        Dictionary(StandardField.allCases.map { ($0.rawValue, standard) }, uniquingKeysWith: { $1 })),
      "additionalProperties": ["anyOf": [["$ref": "#/$defs/type"], own]],
    ]
  }

  private static var element: JSONValue {
    var schema = object(Grammar.element, requiring: false)
    let types = ["boolean", "integer", "number", "text", "version"]
    let limits = Grammar.element.names.filter { $0 != "type" }
    schema["required"] = ["type"]
    schema["properties"] = merged(schema["properties"], ["type": GrammarShape.word(types).schema])
    schema["allOf"] = .array(types.map { wrongLimits(of: $0, among: limits) } + completeness.prefix(1))
    return ["anyOf": [["$ref": "#/$defs/type"], .object(schema)]]
  }

  private static var acceptance: JSONValue {
    var schema = object(Grammar.acceptance)
    let isJSON: JSONValue = [
      "properties": [
        "format": ["anyOf": [["const": "json"], ["type": "array", "contains": ["const": "json"]]]]
      ]
    ]
    schema["allOf"] = [
      ["if": isJSON, "then": ["required": ["path"]], "else": ["properties": ["items": false]]]
    ]
    return .object(schema)
  }

  // MARK: Parts

  private static func has(_ key: String, _ value: String) -> JSONValue {
    ["properties": .object([key: ["const": .string(value)]]), "required": [.string(key)]]
  }

  private static func object(_ keys: [GrammarKey], requiring: Bool = true) -> [String: JSONValue] {
    var schema: [String: JSONValue] = ["type": "object", "additionalProperties": false]
    schema["properties"] = .object(
      Dictionary(keys.map { ($0.name, described($0)) }, uniquingKeysWith: { $1 }))
    let required = keys.filter(\.isRequired)
    if requiring, !required.isEmpty { schema["required"] = .array(required.map { .string($0.name) }) }
    return schema
  }

  private static func described(_ key: GrammarKey) -> JSONValue {
    let meaning = key.meaning.filter { $0 != "`" }
    return merged(
      key.shape.schema, ["description": .string("\(meaning) Example: \(key.name): \(key.example)")])
  }

  private static func merged(_ old: JSONValue?, _ new: [String: JSONValue]) -> JSONValue {
    .object((old?.objectValue ?? [:]).merging(new) { $1 })
  }
}

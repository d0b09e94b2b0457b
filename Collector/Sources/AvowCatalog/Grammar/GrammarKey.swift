import AvowWire

/// One key of the catalog's grammar: the reader's list of known keys, the schema for editors and the
/// reference in the documentation are made from it, so that none of them can forget one.
struct GrammarKey: Sendable {
  let name: String
  /// What it holds, in Markdown.
  let meaning: String
  let shape: GrammarShape
  /// What holds when it is absent, in Markdown; `nil` when it must be there.
  let fallback: String?
  /// A value as one would write it.
  let example: String

  init(
    _ name: String, _ shape: GrammarShape, _ meaning: String, default fallback: String?, example: String
  ) {
    self.name = name
    self.meaning = meaning
    self.shape = shape
    self.fallback = fallback
    self.example = example
  }

  var isRequired: Bool { fallback == nil }
}

/// What may stand behind a key.
indirect enum GrammarShape: Sendable {
  case text
  /// A text of a form that a regular expression (ECMA-262) can say.
  case form(String, String)
  case integer(min: Int64?)
  case number
  case word([String])
  /// One text or a list of them.
  case texts
  /// One of these words or a list of them.
  case words([String])
  case numbers
  /// Names of a form, each with a value.
  case map(names: String, values: GrammarShape)
  /// A definition of the schema, with what the documentation calls it.
  case definition(String, String)
  case either(GrammarShape, GrammarShape)
  case list(GrammarShape)

  /// The words for the documentation.
  var phrase: String {
    switch self {
    case .text: "text"
    case .form(let phrase, _): phrase
    case .integer: "whole number"
    case .number: "number"
    case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .texts: "text or list"
    case .words: "word or list"
    case .numbers: "list of numbers"
    case .map(_, let values): "mapping of names to \(values.phrase)"
    case .definition(_, let phrase): phrase
    case .either(let one, let other): "\(one.phrase), or \(other.phrase)"
    case .list(let item): "list of \(item.phrase)"
    }
  }

  /// The JSON Schema of the value.
  ///
  /// Editors resolve scalars as YAML does, other tools hand over their text; both forms are described.
  var schema: JSONValue {
    switch self {
    case .text: return ["$ref": "#/$defs/text"]
    case .form(_, let pattern): return ["type": ["string", "number"], "pattern": .string(pattern)]
    case .integer(let min):
      var integer: [String: JSONValue] = ["type": "integer"]
      if let min { integer["minimum"] = .integer(min) }
      let digits = min.map { $0 > 0 ? "^[1-9][0-9_]*$" : "^[0-9_]+$" } ?? "^[+-]?[0-9_]+$"
      return ["anyOf": [.object(integer), ["type": "string", "pattern": .string(digits)]]]
    case .number:
      return [
        "anyOf": [
          ["type": "number"], ["type": "string", "pattern": #"^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"#],
        ]
      ]
    case .word(let words): return ["enum": .array(words.map(JSONValue.string))]
    case .texts: return ["$ref": "#/$defs/texts"]
    case .words(let words):
      let word = GrammarShape.word(words).schema
      return ["anyOf": [word, ["type": "array", "items": word, "minItems": 1]]]
    case .numbers:
      let number = GrammarShape.number.schema
      return ["anyOf": [number, ["type": "array", "items": number]]]
    case .map(let names, let values):
      return [
        "type": "object", "propertyNames": ["pattern": .string(names)],
        "additionalProperties": values.schema,
      ]
    case .definition(let name, _): return ["$ref": .string("#/$defs/\(name)")]
    case .either(let one, let other): return ["anyOf": [one.schema, other.schema]]
    case .list(let item): return ["type": "array", "items": item.schema]
    }
  }
}

extension [GrammarKey] {
  var names: [String] { map(\.name) }
}

import AvowWire

/// Makes Swift names of declared ones: camel case, keywords escaped, no two alike.
struct SwiftNames {
  private var taken: Set<String>

  /// Creates a name space in which some names are in use already.
  init(reserved: [String] = []) { taken = Set(reserved) }

  /// Returns a name nobody has had yet; a number is added to a second one.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name)\(name.last?.isNumber == true ? "_" : "")\(number)"
      number += 1
    }
    return candidate
  }

  /// `list_reports` becomes `listReports`, `SW` becomes `sw`, `x86_64` stays.
  static func lower(_ text: String) -> String {
    let words = words(text)
    guard let first = words.first else { return "value" }
    let start =
      first.allSatisfy { !$0.isLowercase }
      ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
    return joined([start] + words.dropFirst().map(capitalized))
  }

  /// `snapshot_type` becomes `SnapshotType`.
  static func upper(_ text: String) -> String {
    let words = words(text)
    return words.isEmpty ? "Value" : joined(words.map(capitalized))
  }

  private static func words(_ text: String) -> [String] {
    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
  }

  private static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

  private static func joined(_ words: [String]) -> String {
    var name = ""
    for word in words {
      // Two numbers side by side would become another one.
      if name.last?.isNumber == true, word.first?.isNumber == true { name += "_" }
      name += word
    }
    return name.first?.isNumber == true ? "_" + name : name
  }

  /// `optimizations` becomes `optimization`.
  static func singular(_ name: String) -> String {
    if name.hasSuffix("ies"), name.count > 4 { return name.dropLast(3) + "y" }
    if name.hasSuffix("s"), !name.hasSuffix("ss"), name.count > 2 { return String(name.dropLast()) }
    return name
  }

  /// The name as it stands in code, in backticks when it is a keyword.
  static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  private static let keywords: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init",
    "inout",
    "internal", "let", "open", "operator", "private", "precedencegroup", "protocol", "public", "rethrows",
    "static",
    "struct", "subscript", "typealias", "var", "break", "case", "catch", "continue", "default", "defer", "do",
    "else",
    "fallthrough", "for", "guard", "if", "in", "repeat", "return", "throw", "switch", "where", "while", "Any",
    "as",
    "await", "catch", "false", "is", "nil", "self", "Self", "super", "throws", "true", "try",
  ]

  /// What a nested type must not be called: it would hide what the generated code uses.
  static let usedTypes = [
    "Avow", "AvowCore", "AvowWire", "Swift", "Any", "Self", "Type", "Protocol", "Catalog", "Context", "Event",
    "EventEncoder",
    "EventDeclaration", "Counter", "DeclaredCounter", "Timing", "DeclaredTiming", "DeclaredCatalog",
    "DeclaredEvent", "DeclaredContext",
    "Field", "FieldType", "WireLayout",
    "NumberRule",
    "TextRule", "StandardField", "SensitiveClass", "Telemetry", "Bool", "Int", "Double", "String", "Array",
    "Optional",
    "Sendable", "CaseIterable", "Hashable",
  ]

  /// The name of the whole catalog's type: the tool's own way to write itself.
  static func type(of catalog: Catalog) -> String {
    let name = upper(catalog.name)
    let chosen = name == "Value" ? upper(catalog.app) : name
    return usedTypes.contains(chosen) ? chosen + "Catalog" : chosen
  }
}

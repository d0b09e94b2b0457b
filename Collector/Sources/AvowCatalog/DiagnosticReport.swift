public import AvowWire

/// Diagnostics in the form a person, a script or a code-review tool reads.
public struct DiagnosticReport: Sendable {
  public var diagnostics: [Diagnostic]

  /// Creates a report.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// One line each.
  public var text: String { diagnostics.map { "\($0)\n" }.joined() }

  /// A list of objects.
  public var json: JSONValue {
    .array(
      diagnostics.map { diagnostic in
        [
          "severity": .string(diagnostic.severity.rawValue), "code": .string(diagnostic.code),
          "file": .string(diagnostic.file), "line": .integer(Int64(diagnostic.line)),
          "column": .integer(Int64(diagnostic.column)), "message": .string(diagnostic.message),
          "hint": diagnostic.hint.map(JSONValue.string) ?? .null,
        ]
      })
  }

  /// SARIF 2.1.0 (OASIS), which code-review tools show beside the lines.
  public var sarif: JSONValue {
    let codes = Set(diagnostics.map(\.code)).sorted()
    return [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "avow",
              "rules": .array(codes.map(Self.rule)),
            ]
          ],
          "columnKind": "unicodeCodePoints",
          "results": .array(
            diagnostics.map { diagnostic in
              Self.result(diagnostic, rule: codes.firstIndex(of: diagnostic.code) ?? 0)
            }),
        ]
      ],
    ]
  }

  private static func rule(_ code: String) -> JSONValue {
    let meaning = DiagnosticCode.meaning(of: code) ?? code
    return ["id": .string(code), "shortDescription": ["text": .string(meaning)]]
  }

  /// A path as a relative or `file:` URI reference (RFC 3986).
  private static func uri(_ path: String) -> String {
    var uri = path.hasPrefix("/") ? "file://" : ""
    for byte in path.utf8 {
      if Name.isLetterOrDigit(byte) || "-._~/".utf8.contains(byte) {
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        uri += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return uri
  }

  private static func result(_ diagnostic: Diagnostic, rule: Int) -> JSONValue {
    let hint = diagnostic.hint.map { " (\($0))" } ?? ""
    return [
      "ruleId": .string(diagnostic.code), "ruleIndex": .integer(Int64(rule)),
      "level": .string(diagnostic.severity.rawValue),
      "message": ["text": .string(diagnostic.message + hint)],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": .string(Self.uri(diagnostic.file))],
            "region": [
              "startLine": .integer(Int64(diagnostic.line)),
              "startColumn": .integer(Int64(diagnostic.column)),
            ],
          ]
        ]
      ],
    ]
  }
}

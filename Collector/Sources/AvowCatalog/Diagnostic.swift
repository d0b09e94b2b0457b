/// One thing that is wrong with a catalog file, or could be better: where, what, and how to mend it.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
  /// Whether the catalog can be used all the same.
  public enum Severity: String, Sendable, Hashable, CaseIterable {
    case error, warning
  }

  public var severity: Severity
  /// The file as the caller named it.
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, counted in Unicode scalars.
  public var column: Int
  /// `A` and three digits; the reference in `Documentation/catalog.md` lists them.
  public var code: String
  /// What is wrong.
  public var message: String
  /// How to mend it.
  public var hint: String?

  /// Creates a diagnostic.
  public init(
    _ severity: Severity, file: String, line: Int, column: Int, code: String, message: String,
    hint: String? = nil
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// One line: `file:line:column: error A012: what is wrong (how to mend it)`.
  public var description: String {
    let mend = hint.map { " (\($0))" } ?? ""
    return "\(file):\(line):\(column): \(severity.rawValue) \(code): \(message)\(mend)"
  }
}

/// Where in a file something stands.
struct Position: Hashable {
  var line: Int
  var column: Int

  static let start = Position(line: 1, column: 1)
}

/// Collects diagnostics while a file is read; reading never stops at the first.
final class Report {
  /// A file with more errors than this is not a catalog with slips but something else.
  static let limit = 200

  let file: String
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String) { self.file = file }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  func error(_ code: String, _ message: String, hint: String? = nil, at position: Position) {
    add(.error, code, message, hint, position)
  }

  func warning(_ code: String, _ message: String, hint: String? = nil, at position: Position) {
    add(.warning, code, message, hint, position)
  }

  /// The diagnostics in the order of the file, each once.
  var sorted: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return diagnostics.filter { seen.insert($0).inserted }
      .enumerated()
      .sorted {
        ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
      }
      .map(\.element)
  }

  private func add(
    _ severity: Diagnostic.Severity, _ code: String, _ message: String, _ hint: String?, _ position: Position
  ) {
    guard diagnostics.count < Self.limit else { return }
    diagnostics.append(
      Diagnostic(
        severity, file: file, line: position.line, column: position.column, code: code,
        message: oneLine(message), hint: hint.map(oneLine)))
  }

  /// What the file quotes may hold line ends; a diagnostic is one line, and not a long one.
  private func oneLine(_ text: String) -> String {
    let flat = String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    return flat.count <= 300 ? flat : String(flat.prefix(300)) + "…"
  }
}

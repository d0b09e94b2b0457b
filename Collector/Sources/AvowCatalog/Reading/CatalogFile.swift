public import AvowWire

/// Reads the declaration file, `telemetry.yaml`.
///
/// ```swift
/// let reading = CatalogFile.read(text, file: "telemetry.yaml")
/// for diagnostic in reading.diagnostics { print(diagnostic) }
/// guard let catalog = reading.catalog else { return }
/// ```
public enum CatalogFile {
  /// Reads a catalog, collecting everything that is wrong with it.
  ///
  /// - Parameters:
  ///   - text: The file's text.
  ///   - file: Its name, for diagnostics only.
  ///   - today: The day, to warn of events that have ended; `nil` leaves that out.
  public static func read(_ text: String, file: String, today: CivilDate? = nil) -> CatalogReading {
    let report = Report(file: file)
    var composer = Composer(report: report)
    guard let root = composer.compose(text) else {
      return CatalogReading(catalog: nil, diagnostics: report.sorted)
    }
    let catalog = CatalogReader(report: report, today: today).catalog(root)
    return CatalogReading(catalog: report.hasErrors ? nil : catalog, diagnostics: report.sorted)
  }

  /// The largest file that is read; a caller needs to load no more than one byte beyond.
  public static let maxBytes = Composer.maxBytes

  /// Reads a catalog from the bytes of a file; what is too large or not UTF-8 is a diagnostic.
  public static func read(bytes: [UInt8], file: String, today: CivilDate? = nil) -> CatalogReading {
    let report = Report(file: file)
    if bytes.count > maxBytes {
      Composer.reportSize(report)
    } else if let encoding = otherEncoding(bytes) {
      report.error("A002", "the file is \(encoding)", hint: "save it as UTF-8", at: .start)
    } else if let text = String(validating: bytes, as: UTF8.self) {
      return read(text, file: file, today: today)
    } else {
      let line = 1 + bytes.prefix(validPrefix(of: bytes)).count { $0 == 0x0A }
      report.error(
        "A002", "the file is not UTF-8", hint: "save it as UTF-8", at: Position(line: line, column: 1))
    }
    return CatalogReading(catalog: nil, diagnostics: report.sorted)
  }

  /// The encoding of which a mark at the start, or a zero byte among the first few, tells.
  private static func otherEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    // A catalog begins with ASCII, of which UTF-16 makes every other byte zero.
    switch bytes.prefix(4).map({ $0 == 0 }) {
    case [true, true, true, false], [false, true, true, true]: return "UTF-32"
    case [true, false, true, false], [false, true, false, true]: return "UTF-16"
    default: return nil
    }
  }

  /// How many bytes from the start are UTF-8, to within one line.
  private static func validPrefix(of bytes: [UInt8]) -> Int {
    var start = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if String(validating: line, as: UTF8.self) == nil { return start }
      start += line.count + 1
    }
    return bytes.count
  }
}

/// What reading a file gave: the catalog, unless there is an error, and everything worth saying.
public struct CatalogReading: Sendable {
  /// The catalog; `nil` when there is any error.
  public var catalog: Catalog?
  /// Errors and warnings in the order of the file.
  public var diagnostics: [Diagnostic]

  /// Creates a reading.
  public init(catalog: Catalog?, diagnostics: [Diagnostic]) {
    self.catalog = catalog
    self.diagnostics = diagnostics
  }

  public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
  public var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}

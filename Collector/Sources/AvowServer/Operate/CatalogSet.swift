import AvowCatalog
import AvowStore
public import AvowWire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The catalogs a collector runs with.
public struct CatalogSet: Sendable {
  /// A catalog and the text it was read from.
  public struct Entry: Sendable {
    public var catalog: Catalog
    public var digest: String
    public var text: String
    /// The file, or the app's name for a catalog kept from an earlier start.
    public var origin: String
  }

  public var entries: [Entry]
  /// What the files say that is worth an operator's attention but stops nothing.
  public var warnings: [String] = []

  public var catalogs: [Catalog] { entries.map(\.catalog) }

  /// Reads files, and the `*.yaml` and `*.yml` of folders.
  ///
  /// - Throws: `CollectorError` for a missing path, a catalog with errors, or two for one app.
  public init(reading paths: [String]) throws(CollectorError) {
    entries = []
    guard !paths.isEmpty else {
      throw CollectorError(.usage, "no catalog given; name one with --catalog telemetry.yaml")
    }
    for path in paths {
      for file in try Self.files(at: path) {
        guard let bytes = SmallFile.read(file) else {
          throw CollectorError(
            .catalog, "cannot read the catalog \(file): \(String(cString: strerror(errno)))")
        }
        try add(text: String(decoding: bytes, as: UTF8.self), origin: file)
      }
    }
  }

  /// Reads catalogs kept from earlier starts.
  init(kept: [ControlDatabase.LoadedCatalog]) throws(CollectorError) {
    entries = []
    for catalog in kept { try add(text: catalog.text, origin: catalog.app) }
  }

  /// Returns the catalog of an app.
  ///
  /// - Throws: `CollectorError` naming the apps there are.
  public func entry(app: String) throws(CollectorError) -> Entry {
    if let entry = entries.first(where: { $0.catalog.app == app }) { return entry }
    let known = entries.map(\.catalog.app).joined(separator: ", ")
    throw CollectorError(
      .notFound, "no catalog is loaded for the app \"\(app)\"; there is \(known.isEmpty ? "none" : known)")
  }

  private mutating func add(text: String, origin: String) throws(CollectorError) {
    let reading = CatalogFile.read(text, file: origin)
    let errors = reading.diagnostics.filter { $0.severity == .error }
    guard let catalog = reading.catalog, errors.isEmpty else {
      // "No events" says less than "unknown key evnts, did you mean events" further down.
      let telling = errors.first { $0.line > 1 } ?? errors.first
      let first = telling.map { "\($0)" } ?? "\(origin): no catalog in it"
      let rest = errors.count > 1 ? " (and \(errors.count - 1) more; see `avow check \(origin)`)" : ""
      throw CollectorError(.catalog, first + rest)
    }
    warnings += reading.diagnostics.filter { $0.severity == .warning }.map { "\($0)" }
    warnings += PublicQuestion.problems(of: catalog).map {
      "\(origin): not published: \"\($0.text)\": \($0.reason)"
    }
    if let other = entries.first(where: { $0.catalog.app == catalog.app }) {
      throw CollectorError(
        .catalog,
        "\(other.origin) and \(origin) both declare the app \"\(catalog.app)\"; an app has one catalog")
    }
    entries.append(Entry(catalog: catalog, digest: catalog.digest, text: text, origin: origin))
  }

  private static func files(at path: String) throws(CollectorError) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw CollectorError(.catalog, "there is no catalog \(path); give a telemetry.yaml or a folder of them")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    guard let directory = opendir(path) else {
      throw CollectorError(.catalog, "cannot read the folder \(path): \(String(cString: strerror(errno)))")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
    }
    guard !names.isEmpty else {
      throw CollectorError(.catalog, "the folder \(path) holds no catalog (*.yaml)")
    }
    return names.sorted().map { path + "/" + $0 }
  }
}

extension CatalogSet {
  /// Compares with what earlier starts loaded; nothing is kept of it yet.
  ///
  /// - Throws: `CollectorError` for a lower version, or a version whose content changed.
  func check(against database: ControlDatabase, accepting: Bool) throws(CollectorError) {
    guard !accepting else { return }
    let kept = try database.newestCatalogs()
    for entry in entries {
      let catalog = entry.catalog
      if let last = kept.first(where: { $0.app == catalog.app }) {
        if catalog.version < last.version {
          throw CollectorError(
            .catalog,
            "\(entry.origin): version \(catalog.version) is older than version \(last.version), which this collector already ran with; raise it, or start once with --accept-catalog"
          )
        }
        if catalog.version == last.version, entry.digest != last.digest {
          throw CollectorError(
            .catalog,
            "\(entry.origin): version \(catalog.version) collects something else than the version \(last.version) loaded before; raise `version`, or start once with --accept-catalog"
          )
        }
      }
    }
  }

  /// Keeps all that are new, or none: what was refused together did not run.
  func remember(in database: ControlDatabase, at time: Timestamp) throws(CollectorError) {
    try database.insertCatalogs(
      entries.map { entry in
        .init(
          app: entry.catalog.app, version: entry.catalog.version, digest: entry.digest, text: entry.text)
      }, at: time)
  }
}

import AvowCatalog
import AvowWire
import Foundation

/// The four catalogs of the repository, read from their files.
enum Catalogs {
  static let names = ["blindai", "jina", "speedster", "evidently"]

  static var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Catalogs")
  }

  static func text(_ file: String) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }

  static func reading(_ name: String) throws -> CatalogReading {
    CatalogFile.read(try text("\(name).yaml"), file: "\(name).yaml")
  }

  static func catalog(_ name: String) throws -> Catalog {
    let reading = try reading(name)
    guard let catalog = reading.catalog else { throw Unreadable(diagnostics: reading.diagnostics) }
    return catalog
  }

  struct Unreadable: Error { var diagnostics: [Diagnostic] }
}

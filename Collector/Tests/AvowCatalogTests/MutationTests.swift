import AvowCatalog
import AvowWire
import Testing

/// Every single thing a catalog says, changed or removed one at a time.
struct MutationTests {
  /// A line of a YAML file: what stands before the value of a key or item, the value, and the rest.
  private struct Scalar {
    var range: Range<String.Index>
    var text: String
  }

  /// The scalars of a catalog's text that are values: after a colon, in a list, or in a block.
  private static func scalars(_ text: String) -> [Scalar] {
    var scalars: [Scalar] = []
    // The printed form has every text in double quotes and every word plain, so finding them is simple.
    for match in text.matches(of: /"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.\-]+/) {
      let isKey = text[match.range.upperBound...].first == ":"
      if !isKey { scalars.append(Scalar(range: match.range, text: String(match.0))) }
    }
    return scalars
  }

  /// Another value of the same kind: a word, a number or a text.
  private static func change(_ scalar: String) -> String {
    if scalar.hasPrefix("\"") { return scalar.dropLast() + "x\"" }
    if let number = Int(scalar) { return "\(number + 1)" }
    if scalar.hasSuffix("ms"), let number = Int(scalar.dropLast(2)) { return "\(number + 1000)ms" }
    let others = [
      "installation": "process", "process": "none", "none": "process", "never": "week", "enabled": "disabled",
      "disabled": "enabled", "set": "truthy", "truthy": "set", "active": "dormant", "dormant": "active",
      "patch": "minor", "months": "years", "avow": "json", "integer": "number", "boolean": "version",
    ]
    return others[scalar] ?? scalar + "x"
  }

  private static func artifacts(_ catalog: Catalog) -> [CatalogFreshness.Artifact] {
    [
      .init(.page, path: "page", text: CatalogPage.markdown(catalog)),
      .init(.swift, path: "code", text: SwiftGenerator.generate(catalog)),
    ]
  }

  /// The files of a catalog that a change leaves as they were.
  ///
  /// The digest stands in both; a change that gives another one needs no look at the rest.
  private static func unchanged(_ catalog: Catalog, _ digest: String, _ written: [CatalogFreshness.Artifact])
    -> Bool
  {
    guard catalog.digest == digest else { return false }
    return written.allSatisfy { CatalogFreshness.stale(catalog, [$0]).isEmpty }
  }

  /// The four catalogs, and one that says every key there is.
  static let names = Catalogs.names + ["whole"]

  private static func catalog(_ name: String) throws -> Catalog {
    try name == "whole" ? WholeCatalog.catalog : Catalogs.catalog(name)
  }

  @Test(arguments: names)
  func `a change of any one value is an error or makes the page or the code stale`(name: String) throws {
    let catalog = try Self.catalog(name)
    let digest = catalog.digest
    let text = CatalogPrinter.yaml(catalog)
    let written = Self.artifacts(catalog)
    for artifact in written { #expect(artifact.text?.contains(digest) == true) }
    let scalars = Self.scalars(text)
    #expect(scalars.count > 100)
    var unnoticed: [String] = []
    for scalar in scalars {
      let changed = text.replacingCharacters(in: scalar.range, with: Self.change(scalar.text))
      guard let other = CatalogFile.read(changed, file: name).catalog else { continue }
      if Self.unchanged(other, digest, written) {
        let line = text[..<scalar.range.lowerBound].count { $0 == "\n" } + 1
        unnoticed.append("line \(line): \(scalar.text)")
      }
    }
    #expect(unnoticed == [])
  }

  @Test(arguments: names)
  func `a line that is removed is an error or makes the page or the code stale`(name: String) throws {
    let catalog = try Self.catalog(name)
    let digest = catalog.digest
    let lines = CatalogPrinter.yaml(catalog).split(separator: "\n", omittingEmptySubsequences: false)
    let written = Self.artifacts(catalog)
    var unnoticed: [String] = []
    for index in lines.indices.dropLast() {
      var fewer = lines
      fewer.remove(at: index)
      guard let other = CatalogFile.read(fewer.joined(separator: "\n"), file: name).catalog else { continue }
      // Some lines only say the default.
      if other != catalog, Self.unchanged(other, digest, written) {
        unnoticed.append("\(index + 1): \(lines[index])")
      }
    }
    #expect(unnoticed == [])
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}

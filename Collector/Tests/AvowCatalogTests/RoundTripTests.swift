import AvowCatalog
import AvowWire
import Testing

struct RoundTripTests {
  @Test func `any valid catalog survives printing and reading unchanged`() {
    for seed in 1...200 as ClosedRange<UInt64> {
      let catalog = RandomCatalog.make(seed: seed)
      let text = CatalogPrinter.yaml(catalog)
      let reading = CatalogFile.read(text, file: "\(seed).yaml")
      #expect(reading.errors.map(\.description) == [], "\(text)")
      #expect(
        reading.catalog == catalog, "seed \(seed):\n\(CatalogDiffText.of(catalog, reading.catalog))\n\(text)")
      #expect(reading.catalog?.digest == catalog.digest)
      guard reading.errors.isEmpty, reading.catalog == catalog else { return }
    }
  }

  @Test(arguments: Catalogs.names)
  func `a seed catalog survives printing and reading unchanged`(name: String) throws {
    let catalog = try Catalogs.catalog(name)
    #expect(CatalogFile.read(CatalogPrinter.yaml(catalog), file: name).catalog == catalog)
  }

  @Test(.timeLimit(.minutes(2))) func `a damaged file is never more than diagnostics`() throws {
    var random = SeededGenerator(state: 7)
    let bytes = Array(try Catalogs.text("speedster.yaml").utf8)
    for round in 0..<300 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let at = Int.random(in: 0..<damaged.count, using: &random)
        switch round % 4 {
        case 0: damaged[at] = UInt8.random(in: .min ... .max, using: &random)
        case 1: damaged.remove(at: at)
        case 2:
          damaged.insert(
            contentsOf: Array("\n\t*&{}[]:?- \"'|>".utf8).shuffled(using: &random).prefix(2), at: at)
        default: damaged.removeLast(min(damaged.count - 1, Int.random(in: 1...500, using: &random)))
        }
      }
      let reading = CatalogFile.read(bytes: damaged, file: "damaged.yaml")
      #expect(reading.catalog != nil || !reading.errors.isEmpty)
      for diagnostic in reading.diagnostics { #expect(!diagnostic.description.contains("\n")) }
    }
  }
}

private enum CatalogDiffText {
  static func of(_ old: Catalog, _ new: Catalog?) -> String {
    new.map { CatalogDiff(from: old, to: $0).text } ?? "unreadable"
  }
}

import AvowCatalog
import AvowWire
import Testing

struct GrammarTests {
  @Test func `every key of the grammar becomes the value it stands for`() throws {
    let reading = CatalogFile.read(WholeCatalog.yaml, file: "whole.yaml")
    #expect(reading.errors.map(\.description) == [])
    #expect(reading.warnings.map(\.code) == ["A102"], "\(reading.warnings)")
    let catalog = try #require(reading.catalog)
    #expect(catalog == WholeCatalog.catalog, "\(CatalogDiff(from: WholeCatalog.catalog, to: catalog).text)")
    let free = CatalogFile.read(WholeCatalog.free, file: "free.yaml")
    #expect(
      free.catalog?.events[0].properties[0].type == .text(.free(reason: "Nobody knows.", maxLength: 80)))
    #expect(free.catalog?.recipient == .init(name: "Somebody"))
  }

  @Test func `no key of the grammar is missing from the catalog that says them all`() throws {
    let text = WholeCatalog.yaml + "\n" + WholeCatalog.free
    var keys: Set<String> = []
    for (section, table) in CatalogReference.tables {
      for match in table.matches(of: /(?m)^\| `([a-z_]+)` \|/) {
        keys.insert(String(match.1))
        let isWritten = text.contains(try Regex("(^|[\\s{,])\(match.1):"))
        #expect(isWritten, "\(section): \(match.1)")
      }
    }
    #expect(keys.count > 55)
  }

  @Test func `each possible word of the grammar is read`() throws {
    func read(_ line: String) -> Catalog? {
      let text = "avow: 1\napp: t\nname: T\nversion: 1\nevents: {run: {why: w}}\n" + line
      return CatalogFile.read(text, file: "t.yaml").catalog
    }
    for word in Catalog.Consent.Default.allCases {
      #expect(read("consent: {default: \(word.rawValue)}")?.consent.default == word)
    }
    #expect(read("consent: {ci: disabled}")?.consent.reportsInCI == false)
    for word in Catalog.Identity.User.allCases {
      #expect(read("identity: {user: \(word.rawValue)}")?.identity.user == word)
    }
    for word in Catalog.Identity.Rotation.allCases {
      #expect(read("identity: {rotate: \(word.rawValue)}")?.identity.rotate == word)
    }
    for word in Catalog.Delivery.Format.allCases {
      #expect(read("delivery: {format: \(word.rawValue)}")?.delivery.format == word)
    }
    for (text, milliseconds) in [
      ("500ms", 500), ("2s", 2000), ("3m", 180_000), ("1h", 3_600_000), ("1d", 86_400_000),
    ] {
      #expect(read("delivery: {every: \(text)}")?.delivery.everyMilliseconds == Int64(milliseconds))
    }
    for (text, days) in [("1 day", 1), ("90 days", 90), ("1 month", 31), ("2 years", 732)] {
      #expect(read("retention: \(text)")?.retention.days == days)
    }
    for source in StandardField.allCases {
      #expect(read("context: {\(source.rawValue): {why: w}}")?.context.first?.source == source)
      #expect(read("context: {own: {source: \(source.rawValue), why: w}}")?.context.first?.source == source)
    }
    for format in Acceptance.Format.allCases {
      #expect(read("accepts: [{format: \(format.rawValue), path: /a}]")?.accepts.first?.formats == [format])
    }
  }

  @Test func `what is left out has the default that the reference states`() throws {
    let text = "avow: 1\napp: t\nname: T\nversion: 1\nevents: {run: }\n"
    let catalog = try #require(CatalogFile.read(text, file: "t.yaml").catalog)
    #expect(catalog == Catalog(app: "t", name: "T", version: 1, events: [EventDeclaration("run")]))
    #expect(catalog.consent.variables == [.init(name: "DO_NOT_TRACK", meaning: .set)])
    #expect(catalog.retention == .months(13))
    #expect(catalog.delivery.everyMilliseconds == 2000)
    #expect(!catalog.consent.reportsInCI)
  }
}

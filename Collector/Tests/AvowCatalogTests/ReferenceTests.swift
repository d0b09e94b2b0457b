import AvowCatalog
import Foundation
import Testing

struct ReferenceTests {
  private static var repository: URL { Catalogs.folder.deletingLastPathComponent() }
  private static var file: URL { repository.appending(path: "Documentation/catalog.md") }

  @Test func `every code that the reader gives is in the table of codes, and no other`() throws {
    let sources = Self.repository.appending(path: "Collector/Sources/AvowCatalog/Reading")
    var used: Set<String> = []
    // The command adds what only the store knows: which questions may be published.
    let command = Self.repository.appending(path: "Collector/Sources/avow/Commands/CheckCommand.swift")
    for file in try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
      + [command]
    {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /"(A\d{3})"/) { used.insert(String(match.1)) }
    }
    #expect(used == Set(CatalogReference.codes.map(\.code)))
  }

  /// The reference with its tables as the grammar gives them.
  private func renewed(_ text: String) throws -> String {
    var text = text
    let codes = CatalogReference.codes.map { "| \($0.code) | \($0.meaning) |\n" }.joined()
    let tables =
      CatalogReference.tables + [("codes", "| code | what is wrong |\n| --- | --- |\n" + codes)]
    for (section, table) in tables {
      let start = try #require(text.firstRange(of: "<!-- keys: \(section) -->\n"), "\(section)")
      let end = try #require(text[start.upperBound...].firstRange(of: "<!-- end -->"))
      text.replaceSubrange(start.upperBound..<end.lowerBound, with: table)
    }
    return text
  }

  @Test func `the tables of the reference are those of the grammar`() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    let expected = try renewed(text)
    if PageTests.isUpdating { try expected.write(to: Self.file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: Self.file, encoding: .utf8) == expected)
  }

  @Test func `the smallest catalog of the reference reads without a word`() throws {
    let reference = try String(contentsOf: Self.file, encoding: .utf8)
    let start = try #require(reference.firstRange(of: "```yaml\n"))
    let rest = reference[start.upperBound...]
    let end = try #require(rest.firstRange(of: "```"))
    let reading = CatalogFile.read(String(rest[..<end.lowerBound]), file: "telemetry.yaml")
    #expect(reading.diagnostics.map(\.description) == [])
    #expect(reading.catalog != nil)
  }

  @Test func `the example of every key is read without an error`() throws {
    // Where an example stands alone: the top level, and the sections below it.
    let head = ["avow": "1", "app": "t", "name": "T", "version": "1", "events": "{started: {why: w}}"]
    for (section, table) in CatalogReference.tables {
      for match in table.matches(of: /(?m)^\| `([a-z_]+)` .* \| `([^|]+)` \|$/) {
        let line = "\(match.1): \(match.2)"
        var members = head
        switch section {
        case "top-level": members[String(match.1)] = String(match.2)
        case "consent", "identity", "delivery": members[section] = "{\(line)}"
        case "notice": members["consent"] = "{notice: {\(line)}}"
        case "recipient": members["recipient"] = match.1 == "name" ? "{\(line)}" : "{name: N, \(line)}"
        case "events": members["events"] = "{run: {\(line)}}"
        default: continue
        }
        let text = members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
        #expect(CatalogFile.read(text, file: "t").errors.map(\.description) == [], "\(section): \(line)")
      }
    }
  }
}

import AvowCatalog
import AvowWire
import Testing

struct ReportTests {
  private static let diagnostics = CatalogFile.read(
    smallCatalog.replacing("name: Tool", with: "nmae: Tool").replacing("13 months", with: "3 years"),
    file: "a folder/telemetry.yaml"
  ).diagnostics

  @Test func `text is a line for each, with its place`() {
    let lines = DiagnosticReport(Self.diagnostics).text.split(separator: "\n")
    #expect(lines.count == Self.diagnostics.count)
    #expect(
      lines.contains(
        "a folder/telemetry.yaml:3:1: error A011: the catalog has no key \"nmae\" (did you mean \"name\"?)"))
  }

  @Test func `json has every part of a diagnostic`() throws {
    let items = try #require(DiagnosticReport(Self.diagnostics).json.arrayValue)
    let slip = try #require(items.first { $0["code"] == "A011" })
    #expect(slip["line"] == 3)
    #expect(slip["column"] == 1)
    #expect(slip["severity"] == "error")
    #expect(slip["file"] == "a folder/telemetry.yaml")
    #expect(slip["hint"] == "did you mean \"name\"?")
  }

  /// The rules of SARIF 2.1.0 (OASIS, 27 March 2020) that this report touches, by their sections.
  @Test func `sarif keeps the rules of its standard`() throws {
    let log = try JSONValue(parsing: DiagnosticReport(Self.diagnostics).sarif.text)
    #expect(log["version"] == "2.1.0")  // 3.13.2
    let run = try #require(log["runs"]?.arrayValue?.first)  // 3.13.4
    let driver = try #require(run["tool"]?["driver"])  // 3.18.2
    #expect(driver["name"] == "avow")  // 3.19.8
    #expect(run["columnKind"] == "unicodeCodePoints")  // 3.14.17
    let rules = try #require(driver["rules"]?.arrayValue)  // 3.19.23
    #expect(Set(rules.compactMap { $0["id"]?.stringValue }).count == rules.count)
    for rule in rules { #expect(rule["shortDescription"]?["text"]?.stringValue?.isEmpty == false) }  // 3.49.9
    let results = try #require(run["results"]?.arrayValue)
    #expect(results.count == Self.diagnostics.count)
    for result in results {
      let index = try #require(result["ruleIndex"]?.integerValue)  // 3.27.6
      #expect(rules[Int(index)]["id"] == result["ruleId"])
      #expect(["error", "warning"].contains(result["level"]?.stringValue))  // 3.27.10
      #expect(result["message"]?["text"]?.stringValue?.isEmpty == false)  // 3.11
      let place = try #require(result["locations"]?.arrayValue?.first?["physicalLocation"])  // 3.29
      let uri = try #require(place["artifactLocation"]?["uri"]?.stringValue)  // 3.4.3
      #expect(uri == "a%20folder/telemetry.yaml")
      #expect((place["region"]?["startLine"]?.integerValue ?? 0) >= 1)  // 3.30.5
      #expect((place["region"]?["startColumn"]?.integerValue ?? 0) >= 1)
    }
    #expect(DiagnosticReport([]).sarif["runs"]?.arrayValue?.first?["results"] == [])  // 3.14.23
  }

  @Test func `an absolute path becomes a file address`() {
    let diagnostic = Diagnostic(.error, file: "/tmp/ü.yaml", line: 1, column: 1, code: "A001", message: "m")
    let result = DiagnosticReport([diagnostic]).sarif["runs"]?.arrayValue?[0]["results"]?.arrayValue?[0]
    let place = result?["locations"]?.arrayValue?[0]["physicalLocation"]
    #expect(place?["artifactLocation"]?["uri"] == "file:///tmp/%C3%BC.yaml")
  }
}

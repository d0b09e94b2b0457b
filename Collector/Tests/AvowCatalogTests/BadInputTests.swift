import AvowCatalog
import Testing

struct BadInputTests {
  private func codes(_ bytes: [UInt8]) -> [String] {
    let reading = CatalogFile.read(bytes: bytes, file: "t.yaml")
    #expect(reading.catalog == nil)
    return reading.errors.map(\.code)
  }

  @Test func `a file of ten megabytes is refused unread`() {
    #expect(codes([UInt8](repeating: UInt8(ascii: "#"), count: 10 << 20)) == ["A001"])
  }

  @Test func `other encodings are named`() {
    let text = "avow: 1\nname: Zürich\n"
    let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let wide = text.unicodeScalars.flatMap { [0, 0, UInt8($0.value >> 8), UInt8($0.value & 0xFF)] }
    let latin = text.unicodeScalars.map { UInt8($0.value) }
    for (bytes, word) in [
      (little, "UTF-16"), (big, "UTF-16"), ([0xFF, 0xFE] + little, "UTF-16"), ([0xFE, 0xFF] + big, "UTF-16"),
      (wide, "UTF-32"), (latin, "not UTF-8"),
    ] {
      let reading = CatalogFile.read(bytes: bytes, file: "t.yaml")
      #expect(reading.errors.map(\.code) == ["A002"])
      #expect(reading.errors.first?.message.contains(word) == true, "\(reading.errors)")
    }
    #expect(CatalogFile.read(bytes: latin, file: "t.yaml").errors.first?.line == 2)
  }

  @Test func `a byte order mark of UTF-8 does no harm`() {
    #expect(CatalogFile.read(bytes: [0xEF, 0xBB, 0xBF] + Array(smallCatalog.utf8), file: "t").catalog != nil)
  }

  @Test func `a catalog of a newer format is told so and nothing else`() {
    let text = smallCatalog.replacing("avow: 1", with: "avow: 2").replacing("ci:", with: "new_key:")
    let reading = CatalogFile.read(text, file: "t.yaml")
    #expect(reading.diagnostics.map(\.code) == ["A010"])
    #expect(reading.diagnostics.first?.hint == "update avow")
  }

  @Test func `a file full of slips gives at most two hundred diagnostics`() {
    let text = smallCatalog + "\n" + (0..<5000).map { "slip_\($0): x\n" }.joined()
    #expect(CatalogFile.read(text, file: "t.yaml").diagnostics.count == 200)
  }

  @Test(.timeLimit(.minutes(1))) func `the largest file and the widest values take bounded time`() {
    // Near a mebibyte of events, of values in a set, of promises, of long names and patterns.
    let head = "avow: 1\napp: t\nname: T\nversion: 1\n"
    let texts = [
      head + "events:\n" + (0..<40_000).map { "  event_\($0): \n" }.joined(),
      head + "events: {run: {properties: {a: {type: text, one_of: ["
        + (0..<80_000).map { "v\($0)" }.joined(separator: ", ") + "]}}}}",
      head + "never: [" + (0..<90_000).map { "A \($0)" }.joined(separator: ", ") + "]\nevents: {run: }\n",
      head + "events: {run: {properties: {a: {type: text, pattern: \""
        + String(repeating: "[a-z]{0,9}", count: 90_000) + "\"}}}}",
      head + "evnets: \"" + String(repeating: "x", count: 900_000) + "\"\nevents: {run: }\n",
      head + String(repeating: "x", count: 900_000) + ": 1\nevents: {run: }\n",
    ]
    let clock = ContinuousClock()
    for text in texts {
      let time = clock.measure { _ = CatalogFile.read(text, file: "t.yaml") }
      #expect(time < .seconds(10), "\(text.prefix(80))")
    }
  }
}

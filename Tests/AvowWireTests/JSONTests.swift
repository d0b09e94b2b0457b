import AvowWire
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("null", "null"), (" [1 , 2.50, -0, 1e3] ", "[1,2.5,0,1000]"),
    (#"{"b":1,"a":{"c":[]}}"#, #"{"a":{"c":[]},"b":1}"#),
    (#""\u0041\ud83d\ude00\n\/""#, #""A😀\n/""#), ("9223372036854775807", "9223372036854775807"),
    (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("true", "true"), ("{}", "{}"), (#""\u0001""#, #""\u0001""#),
  ])
  func `a document reads and writes in the canonical form`(text: String, canonical: String) throws {
    #expect(try JSONValue(parsing: text).text == canonical)
    #expect(try JSONValue(parsing: canonical).text == canonical)
  }

  @Test(arguments: [
    "", "{", "[1,]", "01", "1.", "1e", "+1", "nul", "\"", #""\ud83d""#, #""\q""#, "\"\u{1}\"", "[1] 2",
    "{1:2}",
    #"{"a"}"#, "1e999", "--1", #"{"a":1,}"#,
  ])
  func `what is no document is refused with a place and without its text`(text: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect((0...text.utf8.count).contains(error?.offset ?? -1))
  }

  @Test func `invalid UTF-8 and deep nesting are refused`() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
    #expect(throws: Never.self) { try JSONValue(parsing: deep, maxDepth: 65) }
  }

  @Test(arguments: [0.1, -1.5e300, 5e-300, 1e15, 123_456_789.125, 1e-6, .greatestFiniteMagnitude])
  func `a number reads back as itself`(number: Double) throws {
    #expect(try JSONValue(parsing: JSONValue.number(number).bytes).numberValue == number)
  }

  @Test func `what is no number is written as null`() {
    #expect(JSONValue.array([.number(.nan), .number(.infinity)]).text == "[null,null]")
  }
}

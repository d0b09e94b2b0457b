import AvowIngest
import AvowWire
import Testing

/// What a declared type makes of what arrives.
struct ConversionTests {
  private func convert(_ field: String, _ json: String) throws -> (
    value: JSONValue?, reason: Quarantine.Reason?
  ) {
    let quarantine = Quarantine()
    let ingest = try World.ingest([Demo.catalog()], quarantine: quarantine)
    let body = """
      {"segment":"00112233445566778899aabb","events":[{"n":1,"name":"tool_run","properties":{"\(field)":\(json)}}]}
      """
    let received = ingest.take(
      World.post("/v1/events", body, headers: [("authorization", "Bearer demo_key")]))
    return (received.events.first?.properties[field], quarantine.snapshot().first?.reason)
  }

  @Test(arguments: [
    ("size", #""102.23 MB""#, JSONValue.integer(102_230_000)),
    ("size", #""1.5 GiB""#, .integer(1_610_612_736)),
    ("size", #""17.18 GB""#, .integer(17_180_000_000)), ("size", #""1KiB""#, .integer(1024)),
    ("size", "12", .integer(12)), ("size", "12.0", .integer(12)), ("size", "3e2", .integer(300)),
    ("duration", #""30 ms""#, .number(0.03)), ("duration", "0.25", .number(0.25)),
    ("duration", #""2 min""#, .number(120)),
    ("count", #""3""#, .integer(3)), ("count", "-5", .integer(-5)),
    ("count", "1099511627776", .integer(1 << 40)),
    ("limited", "10", .integer(10)), ("bucketed", "99", .integer(10)), ("bucketed", "1000", .integer(100)),
    ("price", #""9007199254740993""#, .number(9_007_199_254_740_992)), ("price", "1e-6", .number(0.000001)),
    ("price", "123456789012345678901234567890", .number(1.2345678901234568e29)),
    ("cached", "true", .boolean(true)), ("cached", #""False""#, .boolean(false)),
    ("command", #""TEST""#, .string("Test")), ("command", #""deploy""#, .string("other")),
    ("lib", #""6.1.119-acme-build7""#, .string("6.1.119")), ("lib", #""1.2.3rc1""#, .string("1.2.3rc1")),
    ("lib", #""v2.0.0-rc.1+build.5""#, .string("2.0.0-rc.1")), ("lib", #""1.2.3.4""#, .string("1.2.3")),
    ("lib", #""1.4.dev3""#, .string("1.4.dev3")), ("lib", "3.10", .string("3.10")),
    ("lib", "7", .string("7")),
    ("lib", #"{"major":3,"minor":9,"patch":16}"#, .string("3.9.16")),
    ("lib", #""1.2.3acme""#, .string("1.2.3")),
    ("lib", #""Darwin Kernel Version 21.6.0: Sat Jun 18""#, .string("21.6.0")),
    ("minor", #""3.10.2rc1""#, .string("3.10")), ("model", #""a \u0041b\/c""#, .string("a Ab/c")),
    ("tags", #"["a","x","B"]"#, .array(["a", "b"])), ("tags", "[]", .array([])),
    (
      "rows", #"[{"step":"load","ms":"1 s"},{"step":"UPPER","ms":2}]"#,
      .array([["step": "load", "ms": 1000.0], ["ms": 2.0]])
    ),
    ("note", #""h\u00e9llo \ud83d\ude00""#, .string("héllo 😀")),
  ])
  func `a value that fits becomes the declared type`(_ field: String, _ json: String, _ expected: JSONValue)
    throws
  {
    #expect(try convert(field, json).value == expected)
  }

  @Test(arguments: [
    ("count", "1099511627777", Quarantine.Reason.outOfRange), ("count", "66119386239198", .outOfRange),
    ("count", "2.5", .illTyped), ("count", "true", .illTyped), ("count", #""many""#, .illTyped),
    ("count", "1e999", .illTyped), ("limited", "11", .outOfRange), ("limited", "0", .outOfRange),
    ("size", #""12 apples""#, .illTyped), ("size", #""3 s""#, .illTyped), ("duration", "-1", .outOfRange),
    ("cached", "1", .illTyped), ("label", #""blue""#, .notListed), ("label", "{\"a\":1}", .illTyped),
    ("model", #""ada@example.org""#, .email), ("model", #""https:x//example.org""#, .filePath),
    ("model", #""what?""#, .noMatch), ("note", #""/home/ada/x""#, .filePath),
    ("note", #""10.1.2.3""#, .ipAddress),
    ("note", "\"\(String(repeating: "ab ", count: 20))\"", .tooLong), ("lib", #""unknown""#, .illTyped),
    ("lib", "66119386239198", .illTyped), ("tags", #""a""#, .illTyped),
    ("tags", #"["a","b","c","a"]"#, .tooLong),
    ("rows", #"[{"step":"a"},{"step":"b"},{"step":"c"}]"#, .tooLong),
    ("rows", #"[{"step":"a","who":"x"}]"#, .undeclared),
    ("price", "[1]", .illTyped),
  ])
  func `a value that does not fit is removed and the event kept`(
    _ field: String, _ json: String, _ reason: Quarantine.Reason
  ) throws {
    let converted = try convert(field, json)
    #expect(converted.reason == reason)
    switch field {
    case "tags" where reason == .tooLong: #expect(converted.value == ["a", "b", "c"])
    case "rows" where reason == .tooLong: #expect(converted.value == [["step": "a"], ["step": "b"]])
    case "rows": #expect(converted.value == [["step": "a"]])
    default: #expect(converted.value == nil)
    }
  }

  @Test(arguments: ["null", #""""#, "{}"])
  func `a value that says nothing is absent and not a fault`(_ json: String) throws {
    for field in ["count", "label", "tags", "lib", "undeclared"] {
      let converted = try convert(field, json)
      #expect(converted.value == nil)
      #expect(converted.reason == nil)
    }
  }

  @Test func `of a member that comes twice the last counts`() throws {
    #expect(try convert("count", #"1,"count":2"#).value == 2)
  }
}

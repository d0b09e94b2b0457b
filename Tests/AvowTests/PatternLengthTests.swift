import AvowWire
import Testing

@testable import Avow

struct PatternLengthTests {
  @Test(arguments: [
    "[A-Za-z0-9 ()._+-]{1,64}", "[A-Za-z][A-Za-z0-9_]{0,63}", "[A-Za-z]{1,16} - [A-Za-z0-9 ]{1,24}", "SW|HW",
    "a|bcd|ef", "abc|d|ef", #"\d{1,3}\.\d{1,3}"#, "colou?r", "[^/]{3}", "[a-z]{2}|[a-z]{2}[_-][A-Z]{2}",
    #"a\|b"#,
    "[+-]?x",
    #"[\]|?{9}]{2}"#, #"\[\{2\}"#, "[a-]{1,200}", "a{12}", #"[\\]{4}b"#,
  ])
  func `a host knows how long a matching text may be`(source: String) throws {
    #expect(try PatternLength.most(source) == Pattern(source).maxLength)
  }

  @Test(arguments: ["", "[", "a{", "a\\", "[a-z", "a{99999999999}"])
  func `what no catalog can hold ends nothing`(source: String) {
    #expect(PatternLength.most(source) <= 64 * 1024)
  }
}

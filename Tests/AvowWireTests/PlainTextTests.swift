import AvowCore
import Testing

struct PlainTextTests {
  @Test(arguments: [
    ("0", 0), ("-17", -17), ("+8", 8), ("007", 7), ("9223372036854775807", Int64.max),
    ("-9223372036854775808", Int64.min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
    ("99999999999999999999", nil), ("", nil), ("-", nil), ("+-1", nil), ("1 ", nil), ("1a", nil), ("é", nil),
  ])
  func `a whole number is read like the standard library reads it`(text: String, number: Int64?) {
    #expect(PlainText.number(text[...]) == number)
    #expect(Int64(text) == number)
  }

  @Test(arguments: [("ff", 255), ("1F40", 8000), ("g", nil), ("-a", -10)])
  func `hexadecimal digits as well`(text: String, number: Int64?) {
    #expect(PlainText.number(text[...], radix: 16) == number)
  }

  @Test func `words lie between any of the gaps, and none is empty`() {
    #expect(PlainText.words(" a, bé,,c ", between: " ,") == ["a", "bé", "c"])
    #expect(PlainText.words("", between: " ") == [])
    #expect(PlainText.words("--", between: "-") == [])
    #expect(PlainText.words("whole", between: " ") == ["whole"])
  }

  @Test func `names are ordered by their bytes`() {
    let names = ["b", "", "a", "ab", "B", "é", "e\u{301}", "z", "a"]
    #expect(PlainText.ordered(names) == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(PlainText.ordered([]) == [])
    for count in 1..<70 {
      let many = (0..<count).map { String($0 * 7919 % 101) }
      #expect(PlainText.ordered(many) == many.sorted())
    }
  }
}

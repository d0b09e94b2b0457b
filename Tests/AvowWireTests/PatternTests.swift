import AvowWire
import Testing

struct PatternTests {
  @Test(arguments: [
    ("[A-Za-z0-9_]{1,64}", ["a", "onnx_runtime"], ["", "a b", "é", String(repeating: "a", count: 65)]),
    ("SW|HW", ["SW", "HW"], ["S", "SWHW", "sw", ""]),
    (#"\d{1,3}\.\d{1,3}"#, ["1.2", "123.456"], ["1", "1.", "1x2", "1234.1"]),
    ("colou?r", ["color", "colour"], ["colouur", "colo"]),
    ("[^/]{3}", ["abc", "a-c"], ["a/c", "ab", "ab\n"]),
    ("[a-z]{2}|[a-z]{2}[_-][A-Z]{2}", ["de", "de_DE", "en-GB"], ["deDE", "de_", "DE"]),
    ("[]a]", [], []),
    (#"a\|b"#, ["a|b"], ["a", "b"]),
    ("[+-]?x", ["x", "+x", "-x"], ["+-x"]),
  ])
  func `a pattern matches the whole text or nothing`(
    source: String, matching: [String], others: [String]
  ) throws {
    guard let pattern = try? Pattern(source) else {
      #expect(matching.isEmpty, "\(source) did not compile")
      return
    }
    for text in matching { #expect(pattern.matches(text.utf8), "\(source) on \(text)") }
    for text in others { #expect(!pattern.matches(text.utf8), "\(source) on \(text)") }
  }

  @Test(arguments: [
    "", "a*", "a+", ".", "(a)", "^a$", "a{", "a{2,", "a{3,1}", "a{1,}", "[", "[]", "a||b", "?", "a??", "é",
    #"\q"#, "a\\",
  ])
  func `what is outside the grammar is an error`(source: String) {
    #expect(throws: PatternError.self) { _ = try Pattern(source) }
  }

  @Test func `a pattern that would need more than 256 states is refused quickly`() {
    #expect(throws: PatternError.self) { _ = try Pattern("[ab]{0,60}a[ab]{60}") }
    #expect(throws: PatternError.self) { _ = try Pattern("a{100000}") }
  }

  @Test func `a pattern knows how long a text can be`() throws {
    #expect(try Pattern("[a-z]{2,3}|[a-z]{2,3}[_-][a-z]{2,8}").maxLength == 12)
    #expect(try Pattern("ab?c").minLength == 2)
  }

  @Test func `a pattern can give an example of itself`() throws {
    for source in ["[0-9]{3}-x", "SW|HW", "[A-Z]?[0-9]", "[^a-z]{2}"] {
      let pattern = try Pattern(source)
      #expect(pattern.matches(pattern.example.utf8))
      #expect(!pattern.example.isEmpty)
    }
  }

  @Test func `every standard field's pattern compiles`() throws {
    for field in StandardField.allCases {
      if case .text(.pattern(let source)) = field.type { _ = try Pattern(source) }
    }
  }
}

import AvowStore
import AvowWire
import Testing

struct QuestionTests {
  @Test(arguments: [
    ("2026-11-15", "2026-11-21", Question.Period.day, "2026-11-08", "2026-11-14"),
    ("2026-11-15", "2026-11-21", .total, "2026-11-08", "2026-11-14"),
    // From a Monday to a Saturday: two weeks back, the second as far as its Saturday.
    ("2026-11-09", "2026-11-21", .week, "2026-10-26", "2026-11-07"),
    ("2026-11-11", "2026-11-12", .week, "2026-11-04", "2026-11-05"),
    ("2026-10-01", "2026-11-21", .month, "2026-08-01", "2026-09-21"),
    // February has no 31st, nor had it a 29th in 2026.
    ("2026-03-31", "2026-03-31", .month, "2026-02-28", "2026-02-28"),
    ("2026-01-01", "2026-01-31", .month, "2025-12-01", "2025-12-31"),
  ])
  func `what was before is as long, and made of the same parts of periods`(
    _ first: String, _ last: String, _ period: Question.Period, _ firstBefore: String, _ lastBefore: String
  ) throws {
    func day(_ text: String) throws -> Int { try #require(CivilDate(text)).dayNumber }
    let question = Question(
      app: "loom", .activeUsers, interval: DayInterval(first: try day(first), last: try day(last)),
      period: period, comparesWithBefore: true)
    let before = question.before
    #expect(before.interval == DayInterval(first: try day(firstBefore), last: try day(lastBefore)))
    #expect(!before.comparesWithBefore)
  }
}

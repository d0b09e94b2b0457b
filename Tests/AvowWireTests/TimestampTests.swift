import AvowWire
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29T12:00:00Z", 951_825_600_000),
    ("2026-11-21T07:20:43.123Z", 1_795_245_643_123), ("2026-11-21 09:20:43.123+02:00", 1_795_245_643_123),
    ("2026-11-21T07:20:43.1239999Z", 1_795_245_643_123), ("2026-11-21", 1_795_219_200_000),
    ("2026-11-21T01:50:43.123-0530", 1_795_245_643_123), ("2026-11-21T07:20", 1_795_245_600_000),
  ])
  func `a time reads as milliseconds since the epoch`(text: String, milliseconds: Int64) throws {
    let time = try #require(Timestamp(iso8601: text))
    #expect(time.milliseconds == milliseconds)
    #expect(Timestamp(iso8601: time.description) == time)
  }

  @Test(arguments: [
    "", "2026", "2026-02-29", "2026-13-01", "2026-11-21T", "2026-11-21T24:00Z", "2026-11-21T07:20:43.Z",
    "2026-11-21T07:20:43X", "2026-11-21T07:20:43Z ",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Timestamp(iso8601: text) == nil)
  }

  @Test func `every day of four centuries counts back to itself`() {
    for day in -719_000..<(-719_000 + 146_097) {
      let date = CivilDate(dayNumber: day)
      #expect(date.dayNumber == day)
    }
  }

  @Test func `a moment before 1970 lies in the day it lies in`() {
    #expect(Timestamp(milliseconds: -1).day == -1)
    #expect(Timestamp(milliseconds: -86_400_000).day == -1)
    #expect(Timestamp(milliseconds: -86_400_001).day == -2)
  }
}

import AvowWire
import Testing

@Suite struct NativeRequestTests {
  @Test func `a report is written as the protocol says`() {
    let report = EventReport(
      app: "x", catalogVersion: 4, catalogDigest: "ab", segment: .init(high: 1, low: 2),
      user: .init(high: 0, low: 10), isEphemeral: true, lost: 12, context: [.init("os_name", "linux")],
      events: [
        .init(
          number: 40, name: "run", time: .init(milliseconds: 1_766_000_000_000),
          properties: [.init("size", 3), .init("rows", [["a": 1]])], context: [.init("uptime", 17)]),
        .init(number: 44, name: "stop", time: .init(milliseconds: 5)),
      ])
    #expect(
      String(decoding: NativeRequest.body(of: report), as: UTF8.self)
        == #"{"app":"x","catalog":{"version":4,"digest":"ab"},"segment":"000000000000000100000002","#
        + #""user":"0000000000000000000000000000000a","ephemeral":true,"lost":12,"context":{"os_name":"linux"},"#
        + #""events":[{"n":40,"name":"run","time":1766000000000,"properties":{"size":3,"rows":[{"a":1}]},"#
        + #""context":{"uptime":17}},{"n":44,"name":"stop","time":5}]}"#)
  }

  @Test func `a segment's identifier and a number make the event's`() throws {
    let segment = try #require(SegmentIdentifier("0123456789abcdef01234567"))
    #expect(segment.description == "0123456789abcdef01234567")
    #expect(segment.event(0xFF).description == "0123456789abcdef01234567000000ff")
    #expect(SegmentIdentifier("0123456789abcdef0123456") == nil)
    #expect(SegmentIdentifier("0123456789abcdef0123456-") == nil)
  }

  @Test func `an answer reads back as itself`() {
    let answer = NativeAnswer(
      accepted: 9, duplicates: 1,
      refused: [.init(number: 3, reason: "unknown_event", field: "x"), .init(number: 4, reason: "y")],
      receipt: "ab")
    #expect(NativeAnswer(parsing: answer.bytes) == answer)
    #expect(NativeAnswer(parsing: "OK".utf8) == nil)
    #expect(NativeAnswer(parsing: "{}".utf8) == nil)
  }
}

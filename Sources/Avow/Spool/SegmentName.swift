/// The name of a segment's file: when it was made, so that names sort by age, and a random part.
struct SegmentName: Equatable {
  /// Seconds since the epoch.
  var made: Int64
  var text: String

  init(made: Timestamp) {
    self.made = max(0, made.milliseconds / 1000)
    let seconds = Identifier128(high: 0, low: UInt64(self.made)).bytes.suffix(5)
    text = hexadecimal(Array(seconds)) + "-" + hexadecimal(Randomness.bytes(8))
  }

  /// Reads a file's name; `nil` for one of another kind.
  init?(_ name: String) {
    guard name.hasSuffix(Segment.suffix), let dash = name.firstIndex(of: "-"),
      let made = PlainText.number(name[..<dash], radix: 16)
    else { return nil }
    self.made = made
    text = String(name.dropLast(Segment.suffix.count))
  }
}

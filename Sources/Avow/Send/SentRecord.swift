/// One line of the log of what was sent.
public struct SentRecord: Sendable, Equatable {
  public internal(set) var time: Timestamp
  /// The events' names and how many of each.
  public internal(set) var events: [String: Int]
  public internal(set) var segment: SegmentIdentifier
  /// The collector's HTTP status.
  public internal(set) var status: Int
  /// SHA-256 of the JSON that was sent.
  public internal(set) var digest: String
  /// What the collector said it received; equal to `digest` when it has the same bytes.
  public internal(set) var receipt: String?

  init(_ report: EventReport, time: Timestamp, status: Int, body: [UInt8], receipt: String?) {
    self.time = time
    events = [:]
    for event in report.events { events[event.name, default: 0] += 1 }
    segment = report.segment
    self.status = status
    digest = hexadecimal(SHA256.hash(body))
    self.receipt = receipt
  }

  init?(parsing line: [UInt8]) {
    guard let json = try? JSONValue(parsing: line), let time = json["time"]?.integerValue,
      let segment = json["segment"]?.stringValue.flatMap({ SegmentIdentifier($0) }),
      let status = json["status"]?.integerValue, let digest = json["digest"]?.stringValue
    else { return nil }
    self.time = Timestamp(milliseconds: time)
    self.segment = segment
    self.status = Int(status)
    self.digest = digest
    receipt = json["receipt"]?.stringValue
    events = (json["events"]?.objectValue ?? [:]).compactMapValues { $0.integerValue.map { Int($0) } }
  }

  var bytes: [UInt8] {
    var members: [String: JSONValue] = [
      "time": .integer(time.milliseconds), "segment": .string(segment.description),
      "status": .integer(Int64(status)), "digest": .string(digest),
      "events": .object(events.mapValues { .integer(Int64($0)) }),
    ]
    if let receipt { members["receipt"] = .string(receipt) }
    return JSONValue.object(members).bytes
  }
}

extension SentRecord: CustomStringConvertible {
  /// When it was sent, to the second.
  var moment: String {
    let date = CivilDate(dayNumber: time.day)
    let second = Int((time.milliseconds % 86_400_000 + 86_400_000) % 86_400_000 / 1000)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(second / 3600)):\(two(second / 60 % 60)):"
      + "\(two(second % 60))Z"
  }

  /// One line: when, what, and whether the collector received the same.
  public var description: String {
    let names = PlainText.ordered(Array(events.keys)).map { "\(events[$0] ?? 0) \($0)" }
      .joined(separator: ", ")
    let verdict =
      receipt.map { $0 == digest ? "received as sent" : "received as \($0)" } ?? "no receipt"
    return "\(moment)  \(names)  status \(status)  sha-256 \(digest)  \(verdict)"
  }
}

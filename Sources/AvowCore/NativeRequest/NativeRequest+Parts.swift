/// The native protocol's side of an encoder.
extension NativeRequest {
  static func headers(key: String?, sent: Timestamp) -> [(name: String, value: String)] {
    var headers = [("Content-Type", "application/json")]
    if let key { headers.append(("Authorization", "Bearer \(key)")) }
    headers.append((sentHeader, String(sent.milliseconds)))
    return headers
  }

  /// Returns the requests that carry a report, at most so many events and bytes in one.
  static func parts(of report: EventReport, _ most: Int, bytes: Int)
    -> (parts: [DestinationEncoder.Part], tooLarge: [EventReport.Event])
  {
    if report.events.count <= most {
      let body = body(of: report)
      if body.count <= bytes { return ([DestinationEncoder.Part(report: report, body: body)], []) }
      if report.events.count == 1 { return ([], report.events) }
    }
    var result: (parts: [DestinationEncoder.Part], tooLarge: [EventReport.Event]) = ([], [])
    for half in report.halves {
      let (parts, tooLarge) = parts(of: half, most, bytes: bytes)
      result.parts += parts
      result.tooLarge += tooLarge
    }
    return result
  }

  static func verdict(_ status: Int, _ body: [UInt8], _ report: EventReport) -> Verdict {
    switch status {
    case 200..<300:
      guard let answer = NativeAnswer(parsing: body) else { return .again(Verdict.notACollector) }
      // Whoever answers may say any number; only those that can be true are counted.
      func bounded(_ number: Int) -> Int { max(0, min(number, report.events.count)) }
      return .delivered(
        accepted: bounded(answer.accepted), duplicates: bounded(answer.duplicates),
        refused: bounded(answer.refused.count), receipt: answer.receipt)
    case 400, 415, 422: return .refused(Verdict.refusal(status))
    default: return .again(Verdict.failure(status))
    }
  }
}

extension EventReport {
  /// The report in two, the first no larger than the second; what was lost is said once.
  public var halves: [EventReport] {
    var first = self
    var second = self
    let middle = events.count / 2
    first.events = Array(events[..<middle])
    second.events = Array(events[middle...])
    if !first.events.isEmpty { second.lost = 0 }
    return [first, second].filter { !$0.events.isEmpty }
  }
}

extension Identifier128 {
  /// The form of a UUID: 8-4-4-4-12 digits.
  public var uuid: String {
    let digits = Array(description)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}

/// What came of comparing what was sent with the collector's receipts.
public struct TelemetryVerification: Sendable, Equatable {
  /// Requests whose receipt names the very bytes that were sent.
  public internal(set) var matching = 0
  /// Requests the collector received as something else.
  public internal(set) var differing: [SentRecord] = []
  /// Requests without a receipt: refused, or in a format whose collectors give none.
  public internal(set) var withoutReceipt = 0

  init(_ log: [SentRecord]) {
    for record in log {
      switch record.receipt {
      case record.digest: matching += 1
      case nil: withoutReceipt += 1
      default: differing.append(record)
      }
    }
  }

  /// Whether nothing differs.
  public var isGood: Bool { differing.isEmpty }
}

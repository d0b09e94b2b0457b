/// What a server's answer means for the events of a request; positions count within that request.
public enum Verdict: Sendable, Equatable {
  /// The request is done with.
  case delivered(accepted: Int, duplicates: Int = 0, refused: Int = 0, receipt: String? = nil)
  /// Nothing was taken. These would be refused for ever; the others go again at once.
  case without([Int])
  /// Nothing was taken. The first wait, the second are given up, the others go again at once.
  case throttled([Int], over: [Int] = [])
  /// The request is too large; its halves may not be.
  case tooLarge
  /// The same would be refused for ever.
  case refused(String)
  /// Nothing was taken, as far as is known; the same again, later.
  case again(String)

  static let notACollector = "what answered is not a collector"
  static func refusal(_ status: Int) -> String { "the collector refused a request (\(status))" }
  static func failure(_ status: Int) -> String { "the collector answered \(status)" }
}

/// Decides when to try again; knows no clock and draws no random numbers itself.
///
/// After a failure the pause doubles, up to ten minutes, and a random half of it is left away so that a
/// thousand clients do not come back together. What a server asks for by `Retry-After` is the least pause.
/// When several attempts in a row met nobody at all, the network counts as down: at most one attempt a
/// minute, until one succeeds.
struct Retry: Equatable, Sendable {
  static let longest: Duration = .seconds(600)
  static let longestAsked: Duration = .seconds(86_400)
  static let leastWhenDown: Duration = .seconds(60)
  /// From this many attempts that met nobody the network counts as down.
  static let threshold = 5

  /// Failures of any kind in a row.
  private(set) var failures = 0
  /// Attempts in a row that brought no answer.
  private(set) var unanswered = 0
  /// When the next attempt may be made.
  private(set) var notBefore: Duration = .zero
  /// Before this not even somebody who waits for it is served: the server asked for quiet.
  private(set) var askedUntil: Duration = .zero

  var isNetworkDown: Bool { unanswered >= Self.threshold }

  /// - Parameter isAsked: Somebody waits, so that our own pauses do not count.
  func allows(at now: Duration, isAsked: Bool = false) -> Bool { now >= (isAsked ? askedUntil : notBefore) }

  /// - Parameters:
  ///   - isAnswered: A server answered, only not well.
  ///   - random: From 0 up to 1.
  mutating func failed(
    at now: Duration, isAnswered: Bool, retryAfter: Duration? = nil, random: Double
  ) {
    failures += 1
    unanswered = isAnswered ? 0 : unanswered + 1
    let doubled: Duration = .seconds(2) * (1 << min(failures - 1, 9))
    var pause = min(doubled, Self.longest) * (0.5 + 0.5 * random)
    // The random part goes on top here, or all would come back after the same minute.
    if isNetworkDown { pause = max(pause, Self.leastWhenDown * (1 + 0.5 * random)) }
    let asked = min(retryAfter ?? .zero, Self.longestAsked)
    askedUntil = now + asked
    notBefore = now + max(pause, asked)
  }

  mutating func succeeded() { self = Retry() }
}

/// What a user chose, as it is kept: a mode, and a number that changes with every choice not to send.
///
/// Segments carry the number they were recorded under. Who looks only now and then may miss that telemetry
/// was off in between; the number tells, and what has another one is never sent.
struct StoredChoice: Equatable {
  static let fileName = "choice"

  var mode: TelemetryMode
  var epoch: UInt32

  init(mode: TelemetryMode, epoch: UInt32) {
    self.mode = mode
    self.epoch = epoch
  }

  /// Reads `MODE` or `MODE NUMBER`; `nil` for anything else.
  init?(parsing bytes: [UInt8]) {
    let words = stateWords(bytes)
    guard (1...2).contains(words.count), let mode = TelemetryMode(rawValue: words[0]) else {
      return nil
    }
    self.mode = mode
    guard words.count == 2 else {
      epoch = 0
      return
    }
    guard let epoch = PlainText.number(words[1][...]).flatMap({ UInt32(exactly: $0) }) else { return nil }
    self.epoch = epoch
  }

  /// The choice that follows on `old`; `seconds` makes the number differ when the old one is lost.
  init(_ mode: TelemetryMode, after old: StoredChoice?, wasUnclear: Bool, seconds: Int64) {
    self.mode = mode
    if mode == .enabled, !wasUnclear {
      epoch = old?.epoch ?? 0
    } else {
      epoch = max((old?.epoch ?? 0) &+ 1, UInt32(truncatingIfNeeded: max(1, seconds)))
    }
  }

  var bytes: [UInt8] { Array("\(mode.rawValue) \(epoch)\n".utf8) }
}

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A bar on standard error that says how far long work is; nothing where that is no terminal.
final class ProgressBar: Sendable {
  private let isShown = isatty(2) == 1
  private let last = Mutex(-1)

  /// Shows how much is done, with a word on what is at hand.
  func show(_ done: Int, of total: Int, _ what: String) {
    guard isShown, total > 0 else { return }
    let percent = min(100, done * 100 / total)
    let isNew = last.withLock { last in
      defer { last = percent }
      return last != percent
    }
    guard isNew else { return }
    write("\r" + Self.line(percent, what) + "\u{1B}[K")
  }

  /// Says how much was done, where nobody knows how much there is.
  func count(_ done: Int, _ what: String) {
    if isShown { write("\r\(done) \(what)\u{1B}[K") }
  }

  /// Says what is done where nobody knows how far it is.
  func wait(_ what: String) {
    if isShown { write("\r\(what) ...\u{1B}[K") }
  }

  /// Takes the bar away.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
  }

  static func line(_ percent: Int, _ what: String) -> String {
    let filled = percent * 30 / 100
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    return "\(bar) \(percent) % \(what)"
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { systemWrite(2, $0.baseAddress, $0.count) }
  }
}

/// The system call by another name, since the bar has a `write` of its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

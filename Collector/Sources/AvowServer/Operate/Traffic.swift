import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many requests were answered how.
final class Traffic: Sendable {
  private let success = Atomic(0)
  private let elsewhere = Atomic(0)
  private let refusal = Atomic(0)
  private let failure = Atomic(0)
  private let throttled = Atomic(0)

  /// Counts an answer.
  func count(_ status: Int) {
    switch status / 100 {
    case 2: success.add(1, ordering: .relaxed)
    case 3: elsewhere.add(1, ordering: .relaxed)
    case 4: refusal.add(1, ordering: .relaxed)
    default: failure.add(1, ordering: .relaxed)
    }
    if status == 429 || status == 503 { throttled.add(1, ordering: .relaxed) }
  }

  /// How many requests were answered.
  var answers: Int {
    success.load(ordering: .relaxed) + elsewhere.load(ordering: .relaxed) + refusal.load(ordering: .relaxed)
      + failure.load(ordering: .relaxed)
  }

  /// How many of them were told to come back later.
  var putOff: Int { throttled.load(ordering: .relaxed) }

  /// In the Prometheus text format.
  var metrics: String {
    let counts = [
      success.load(ordering: .relaxed), elsewhere.load(ordering: .relaxed),
      refusal.load(ordering: .relaxed), failure.load(ordering: .relaxed),
    ]
    var text = "# TYPE avow_answers_total counter\n"
    for (index, count) in counts.enumerated() {
      text += "avow_answers_total{status=\"\(index + 2)xx\"} \(count)\n"
    }
    return text + "# TYPE avow_throttled_total counter\n"
      + "avow_throttled_total \(throttled.load(ordering: .relaxed))\n"
  }

  /// The memory of this process; 0 where the system does not say.
  static var residentBytes: Int {
    guard let bytes = SmallFile.read("/proc/self/statm", limit: 4096) else { return 0 }
    let pages = String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap {
      Int($0)
    }
    return (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

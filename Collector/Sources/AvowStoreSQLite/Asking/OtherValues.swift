/// Values that are kept one by one.
struct OtherValues: ~Copyable {
  private var words = ZeroedWords(count: 64)
  /// The words as numbers.
  private var start: UnsafeMutablePointer<Double>
  private(set) var kept = 0
  private var room = 64
  /// What came many times at once.
  private var repeated: [Double: Int] = [:]
  private(set) var count = 0

  init() { start = Self.numbers(words.start) }

  private static func numbers(_ words: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(words).assumingMemoryBound(to: Double.self)
  }

  @inline(__always)
  mutating func append(_ value: Double) {
    if kept == room { makeRoom(for: 1) }
    start[kept] = value
    kept &+= 1
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ value: Double, each times: Int) { for _ in 0..<times { append(value) } }

  mutating func append(_ value: Double, times: Int) {
    repeated[value, default: 0] += times
    count += times
  }

  mutating func makeRoom(for more: Int) {
    if kept + more <= room { return }
    room = max(kept + more, room * 2)
    words.grow(to: room)
    start = Self.numbers(words.start)
  }

  @inline(__always)
  func forEach(_ body: (Double, Int) -> Void) {
    for index in 0..<kept { body(start[index], 1) }
    for (value, times) in repeated { body(value, times) }
  }
}

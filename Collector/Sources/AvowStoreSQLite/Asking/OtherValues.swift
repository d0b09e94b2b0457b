/// Values that are kept one by one.
struct OtherValues: ~Copyable {
  private var start: UnsafeMutablePointer<Double>
  private(set) var kept = 0
  private var room = 64
  /// What came many times at once.
  private var repeated: [Double: Int] = [:]
  private(set) var count = 0

  init() { start = .allocate(capacity: room) }

  deinit { start.deallocate() }

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
    let larger = UnsafeMutablePointer<Double>.allocate(capacity: room)
    larger.update(from: start, count: kept)
    start.deallocate()
    start = larger
  }

  @inline(__always)
  func forEach(_ body: (Double, Int) -> Void) {
    for index in 0..<kept { body(start[index], 1) }
    for (value, times) in repeated { body(value, times) }
  }
}

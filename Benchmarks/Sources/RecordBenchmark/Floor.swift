import Synchronization

/// What any client that keeps its events in memory does at the least.
final class FloorBuffer: Sendable {
  private let buffer = Mutex<[UInt8]>([])

  @inline(never)
  func append(_ count: Int) {
    let bytes = [UInt8](repeating: 7, count: 203)
    buffer.withLock { $0.reserveCapacity(1 << 20) }
    for _ in 0..<count {
      buffer.withLock { buffer in
        if buffer.count + 203 > 1 << 20 { buffer.removeAll(keepingCapacity: true) }
        buffer.append(contentsOf: bytes)
      }
    }
  }
}

/// An atomic addition, the least a counter does.
final class FloorCounter: Sendable {
  private let value = Atomic<Int>(0)

  @inline(never)
  func add(_ count: Int) { for _ in 0..<count { value.wrappingAdd(1, ordering: .relaxed) } }
}

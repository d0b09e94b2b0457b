import Synchronization

/// Bytes gathered from a closure that may run elsewhere.
final class Collected: Sendable {
  private let storage = Mutex<[UInt8]>([])

  var bytes: [UInt8] { storage.withLock { $0 } }

  func append(_ bytes: [UInt8]) { storage.withLock { $0 += bytes } }
}

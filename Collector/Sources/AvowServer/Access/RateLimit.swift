import Synchronization

/// How much each sender may send: a bucket of tokens a sender, in memory, forgotten when it is full again.
final class RateLimit<Sender: Hashable & Sendable>: Sendable {
  private struct Bucket {
    var tokens: Double
    var filled: ContinuousClock.Instant
  }

  private let rate: Double
  private let burst: Double
  private let capacity: Int
  private let buckets = Mutex<[Sender: Bucket]>([:])

  /// Creates a limit of `rate` a second and `burst` at once; `nil` never limits.
  init(rate: Double?, burst: Double? = nil, capacity: Int = 50_000) {
    self.rate = rate ?? .infinity
    self.burst = max(1, burst ?? (rate ?? 0) * 5)
    self.capacity = capacity
  }

  /// Takes from a sender's bucket; returns the seconds to wait when it is empty.
  func take(_ count: Int = 1, by sender: Sender, at now: ContinuousClock.Instant = .now) -> Int? {
    guard rate.isFinite else { return nil }
    return buckets.withLock { buckets in
      var bucket = buckets[sender] ?? Bucket(tokens: burst, filled: now)
      bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled) / .seconds(1) * rate)
      bucket.filled = now
      defer {
        buckets[sender] = bucket
        if buckets.count > capacity { sweep(&buckets, now) }
      }
      // A large batch is taken on credit: it can never be split by who sent it.
      guard bucket.tokens >= 1 else { return max(1, min(5, Int((1 - bucket.tokens) / rate) + 1)) }
      bucket.tokens -= Double(count)
      return nil
    }
  }

  /// Forgets senders whose bucket is full, and all when that does not help: limits are no ledger.
  private func sweep(_ buckets: inout [Sender: Bucket], _ now: ContinuousClock.Instant) {
    buckets = buckets.filter { ($1.tokens + (now - $1.filled) / .seconds(1) * rate) < burst }
    if buckets.count > capacity { buckets.removeAll() }
  }
}

/// Who a request comes from, for limits only: an address, of IPv6 its network of 64 bits.
struct SenderAddress: Hashable, Sendable {
  private let bytes: [UInt8]

  init?(_ address: String) {
    guard let bytes = AddressRange.bytes(address) else { return nil }
    self.bytes = bytes.count == 16 ? Array(bytes.prefix(8)) : bytes
  }
}

/// What the limits of a collector refuse.
final class Limits: Sendable {
  private let addresses: RateLimit<SenderAddress>
  private let apps: RateLimit<String>
  private let keys: RateLimit<String>
  /// Erasures rewrite a file, so an address may ask for few.
  private let deletions: RateLimit<SenderAddress>

  init(_ configuration: CollectorConfiguration) {
    addresses = RateLimit(rate: configuration.requestsPerAddress)
    apps = RateLimit(rate: configuration.eventsPerApp)
    keys = RateLimit(rate: configuration.eventsPerKey)
    deletions = RateLimit(rate: 0.2, burst: 20)
  }

  /// Counts a request; returns the seconds to wait when its sender sent too many.
  func request(from sender: SenderAddress) -> Int? { addresses.take(by: sender) }

  /// Counts events of an app and of the write key they came with; returns the seconds to wait when either sent
  /// too many.
  ///
  /// - Parameter key: A key that is in force, so that there are never many; `nil` at a path without keys.
  func events(_ count: Int, of app: String, by key: String?) -> Int? {
    // Asked before anything is taken: what one of them refuses is not charged to the other.
    if let seconds = key.flatMap({ keys.take(0, by: $0) }) ?? apps.take(0, by: app) { return seconds }
    _ = key.map { keys.take(count, by: $0) }
    _ = apps.take(count, by: app)
    return nil
  }

  /// Counts a request for erasure.
  func deletion(from address: String?) -> Int? {
    address.flatMap(SenderAddress.init).flatMap { deletions.take(by: $0) }
  }
}

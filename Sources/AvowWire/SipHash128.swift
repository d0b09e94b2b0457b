/// SipHash-2-4 with a result of 128 bits: a keyed hash that is cheap for short texts and that nobody without the
/// key can predict or steer.
///
/// It recognises things, it does not hide them: whoever has the key can try texts at some twenty million a second.
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and the authors' test vectors.
@_spi(AvowCollector) public struct SipHash128: Sendable {
  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64

  /// Takes the first 16 bytes of `key`.
  public init(key: some Sequence<UInt8>) {
    let key = Identifier128(bytes: Array(key.prefix(16)))
    (first, second) = (key.high.byteSwapped, key.low.byteSwapped)
  }

  @usableFromInline struct State {
    @usableFromInline var v0, v1, v2, v3: UInt64

    @inlinable init(_ v0: UInt64, _ v1: UInt64, _ v2: UInt64, _ v3: UInt64) {
      (self.v0, self.v1, self.v2, self.v3) = (v0, v1, v2, v3)
    }

    @inlinable @inline(__always)
    mutating func round() {
      v0 &+= v1
      v2 &+= v3
      v1 = (v1 << 13 | v1 >> 51) ^ v0
      v3 = (v3 << 16 | v3 >> 48) ^ v2
      v0 = v0 << 32 | v0 >> 32
      v2 &+= v1
      v0 &+= v3
      v1 = (v1 << 17 | v1 >> 47) ^ v2
      v3 = (v3 << 21 | v3 >> 43) ^ v0
      v2 = v2 << 32 | v2 >> 32
    }

    @inlinable @inline(__always)
    mutating func take(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    @inlinable @inline(__always)
    mutating func half(_ mark: UInt64) -> UInt64 {
      if mark == 0xEE { v2 ^= mark } else { v1 ^= mark }
      for _ in 0..<4 { round() }
      return v0 ^ v1 ^ v2 ^ v3
    }
  }

  /// Hashes `bytes`, which follow `head` when there is one.
  @inlinable public func hash(head: (UInt64, UInt64)? = nil, _ bytes: UnsafeRawBufferPointer) -> Identifier128
  {
    var state = State(
      first ^ 0x736F_6D65_7073_6575, second ^ 0x646F_7261_6E64_6F6D ^ 0xEE, first ^ 0x6C79_6765_6E65_7261,
      second ^ 0x7465_6462_7974_6573)
    if let head {
      state.take(head.0)
      state.take(head.1)
    }
    let whole = bytes.count & ~7
    var offset = 0
    while offset < whole {
      state.take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last = UInt64(truncatingIfNeeded: bytes.count + (head == nil ? 0 : 16)) << 56
    while offset < bytes.count {
      last |= UInt64(bytes[offset]) << UInt64(8 * (offset - whole))
      offset += 1
    }
    state.take(last)
    let low = state.half(0xEE)
    return Identifier128(high: low.byteSwapped, low: state.half(0xDD).byteSwapped)
  }
}

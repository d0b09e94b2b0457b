@_spi(AvowCollector) import AvowWire
import Testing

struct SipHash128Tests {
  private let hash = SipHash128(key: 0..<16)

  /// The authors' vectors: the bytes 0, 1, 2 … under the key 0, 1, 2 … 15.
  @Test(arguments: [
    (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
    (2, "8177228da4a45dc7fca38bdef60affe4"), (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
    (16, "6ee2a4ca67b054bbfd3315bf85230577"),
  ])
  func `the published vectors come out`(_ count: Int, _ expected: String) {
    let bytes = (0..<UInt8(count)).map { $0 }
    #expect(bytes.withUnsafeBytes { hash.hash($0) }.description == expected)
  }

  @Test func `a head counts like sixteen bytes in front`() {
    let bytes = (0..<UInt8(29)).map { $0 }
    let whole = bytes.withUnsafeBytes { hash.hash($0) }
    let parts = bytes.withUnsafeBytes { bytes in
      hash.hash(
        head: (
          bytes.load(as: UInt64.self).littleEndian,
          bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        ), UnsafeRawBufferPointer(rebasing: bytes[16...]))
    }
    #expect(parts == whole)
  }
}

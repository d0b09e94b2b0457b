import CAvowShims

/// Compression through the system's zlib, where there is one.
enum Gzip {
  /// Returns the compressed bytes; `nil` when zlib is not there or nothing would be saved.
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    guard !bytes.isEmpty else { return nil }
    let packed = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, filled in
      filled = 0
      if let base = buffer.baseAddress { filled = avow_gzip(bytes, bytes.count, base, buffer.count) }
    }
    return packed.isEmpty ? nil : packed
  }
}

import CZlib

/// Undoes gzip and deflate content encodings, stopping at a cap.
enum Inflate {
  enum Failure: Error, Sendable {
    case tooLarge, malformed
  }

  /// Whether the bytes begin like gzip (RFC 1952), whatever a header says.
  static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8
  }

  /// Returns the inflated bytes of a gzip, zlib or bare deflate stream.
  ///
  /// `deflate` means the zlib format (RFC 9110, 8.4.1.2), but some clients send it bare, as servers know.
  ///
  /// - Throws: `tooLarge` as soon as more than `limit` bytes come out, `malformed` for anything else wrong.
  static func inflate(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    // 32: take either header, gzip's or zlib's; negative: there is none.
    let isZlib =
      bytes.count >= 2 && bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
    guard
      inflateInit2_(
        &stream, isGzip(bytes) || isZlib ? 15 + 32 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else {
      throw .malformed
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var status = Z_OK
    let failure: Failure? = input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      while status == Z_OK {
        let produced = chunk.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return target.count - Int(stream.avail_out)
        }
        output.append(contentsOf: chunk[0..<produced])
        if output.count > limit { return .tooLarge }
        if produced == 0, stream.avail_in == 0 { break }
      }
      return status == Z_STREAM_END ? nil : .malformed
    }
    if let failure { throw failure }
    return output
  }
}

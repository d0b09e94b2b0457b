import CZlib

/// Undoes gzip and deflate content encodings, stopping at a cap.
enum Inflate {
  enum Failure: Error, Sendable {
    case tooLarge, malformed
  }

  /// Whether the bytes begin like gzip (RFC 1952), whatever a header says.
  static func isGzip(_ bytes: [UInt8]) -> Bool { isGzip(bytes[...]) }

  fileprivate static func isGzip(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: [0x1f, 0x8b, 8])
  }

  /// Returns the inflated bytes of gzip (one member or several), zlib or a bare deflate stream.
  ///
  /// - Parameter allows: Whether so many bytes more may be held; when not, nothing is returned.
  /// - Throws: `tooLarge` as soon as more than `limit` bytes come out, `malformed` for anything else wrong.
  static func inflate(
    _ bytes: [UInt8], limit: Int, allows: (Int) -> Bool = { _ in true }
  ) throws(Failure) -> [UInt8]? {
    let inflater = try Inflater(bytes, limit: limit)
    repeat {
      guard allows(Inflater.step) else { return nil }
    } while try inflater.next()
    return inflater.output
  }
}

/// Inflates a body a step at a time, so that memory can be asked for before each.
final class Inflater {
  /// How many bytes come out of a step at most.
  static let step = 65_536

  /// What came out so far.
  private(set) var output: [UInt8] = []

  private let input: [UInt8]
  private let limit: Int
  private let isGzip: Bool
  private var position = 0
  private var chunk = [UInt8](repeating: 0, count: Inflater.step)
  /// zlib keeps the address it was begun with.
  private let stream: UnsafeMutablePointer<z_stream>

  /// Begins with the bytes of a gzip, zlib or bare deflate stream.
  ///
  /// `deflate` means the zlib format (RFC 9110, 8.4.1.2), but some clients send it bare, as servers know.
  init(_ bytes: [UInt8], limit: Int) throws(Inflate.Failure) {
    input = bytes
    self.limit = limit
    isGzip = Inflate.isGzip(bytes)
    // 32: take either header, gzip's or zlib's; negative: there is none.
    let isZlib =
      bytes.count >= 2 && bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard
      inflateInit2_(
        stream, isGzip || isZlib ? 15 + 32 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .malformed }
    // The last member says how long it is. An array that grows is held twice for a moment; memory that is not
    // written to costs nothing.
    let said = isGzip ? bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) } : 0
    output.reserveCapacity(min(said, limit, bytes.count * 1032))
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Inflates a step; returns whether there is more.
  func next() throws(Inflate.Failure) -> Bool {
    var status = Z_OK
    let produced = input.withUnsafeBufferPointer { source in
      // zlib reads only; its type says otherwise for compilers of old.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress.map { $0 + position })
      stream.pointee.avail_in = UInt32(source.count - position)
      let produced = chunk.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        status = CZlib.inflate(stream, Z_NO_FLUSH)
        return target.count - Int(stream.pointee.avail_out)
      }
      position = source.count - Int(stream.pointee.avail_in)
      return produced
    }
    guard output.count + produced <= limit else { throw .tooLarge }
    output.append(contentsOf: chunk[..<produced])
    switch status {
    case Z_OK:
      if produced == 0, position == input.count { throw .malformed }
      return true
    case Z_STREAM_END:
      if position == input.count { return false }
      // A file of gzip may have several members, one after the other (RFC 1952, 2.2); what else stands behind
      // the end is no part of it, and nobody knows what it was to say.
      guard isGzip, Inflate.isGzip(input[position...]), inflateReset(stream) == Z_OK else { throw .malformed }
      return true
    default:
      throw .malformed
    }
  }
}

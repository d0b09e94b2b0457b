import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a file of lines, gzipped or not, in pieces of whole lines and in bounded memory.
public struct LineReader: ~Copyable {
  /// How many bytes the file has; `nil` for a pipe.
  public let size: Int?
  /// How many bytes of it were read.
  public private(set) var position = 0
  /// How many lines were left out because one piece could not hold them.
  public private(set) var tooLong = 0

  private let descriptor: Int32
  private let path: String
  private let limit: Int
  private var stream = z_stream()
  private var isGzip = false
  private var isStarted = false
  /// Read, and not yet inflated.
  private var input: [UInt8] = []
  /// Inflated, and not yet handed out.
  private var pending: [UInt8] = []
  private var isAtEnd = false
  private var isSkipping = false

  /// Opens a file; `-` is standard input.
  ///
  /// - Parameter limit: How many bytes a piece has at most.
  /// - Throws: `CollectorError` when it cannot be read.
  public init(path: String, limit: Int = 1 << 20) throws(CollectorError) {
    self.path = path
    self.limit = limit
    descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CollectorError(.usage, "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw CollectorError(.usage, "\(path) is a folder; name the files in it")
    }
    size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  deinit {
    close(descriptor)
    if isGzip {
      var stream = stream
      inflateEnd(&stream)
    }
  }

  /// Returns the next lines, `nil` at the end.
  ///
  /// - Throws: `CollectorError` when the file cannot be read, or is not the gzip it began as.
  public mutating func next() throws(CollectorError) -> [UInt8]? {
    while true {
      if isSkipping {
        if let end = pending.firstIndex(of: 0x0A) {
          pending.removeSubrange(...end)
          isSkipping = false
        } else {
          pending.removeAll(keepingCapacity: true)
        }
      }
      if isAtEnd {
        guard !pending.isEmpty else { return nil }
        defer { pending = [] }
        return pending
      }
      if pending.count >= limit / 2, let end = pending.lastIndex(of: 0x0A) {
        let lines = Array(pending[...end])
        pending.removeSubrange(...end)
        return lines
      }
      if pending.count >= limit {
        tooLong += 1
        isSkipping = true
        continue
      }
      try read()
    }
  }

  /// Reads and inflates a little more.
  private mutating func read() throws(CollectorError) {
    if input.isEmpty {
      input = try readFile()
      if input.isEmpty {
        isAtEnd = true
        if isGzip, stream.total_in > 0 { throw Self.broken(path, "ends before it is complete") }
        return
      }
      if !isStarted {
        isStarted = true
        isGzip = input.count >= 2 && input[0] == 0x1f && input[1] == 0x8b
        if isGzip { start() }
      }
    }
    guard isGzip else {
      pending += input
      input = []
      return
    }
    try inflate()
  }

  private mutating func start() {
    stream = z_stream()
    // 16: gzip only.
    inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  private mutating func inflate() throws(CollectorError) {
    var chunk = [UInt8](repeating: 0, count: 131_072)
    var source = input
    var status = Z_OK
    var produced = 0
    source.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      chunk.withUnsafeMutableBufferPointer { target in
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        produced = target.count - Int(stream.avail_out)
      }
    }
    pending += chunk[0..<produced]
    input.removeFirst(input.count - Int(stream.avail_in))
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END:
      // A file may be several such streams, one after the other.
      inflateEnd(&stream)
      start()
    default: throw Self.broken(path, "is damaged")
    }
  }

  private mutating func readFile() throws(CollectorError) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress!, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw CollectorError(.failed, "cannot read \(path): \(String(cString: strerror(errno)))")
      }
      position += count
      return Array(chunk[0..<count])
    }
  }

  private static func broken(_ path: String, _ what: String) -> CollectorError {
    CollectorError(.usage, "\(path) \(what); what came before it was imported, so fetch it again and repeat")
  }
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

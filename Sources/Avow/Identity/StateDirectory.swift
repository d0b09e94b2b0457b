import CAvowShims

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder with what a tool's telemetry remembers on this machine: ours alone, links not followed.
///
/// Access goes through an open descriptor, so that nobody can put another folder in its place.
final class StateDirectory: Sendable {
  private let descriptor: Int32

  /// Why there is none.
  struct Unavailable: Error { let reason: String }

  /// Opens the folder; creates it, and what is missing above it, where asked.
  ///
  /// - Throws: `Unavailable` when it is missing, somebody else's, a link, or cannot be made.
  init(path: String, creating: Bool) throws(Unavailable) {
    var descriptor = avow_open_directory(-1, path)
    if descriptor < 0, avow_error() == ENOENT, creating {
      Self.makeParents(of: path)
      mkdir(path, 0o700)
      descriptor = avow_open_directory(-1, path)
    }
    guard descriptor >= 0 else {
      throw Unavailable(
        reason: avow_error() == ELOOP || avow_error() == ENOTDIR
          ? "is no folder of its own" : "cannot be opened")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
      close(descriptor)
      throw Unavailable(reason: "belongs to another user")
    }
    if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o700) != 0 {
      close(descriptor)
      throw Unavailable(reason: "is open to other users")
    }
    self.descriptor = descriptor
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Opens a folder inside this one.
  func folder(_ name: String, creating: Bool) -> StateDirectory? {
    var inner = avow_open_directory(descriptor, name)
    if inner < 0, creating {
      // Another process may make it at the same moment.
      mkdirat(descriptor, name, 0o700)
      inner = avow_open_directory(descriptor, name)
    }
    return inner < 0 ? nil : StateDirectory(descriptor: inner)
  }

  /// Opens a file for reading and writing; a new one must not exist. -1 when that fails.
  func open(_ name: String, creating: Bool) -> Int32 {
    avow_open_file(descriptor, name, true, creating)
  }

  /// The bytes of a file, at most `limit`; `nil` when there is none or it cannot be read.
  func read(_ name: String, limit: Int = 1 << 20) -> [UInt8]? {
    let file = avow_open_file(descriptor, name, false, false)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return Self.contents(of: file, limit: limit)
  }

  /// Replaces a file, so that a reader sees the old bytes or the new ones.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> Bool {
    let temporary = name + "." + hexadecimal(Randomness.bytes(4)) + ".new"
    let file = avow_open_file(descriptor, temporary, true, true)
    guard file >= 0 else { return false }
    let isWritten = bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Self.put(file, buffer, from: done)
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
    close(file)
    guard isWritten, renameat(descriptor, temporary, descriptor, name) == 0 else {
      unlinkat(descriptor, temporary, 0)
      return false
    }
    return true
  }

  /// Adds to a file; one that has grown beyond 128 KiB is first put aside as `NAME.old`.
  func append(_ name: String, _ bytes: [UInt8]) {
    var file = avow_open_file(descriptor, name, true, false)
    if file >= 0, let facts = Self.facts(of: file), facts.length > 128 * 1024 {
      close(file)
      rename(name, to: name + ".old")
      file = -1
    }
    if file < 0 { file = avow_open_file(descriptor, name, true, true) }
    guard file >= 0 else { return }
    defer { close(file) }
    guard lseek(file, 0, SEEK_END) >= 0 else { return }
    _ = bytes.withUnsafeBytes { Self.put(file, $0, from: 0) }
  }

  @discardableResult
  func rename(_ name: String, to other: String) -> Bool {
    renameat(descriptor, name, descriptor, other) == 0
  }

  func remove(_ name: String) { unlinkat(descriptor, name, 0) }

  /// The names in the folder, sorted, without those that begin with a point.
  var names: [String] {
    var names: [String] = []
    forEachName { name in names.append(String(cString: name)) }
    return PlainText.ordered(names)
  }

  /// The bytes of all files in the folder.
  var length: Int {
    var length = 0
    forEachName { name in
      var status = stat()
      guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, avow_is_file(UInt32(status.st_mode))
      else { return }
      length += Int(status.st_size)
    }
    return length
  }

  private func forEachName(_ body: (UnsafePointer<CChar>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { context in
        avow_for_each_name(descriptor, context) { context, name in
          context.assumingMemoryBound(to: ((UnsafePointer<CChar>) -> Void).self).pointee(name)
        }
      }
    }
  }

  /// How long an open file is, and by how many names it is known; `nil` when it is no file.
  static func facts(of file: Int32) -> (length: Int, links: Int)? {
    var status = stat()
    guard fstat(file, &status) == 0, avow_is_file(UInt32(status.st_mode)) else { return nil }
    return (Int(status.st_size), Int(status.st_nlink))
  }

  static func closeFile(_ file: Int32) { close(file) }

  /// Takes the lock only one process has; says whether that worked.
  static func lockFile(_ file: Int32) -> Bool { avow_lock_file(file) }

  /// The bytes of a file by its path, for what the machine's administrator wrote.
  enum SystemFile: Equatable {
    case absent, unreadable
    case bytes([UInt8])

    init(path: String) {
      let file = avow_open_readable(path)
      guard file >= 0 else {
        self = avow_error() == ENOENT || avow_error() == ENOTDIR ? .absent : .unreadable
        return
      }
      defer { close(file) }
      self = StateDirectory.contents(of: file, limit: 64 * 1024).map(SystemFile.bytes) ?? .unreadable
    }
  }

  private static func contents(of file: Int32, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = chunk.withUnsafeMutableBytes { get(file, $0) }
      if count == 0 { break }
      if count < 0 { return nil }
      bytes.append(contentsOf: chunk.prefix(min(count, limit - bytes.count)))
      // Of a file, less than was asked for is the end.
      if count < chunk.count { break }
    }
    return bytes
  }

  private static func get(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(file, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(file, buffer.baseAddress, buffer.count)
    #else
      Darwin.read(file, buffer.baseAddress, buffer.count)
    #endif
  }

  private static func put(_ file: Int32, _ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
    let rest = UnsafeRawBufferPointer(rebasing: buffer[start...])
    #if canImport(Glibc)
      return Glibc.write(file, rest.baseAddress, rest.count)
    #elseif canImport(Musl)
      return Musl.write(file, rest.baseAddress, rest.count)
    #else
      return Darwin.write(file, rest.baseAddress, rest.count)
    #endif
  }

  private static func makeParents(of path: String) {
    var position = path.utf8.startIndex
    while let slash = path.utf8[position...].firstIndex(of: UInt8(ascii: "/")) {
      if slash != path.utf8.startIndex { mkdir(String(path[..<slash]), 0o700) }
      position = path.utf8.index(after: slash)
    }
  }
}

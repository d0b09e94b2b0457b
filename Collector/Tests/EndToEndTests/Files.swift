import Glibc

/// The few things the tests do with files.
enum Files {
  /// Returns the bytes of a file, none if it cannot be read.
  static func bytes(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      bytes += buffer.prefix(count)
    }
    return bytes
  }

  static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

  /// Returns the regular files below a folder.
  static func all(in folder: String) -> [String] {
    entries(of: folder).flatMap { path -> [String] in
      switch kind(of: path) {
      case S_IFDIR: all(in: path)
      case S_IFREG: [path]
      default: []
      }
    }
  }

  /// Removes a folder with everything in it.
  static func remove(_ folder: String) {
    for path in entries(of: folder) {
      if kind(of: path) == S_IFDIR { remove(path) } else { unlink(path) }
    }
    rmdir(folder)
  }

  /// Returns whether `needle` is somewhere in `bytes`.
  static func contains(_ bytes: [UInt8], _ needle: String) -> Bool {
    let needle = Array(needle.utf8)
    guard let first = needle.first, bytes.count >= needle.count else { return false }
    return bytes.withUnsafeBytes { bytes in
      var start = 0
      while start + needle.count <= bytes.count,
        let found = memchr(bytes.baseAddress! + start, Int32(first), bytes.count - needle.count + 1 - start)
      {
        if memcmp(found, needle, needle.count) == 0 { return true }
        start = UnsafeRawPointer(found) - bytes.baseAddress! + 1
      }
      return false
    }
  }

  private static func kind(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var entries: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { entries.append(folder + "/" + name) }
    }
    return entries
  }
}

extension Files {
  struct Failure: Error {}

  /// Writes a text file.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw Failure() }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
  }
}

extension Files {
  /// Writes a file of bytes.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw Failure() }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whole small files: secrets, markers, catalogs.
public enum SmallFile {
  /// Writes a file beside and renames it into place, so that no reader sees half of it.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t) -> Bool {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { return false }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(descriptor, buffer.baseAddress! + offset, bytes.count - offset)
      }
      guard count > 0 else {
        close(descriptor)
        unlink(temporary)
        return false
      }
      offset += count
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
      unlink(temporary)
      return false
    }
    return true
  }

  /// Reads a file of at most `limit` bytes; `nil` when it cannot be read or is larger.
  public static func read(_ path: String, limit: Int = 4 << 20) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress!, $0.count) }
      if count == 0 { return bytes }
      guard count > 0, bytes.count + count <= limit else { return nil }
      bytes.append(contentsOf: chunk[0..<count])
    }
  }
}

/// The system calls by another name, since `SmallFile` has a `read` and a `write` of its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

extension SmallFile {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Removes a file if it is there.
  static func remove(_ path: String) { unlink(path) }

  /// Leaves a file to its owner alone.
  static func restrict(_ path: String) { chmod(path, 0o600) }
}

extension SmallFile {
  /// Writes a text that anyone may read; returns whether it worked.
  public static func write(_ text: String, to path: String) -> Bool {
    write(Array(text.utf8), to: path, mode: 0o644)
  }
}

extension SmallFile {
  /// How many bytes the folder's file system has left for this user; 0 where the system does not say.
  static func free(atFolder path: String) -> Int {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    return Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
  }

  /// How many bytes the files of a folder take on the disk.
  static func size(ofFolder path: String) -> Int {
    guard let directory = opendir(path) else { return 0 }
    defer { closedir(directory) }
    var total = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      if lstat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        total += Int(status.st_blocks) * 512
      }
    }
    return total
  }
}

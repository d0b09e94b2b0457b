import AvowWire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder that holds everything a collector keeps, owned by one process at a time.
///
/// `serve` holds `lock` while it runs and listens on `control.sock`, so that a command finds the owner
/// instead of writing beside it.
public final class DataFolder: Sendable {
  public let path: String
  private let lockDescriptor: Int32

  /// Opens the folder, making it when it is missing, and takes its lock.
  ///
  /// - Throws: `CollectorError` when it is another user's, not a collector's, not writable or in use.
  public init(opening path: String) throws(CollectorError) {
    self.path = path
    try Self.prepare(path)
    let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw CollectorError(.dataFolder, "cannot write in the data folder \(path): \(Self.reason())")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CollectorError(
        .locked,
        "the data folder \(path) is in use by another avow process; stop it, or give another --data")
    }
    lockDescriptor = descriptor
  }

  deinit { close(lockDescriptor) }

  /// Whether another process holds the folder.
  public static func isLocked(_ path: String) -> Bool {
    let descriptor = open(path + "/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
    return false
  }

  /// Whether there is a collector's folder at this path.
  public static func exists(_ path: String) -> Bool { access(path + "/" + marker, F_OK) == 0 }

  /// Where commands reach the process that holds the folder.
  ///
  /// A unix socket's path holds 107 bytes at most, so a deep folder's socket lies in the temporary
  /// directory, named by the folder's device and inode.
  public static func controlSocket(of path: String) -> String {
    let plain = path + "/control.sock"
    if plain.utf8.count <= 100 { return plain }
    var status = stat()
    guard stat(path, &status) == 0 else { return plain }
    return "/tmp/avow-\(getuid())-\(status.st_dev)-\(status.st_ino).sock"
  }

  /// Checks that a folder exists and is a collector's own, for commands that only read.
  ///
  /// - Throws: `CollectorError` saying what is wrong.
  public static func check(_ path: String) throws(CollectorError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw CollectorError(
        .dataFolder, "there is no data folder \(path); `avow serve --data \(path)` makes one")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw CollectorError(.dataFolder, "\(path) is not a folder")
    }
    guard status.st_uid == getuid() else {
      throw CollectorError(
        .dataFolder,
        "the data folder \(path) belongs to user \(status.st_uid); run the command as that user")
    }
    guard access(path + "/" + marker, F_OK) == 0 else {
      throw CollectorError(.dataFolder, "\(path) is not a collector's data folder (no \(marker) in it)")
    }
  }

  private static let marker = "avow-data"

  private static func prepare(_ path: String) throws(CollectorError) {
    var status = stat()
    if stat(path, &status) != 0 {
      guard makeDirectories(path) else {
        throw CollectorError(.dataFolder, "cannot make the data folder \(path): \(reason())")
      }
      try writeMarker(path)
      return
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw CollectorError(.dataFolder, "\(path) is not a folder; give a folder with --data")
    }
    guard status.st_uid == getuid() else {
      throw CollectorError(
        .dataFolder,
        "the data folder \(path) belongs to user \(status.st_uid); run avow as that user or give another --data"
      )
    }
    guard access(path, W_OK) == 0 else {
      throw CollectorError(.dataFolder, "the data folder \(path) is not writable: \(reason())")
    }
    if access(path + "/" + marker, F_OK) != 0 {
      guard isEmpty(path) else {
        throw CollectorError(
          .dataFolder,
          "\(path) holds other files and is not a collector's data folder; give an empty or new folder with --data"
        )
      }
      try writeMarker(path)
    }
    guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
      throw CollectorError(.dataFolder, "the data folder \(path) is open to other users and cannot be closed")
    }
  }

  private static func writeMarker(_ path: String) throws(CollectorError) {
    let text = "This folder belongs to an Avow collector. Only `avow` should write here.\n"
    guard SmallFile.write(Array(text.utf8), to: path + "/" + marker, mode: 0o600) else {
      throw CollectorError(.dataFolder, "cannot write in the data folder \(path): \(reason())")
    }
  }

  private static func makeDirectories(_ path: String) -> Bool {
    var partial = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + component
      if mkdir(partial, 0o700) != 0, errno != EEXIST { return false }
    }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func isEmpty(_ path: String) -> Bool {
    guard let directory = opendir(path) else { return false }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != "..", name != "lost+found" { return false }
    }
    return true
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}

import Foundation

/// A file system of its own with little room, or none to write to; only root can have one.
final class SmallDisk {
  let path: String

  /// Whether this machine lets us have one.
  static let isPossible: Bool = {
    guard let disk = try? SmallDisk("size=64k") else { return false }
    return FileManager.default.isWritableFile(atPath: disk.path)
  }()

  struct Refused: Error {}

  init(_ options: String) throws {
    path = FileManager.default.temporaryDirectory.path + "/disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard geteuid() == 0, mount("tmpfs", path, "tmpfs", 0, options) == 0 else {
      try? FileManager.default.removeItem(atPath: path)
      throw Refused()
    }
  }

  /// Takes all rights to write away from everybody, root included.
  func makeReadOnly() throws {
    guard mount(nil, path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else { throw Refused() }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    try? FileManager.default.removeItem(atPath: path)
  }

}

private let MS_REMOUNT = 32
private let MS_RDONLY = 1
private let MNT_DETACH = 2

import AvowStore
import AvowWire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One copy of a data folder, which is a data folder itself.
struct Backup: Sendable {
  private let state: CollectorState
  private let store: any BackedUpStore
  private let destination: String
  private let withPepper: Bool

  /// Checks the destination and makes its folder.
  ///
  /// - Throws: `CollectorError` when it is there already, or cannot be made.
  init(
    state: CollectorState, store: any BackedUpStore, destination: String, withPepper: Bool
  ) throws(CollectorError) {
    self.state = state
    self.store = store
    self.destination = destination
    self.withPepper = withPepper
    guard destination.hasPrefix("/") else {
      throw CollectorError(.usage, "the destination of a backup is an absolute path")
    }
    guard mkdir(destination, 0o700) == 0 else {
      let reason =
        errno == EEXIST
        ? "is there already; a backup makes a new folder, so name one with the date"
        : "cannot be made: \(String(cString: strerror(errno)))"
      throw CollectorError(.dataFolder, "\(destination) \(reason)")
    }
  }

  /// How many bytes the copy takes.
  var bytes: Int { SmallFile.size(ofFolder: destination) }

  /// Copies; when it breaks off, what was copied is removed.
  func run(_ progress: @Sendable (CopyProgress) async throws -> Void) async throws {
    do {
      try await store.backUp(into: destination, progress: progress)
      try state.database.copy(into: destination)
      try copy("receipt-key", mode: 0o600)
      if withPepper { try copyPepper() }
      try write(note, to: "backup.txt")
      // The marker comes last: a folder without it is no data folder.
      try copy("avow-data", mode: 0o600)
      try settle()
    } catch {
      SmallFile.remove(folder: destination)
      throw error
    }
  }

  private func copy(_ name: String, mode: mode_t) throws(CollectorError) {
    guard let bytes = SmallFile.read(state.folder.path + "/" + name),
      SmallFile.write(bytes, to: destination + "/" + name, mode: mode)
    else { throw CollectorError(.failed, "\(name) could not be copied into \(destination)") }
  }

  private func copyPepper() throws(CollectorError) {
    let path = state.configuration.pepperFile ?? state.folder.path + "/pepper"
    guard let bytes = SmallFile.read(path, limit: 1024),
      SmallFile.write(bytes, to: destination + "/pepper", mode: 0o600)
    else { throw CollectorError(.failed, "the pepper could not be copied into \(destination)") }
  }

  private func write(_ text: String, to name: String) throws(CollectorError) {
    guard SmallFile.write(Array(text.utf8), to: destination + "/" + name, mode: 0o600) else {
      throw CollectorError(.failed, "\(name) could not be written into \(destination)")
    }
  }

  /// Makes the folder's entries durable; the files are already.
  private func settle() throws(CollectorError) {
    let descriptor = open(destination, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CollectorError(.failed, "\(destination) went away") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw CollectorError(.failed, "\(destination) could not be made durable")
    }
  }

  private var note: String {
    """
    A backup of an Avow data folder, made \(state.clock.now()).

    To restore: stop the collector, copy this folder to where its data shall be, and start `avow serve --data` on
    it. \(withPepper
      ? "The pepper, the secret behind all pseudonyms, is in it: keep it as you keep the data folder."
      : "The pepper is not in it: put your own copy of it there as `pepper`, or name it with --pepper-file.")
    Erase again whoever was erased after this backup: it still holds them.

    """
  }
}

extension SmallFile {
  /// Removes a folder and the files in it.
  static func remove(folder path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { remove(path + "/" + name) }
    }
    closedir(directory)
    rmdir(path)
  }
}

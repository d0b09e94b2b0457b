public import AvowStore
import AvowWire
import Foundation
import GRDB

/// Examines a data folder from outside: who may read it, its secrets, the control database, the room left.
///
/// Changes nothing, and needs no collector that runs or could start.
public struct FolderCheck {
  private let folder: String
  private let pepperFile: String?

  /// Creates an examination of a folder.
  public init(folder: String, pepperFile: String?) {
    self.folder = folder
    self.pepperFile = pepperFile
  }

  /// What is found.
  public func findings() -> [Finding] {
    permissions() + control() + space()
  }

  // MARK: Permissions

  private func permissions() -> [Finding] {
    var findings: [Finding] = []
    if let mode = mode(folder), mode & 0o077 != 0 {
      findings.append(
        Finding(
          .error, "the folder", "is open to other users of this machine", remedy: "chmod 700 \(folder)"))
    }
    for name in ["pepper", "receipt-key", "admin-token"] {
      guard let mode = mode(folder + "/" + name), mode & 0o077 != 0 else { continue }
      findings.append(
        Finding(
          .error, name, "can be read by other users of this machine", remedy: "chmod 600 \(folder)/\(name)"))
    }
    if let pepperFile, let mode = mode(pepperFile), mode & 0o077 != 0 {
      findings.append(
        Finding(
          .error, "the pepper", "can be read by other users of this machine",
          remedy: "chmod 600 \(pepperFile)"))
    }
    if findings.isEmpty { findings.append(Finding(.fine, "the folder", "only its owner can read it")) }
    return findings
  }

  private func mode(_ path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(status.st_mode) & 0o7777 : nil
  }

  // MARK: Control database, catalogs, pepper

  private func control() -> [Finding] {
    let name = "control.sqlite"
    let path = folder + "/" + name
    guard SmallFile.exists(path), SmallFile.read(path, limit: 0) == nil || SmallFile.exists(path + "-wal")
    else {
      return [
        Finding(
          .error, name, SmallFile.exists(path) ? "is empty" : "is missing",
          remedy: "restore it from a backup; without it clients' keys are unknown and must be added again")
      ]
    }
    do {
      let database = try ControlDatabase(reading: folder)
      defer { database.close() }
      let damage = try database.damage()
      guard damage.isEmpty else {
        return damage.prefix(3).map {
          Finding(
            .error, name, "is damaged: \($0)", remedy: "stop the collector and restore the file from a backup"
          )
        }
      }
      return [Finding(.fine, name, "every page is as it should be")]
        + (try catalogs(database)) + (try pepper(database)) + (try deletions(database))
    } catch {
      let words = String(error.message.split(separator: ": stop", maxSplits: 1)[0])
        .replacing(name + ": it ", with: "")
      return [
        Finding(.error, name, words, remedy: "stop the collector and restore the file from a backup")
      ]
    }
  }

  private func catalogs(_ database: ControlDatabase) throws(CollectorError) -> [Finding] {
    let kept = try database.newestCatalogs()
    var findings: [Finding] = []
    for catalog in kept {
      do { _ = try CatalogSet(kept: [catalog]) } catch {
        findings.append(
          Finding(
            .error, "the catalog of \(catalog.app)", error.message,
            remedy: "start with `avow serve --catalog` and a corrected file"))
      }
    }
    let keys = try database.keys().filter { $0.revoked == nil }
    for catalog in kept where !keys.contains(where: { $0.app == catalog.app }) {
      findings.append(
        Finding(
          .fine, "the app \(catalog.app)", "has no write key, so only declared paths without one reach it",
          remedy: "avow keys add \(catalog.app)"))
    }
    if kept.isEmpty {
      findings.append(
        Finding(.warning, "catalogs", "none was ever loaded", remedy: "start with `avow serve --catalog`"))
    } else if findings.isEmpty {
      findings.append(Finding(.fine, "catalogs", "\(kept.count) kept, readable"))
    }
    return findings
  }

  private func pepper(_ database: ControlDatabase) throws(CollectorError) -> [Finding] {
    let path = pepperFile ?? folder + "/pepper"
    let remedy =
      "put your copy of it there, or name it with AVOW_PEPPER_FILE; the collector does not start without"
    guard let pepper = try Pepper.read(path) else {
      guard try database.note(Pepper.note) != nil else { return [] }
      return [Finding(.error, "the pepper", "is not at \(path)", remedy: remedy)]
    }
    guard try Pepper.isRight(pepper, database) != false else {
      return [
        Finding(.error, "the pepper", "\(path) is another than the pseudonyms were made with", remedy: remedy)
      ]
    }
    return [Finding(.fine, "the pepper", "is the one the pseudonyms were made with")]
  }

  private func deletions(_ database: ControlDatabase) throws(CollectorError) -> [Finding] {
    let pending = try database.deletions(app: nil, isPending: true).count
    let late = try database.uncleanedDeletions().filter {
      $0.erased.map { Deletions.rest(erased: $0) < SystemClock().now() } ?? false
    }.count
    var findings: [Finding] = []
    if pending > 0 {
      findings.append(
        Finding(
          .error, "erasures", "\(pending) wait for a program that reads the data folder",
          remedy: "close what has the databases open; the collector finishes them within seconds"))
    }
    if late > 0 {
      findings.append(
        Finding(
          .error, "erasures", "\(late) have copies left that their receipts promise to be gone by now",
          remedy: "run `avow tidy`; it needs twice the room of main.db"))
    }
    return findings
  }

  // MARK: Room

  private func space() -> [Finding] {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return [] }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    let used = SmallFile.size(ofFolder: folder)
    let words = "\(Self.amount(free)) free on its disk, \(Self.amount(used)) used"
    if free < 64 << 20 {
      return [
        Finding(
          .error, "room", words,
          remedy: "free some: soon events are refused with 503 until there is room again")
      ]
    }
    if free < 2 * used {
      return [
        Finding(
          .warning, "room", words,
          remedy: "tidying at night needs twice the room of main.db; free some, or keep events for less long")
      ]
    }
    return [Finding(.fine, "room", words)]
  }

  private static func amount(_ bytes: Int) -> String {
    bytes < 10 << 20
      ? "\(bytes >> 10) kB" : bytes < 10 << 30 ? "\(bytes >> 20) MB" : "\(bytes >> 30) GB"
  }
}

extension ControlDatabase {
  /// Opens the database of a folder for looking only.
  convenience init(reading folder: String) throws(CollectorError) {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let path = folder + "/control.sqlite"
    do {
      // Without a log beside it the file is taken as it lies, so that none is made.
      let isAlone = !SmallFile.exists(path + "-wal")
      let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
      try self.init(
        queue: DatabaseQueue(
          path: isAlone ? "file:\(escaped)?immutable=1" : path, configuration: configuration), isNew: false)
    } catch {
      throw CollectorError(.dataFolder, "cannot be opened: \(Self.reason(error))")
    }
  }

  /// What SQLite finds wrong, a line each.
  func damage() throws(CollectorError) -> [String] {
    try read { db in
      try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
    }
  }
}

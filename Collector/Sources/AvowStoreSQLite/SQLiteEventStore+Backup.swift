public import AvowStore
import GRDBSQLite

extension SQLiteEventStore: BackedUpStore {
  /// Copies the three files with SQLite's online backup.
  ///
  /// Their states are frozen together on the writer's thread, between two transactions, so that no event in
  /// the copy is without its user and no erased user's rows are without their erasure.
  public func backUp(
    into folder: String, progress: @Sendable (CopyProgress) async throws -> Void
  ) async throws {
    let source = self.folder
    let frozen = try await writer.perform { _ in
      try Frozen(databases: StoreFiles.names.map { try FrozenDatabase(folder: source, name: $0) })
    }
    let total = try frozen.databases.reduce(0) { try $0 + $1.bytes() }
    var done = 0
    for database in frozen.databases {
      let size = try database.bytes()
      do {
        let copy = try database.makeCopy(folder: folder)
        while true {
          let rest = try database.copy(copy)
          try await progress(CopyProgress(file: database.name, done: done + size - rest, total: total))
          if rest == 0 { break }
        }
        try copy.finish()
        let damage = try StoreCheck.damage(of: folder + "/" + database.name, isImmutable: true)
        guard damage.isEmpty else {
          throw StoreError.corrupt(
            "the copy of \(database.name) is damaged (\(damage[0])): run `avow doctor` on the data folder")
        }
      } catch let failure as SQLiteFailure {
        throw StoreError(failure, in: "the copy of \(database.name)")
      }
      done += size
    }
  }
}

/// Databases on their way from the writer's thread to the one that copies; used by one at a time.
private struct Frozen: @unchecked Sendable {
  let databases: [FrozenDatabase]
}

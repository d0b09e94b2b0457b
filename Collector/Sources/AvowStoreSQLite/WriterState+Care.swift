import AvowStore
import AvowWire
import GRDB

extension WriterState {
  /// Makes sure that `main.db` and `identity.sqlite` belong together.
  ///
  /// With a new one, or one of another backup, beside it, numbers would be given to users a second time, and
  /// erased users would come back.
  static func pair(_ db: Database, _ identities: Identities) throws {
    let known = try Int64.fetchOne(db, sql: "SELECT value FROM care WHERE name = 'identity'")
    if known == identities.mark { return }
    let isEmpty = try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM apps)") ?? true
    let areApart = isEmpty != identities.isEmpty || known != nil && !isEmpty
    if areApart {
      let (missing, other) = isEmpty ? ("main.db", "identity.sqlite") : ("identity.sqlite", "main.db")
      throw StoreError.corrupt(
        "\(missing) is not the one \(other) was written with (it is missing, empty, or of another time): stop the collector and restore both from one backup; without a backup move both away to begin anew"
      )
    }
    try db.execute(
      sql: "INSERT OR REPLACE INTO care (name, value) VALUES ('identity', ?)", arguments: [identities.mark])
  }

  /// Notes, in the transaction that removes rows, that the file must be written anew.
  func noteRemoval(_ db: Database) throws {
    try db.execute(sql: "UPDATE care SET value = value + 1 WHERE name = 'removed'")
  }

  /// How often rows were removed, and how often when the file was last written anew.
  func removals() throws -> (removed: Int64, rewritten: Int64) {
    try files.main.writeWithoutTransaction { db in
      func value(_ name: String) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT value FROM care WHERE name = ?", arguments: [name]) ?? 0
      }
      return (try value("removed"), try value("rewritten"))
    }
  }

  /// Writes `main.db` anew, which leaves behind what page splits left of removed rows in the gaps of pages.
  ///
  /// Nothing can be appended meanwhile: about a second for a million events.
  func rewrite() throws {
    let removed = try removals().removed
    try files.main.writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM")
      try db.execute(sql: "UPDATE care SET value = ? WHERE name = 'rewritten'", arguments: [removed])
    }
  }

  // MARK: Texts and context sets

  /// Begins to note which texts and context sets of an app are used.
  func watchUse(of app: String) throws {
    guard let schema = schema(of: app) else { throw StoreError.unknownApp(app) }
    try appWriter(schema).watch()
  }

  /// Stops noting.
  func unwatchUse(of app: String) throws {
    guard let schema = schema(of: app) else { return }
    try appWriter(schema).unwatch()
  }

  /// Removes those of these context sets that nobody used since `watchUse`; returns how many went.
  func remove(contexts keys: some Sequence<Int64>, of app: String) throws -> Int {
    guard let schema = schema(of: app), let table = schema.table(event: nil),
      let used = try appWriter(schema).used?.contexts
    else { return 0 }
    let unused = keys.filter { !used.contains($0) }
    let digests = try files.main.writeWithoutTransaction { db in
      let find = try Statement(
        AvowStoreSQLite.connection(db), "SELECT _digest FROM \(quoted(table.name)) WHERE _key = ?1")
      return try unused.compactMap { key in
        find.bind(1, key)
        defer { find.reset() }
        return try find.step() ? Identifier128(bytes: find.blob(0)) : nil
      }
    }
    // First out of memory: a set that were known without its row would leave events without their context.
    let app = try appWriter(schema)
    for digest in digests { app.contexts.remove(digest) }
    return try remove(
      unused, from: [table.name] + schema.children(of: table).map(\.name), column: "_key")
  }

  /// Removes those of these texts that nobody used since `watchUse`; returns how many went.
  func remove(texts codes: some Sequence<Int64>, of app: String) throws -> Int {
    guard let schema = schema(of: app), let used = try appWriter(schema).used?.texts else { return 0 }
    return try remove(codes.filter { !used.contains($0) }, from: [schema.texts], column: "n")
  }

  private func remove(_ keys: [Int64], from tables: [String], column: String) throws -> Int {
    if keys.isEmpty { return 0 }
    try files.main.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        let deletes = try tables.map {
          try Statement(AvowStoreSQLite.connection(db), "DELETE FROM \(quoted($0)) WHERE \(column) = ?1")
        }
        for key in keys {
          for delete in deletes {
            delete.bind(1, key)
            try delete.run()
          }
        }
        return .commit
      }
    }
    return keys.count
  }
}

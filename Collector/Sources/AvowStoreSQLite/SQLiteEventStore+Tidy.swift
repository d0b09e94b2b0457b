public import AvowStore
import AvowWire
import GRDB
import Logging
import Synchronization

extension SQLiteEventStore {
  /// Does the slow work that removals leave behind, when there were any since the last time.
  ///
  /// Texts and context sets that no row uses go; then `main.db` is written anew (`VACUUM`), because a page that
  /// split keeps copies of rows in its gap which no `DELETE` reaches; then the logs are cut. Whoever appends
  /// meanwhile waits, and is told to come again when the queue is full. The rewriting needs as much free space
  /// as the file, twice: in the folder, and where SQLite keeps temporary files (`SQLITE_TMPDIR`).
  public func tidy() async throws(StoreError) -> Tidying {
    var tidying = Tidying()
    let (removed, rewritten) = try await writer.perform { try $0.removals() }
    if removed > rewritten {
      let before = try await pages()
      for app in try await apps() {
        let gone = try await forgetUnused(app)
        tidying.contexts += gone.contexts
        tidying.texts += gone.texts
      }
      // Nothing of what went may stay in memory either.
      index.forget()
      try await writer.perform { try $0.rewrite() }
      tidying.bytes = max(0, before - (try await pages())) * 4096
      logger.info(
        "store.tidied",
        metadata: [
          "texts": "\(tidying.texts)", "contexts": "\(tidying.contexts)", "bytes": "\(tidying.bytes)",
        ])
    }
    tidying.isClean = try await scrub()
    return tidying
  }

  private func pages() async throws(StoreError) -> Int {
    try await reading { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
  }

  private func apps() async throws(StoreError) -> [String] {
    try await reading { try AppSchema.load($0).keys.sorted() }
  }

  /// Removes the texts and context sets of an app that no row uses.
  ///
  /// Readers find them, table by table; meanwhile the writer notes what comes into use. The one with the
  /// greatest number always stays, so that SQLite never gives a number twice.
  private func forgetUnused(_ app: String) async throws(StoreError) -> (contexts: Int, texts: Int) {
    try await writer.perform { try $0.watchUse(of: app) }
    let result: Result<(contexts: Int, texts: Int), StoreError>
    do throws(StoreError) {
      result = .success((try await forgetUnusedContexts(app), try await forgetUnusedTexts(app)))
    } catch {
      result = .failure(error)
    }
    try await writer.perform { try $0.unwatchUse(of: app) }
    return try result.get()
  }

  private func forgetUnusedContexts(_ app: String) async throws(StoreError) -> Int {
    guard let schema = try await reading({ try AppSchema.load($0)[app] }),
      let contexts = schema.table(event: nil)
    else { return 0 }
    let used = try await values(in: schema.eventTables.map { ($0.name, "_context") })
    let unused = try await values(in: contexts.name, of: "_key", without: used)
    var gone = 0
    for first in stride(from: 0, to: unused.count, by: 500) {
      let part = unused[first..<min(first + 500, unused.count)]
      gone += try await writer.perform { try $0.remove(contexts: part, of: app) }
    }
    return gone
  }

  private func forgetUnusedTexts(_ app: String) async throws(StoreError) -> Int {
    guard let schema = try await reading({ try AppSchema.load($0)[app] }) else { return 0 }
    let columns = schema.tables.flatMap { table in
      table.columns.filter(\.type.isText).map { (table.name, $0.name) }
    }
    let used = try await values(in: columns)
    let unused = try await values(in: schema.texts, of: "n", without: used)
    var gone = 0
    for first in stride(from: 0, to: unused.count, by: 500) {
      let part = unused[first..<min(first + 500, unused.count)]
      gone += try await writer.perform { try $0.remove(texts: part, of: app) }
    }
    return gone
  }

  /// The numbers that stand in these columns, each column read by itself so that no log grows for long.
  private func values(in columns: [(table: String, column: String)]) async throws(StoreError) -> Set<Int64> {
    var found: Set<Int64> = []
    for (table, column) in columns {
      let known = found
      found = try await reading { db in
        var found = known
        let all = try Statement(
          connection(db),
          "SELECT \(quoted(column)) FROM \(quoted(table)) WHERE \(quoted(column)) IS NOT NULL")
        while try all.step() { found.insert(all.column(0)) }
        return found
      }
    }
    return found
  }

  /// The numbers of a table that are not among `used`, but for the greatest.
  private func values(
    in table: String, of column: String, without used: Set<Int64>
  ) async throws(StoreError) -> [Int64] {
    try await reading { db in
      var unused: [Int64] = []
      let all = try Statement(
        connection(db),
        "SELECT \(column) FROM \(quoted(table)) WHERE \(column) < (SELECT max(\(column)) FROM \(quoted(table)))"
      )
      while try all.step() {
        if !used.contains(all.column(0)) { unused.append(all.column(0)) }
      }
      return unused
    }
  }

  func reading<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    if state.withLock({ $0.isClosed }) { throw StoreError.closed }
    do { return try await files.main.read(body) } catch { throw StoreError(error) }
  }
}

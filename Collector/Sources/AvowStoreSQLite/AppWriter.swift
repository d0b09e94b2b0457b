import AvowStore
import AvowWire
import GRDB

/// What the writer knows of one app: its users, and the numbers of texts and of sets of context values.
/// Belongs to the writer's thread.
final class AppWriter {
  let schema: AppSchema
  let users: Identities.Users
  var contexts: ContextMap
  private var texts = BytesMap(capacity: 24 << 20)
  private let findText: Statement
  private let insertText: Statement
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer, _ schema: AppSchema, users: Identities.Users) throws {
    self.connection = connection
    self.schema = schema
    self.users = users
    guard let sets = schema.table(event: nil) else { throw CatalogPlan.MissingTable() }
    contexts = try ContextMap(sets.name, connection)
    let table = quoted(schema.texts)
    findText = try Statement(connection, "SELECT n FROM \(table) WHERE text = ?1")
    insertText = try Statement(connection, "INSERT INTO \(table) (text) VALUES (?1) RETURNING n")
  }

  /// What was used since a search for unused texts and context sets began, `nil` while there is none.
  private(set) var used: Used?

  struct Used {
    var texts: Set<Int64> = []
    var contexts: Set<Int64> = []
  }

  /// Begins to note what is used. The map of texts is emptied, so that each number is looked up, and noted, once.
  func watch() {
    texts.removeAll()
    used = Used()
  }

  func unwatch() { used = nil }

  func note(context: Int64) { used?.contexts.insert(context) }

  /// What was added is durable.
  func commit() { contexts.commit() }

  /// Forgets numbers given in a transaction that was undone.
  func rollBack() {
    texts.removeAll()
    contexts.rollBack()
  }

  /// Returns the number of a text, a new one for a new text.
  @inline(__always)
  func code(of text: UnsafeBufferPointer<UInt8>) throws(SQLiteFailure) -> Int64 {
    if let code = texts.value(of: UnsafeRawBufferPointer(text)) { return code }
    return try look(up: text)
  }

  private func look(up text: UnsafeBufferPointer<UInt8>) throws(SQLiteFailure) -> Int64 {
    findText.bind(1, text: text)
    var code = try findText.integer()
    if code == nil {
      insertText.bind(1, text: text)
      code = try insertText.integer()
    }
    let found = code ?? 0
    used?.texts.insert(found)
    texts.insert(UnsafeRawBufferPointer(text), found)
    return found
  }
}

import AvowStore
import AvowWire
import Foundation
import GRDB

/// Who is behind the numbers: pseudonyms, and the marks of those who asked to be forgotten.
///
/// `identity.sqlite` is the only file that holds a pseudonym. It is committed before the rows that use its
/// numbers, so that after a crash no row is without its user; a number without rows does no harm.
/// Belongs to the writer's thread.
final class Identities {
  /// The users of one app.
  final class Users {
    fileprivate let table: String
    fileprivate var added: [(user: Identifier128, number: UInt32)] = []
    fileprivate(set) var tombstones: Set<Identifier128> = []
    fileprivate let key: [UInt8]
    private let app: String
    var map: UserMap
    /// The numbers used since a search for absent users began, `nil` while there is none.
    fileprivate var used: Set<UInt32>?

    fileprivate init(app: String, table: String, next: UInt32, key: [UInt8]) {
      self.app = app
      self.table = table
      self.key = key
      map = UserMap(next: next)
    }

    /// The user's number, a new one for a new user, `nil` for one who was erased.
    @inline(__always)
    func number(of user: Identifier128) -> UInt32? {
      if let number = map.number(of: user) {
        if used != nil { used?.insert(number) }
        return number
      }
      return admit(user)
    }

    private func admit(_ user: Identifier128) -> UInt32? {
      if !tombstones.isEmpty, tombstones.contains(tombstone(of: user)) { return nil }
      let number = map.add(user)
      added.append((user, number))
      return number
    }

    /// HMAC(key, "erased" | app | pseudonym): says of a pseudonym that comes whether it was erased, and
    /// nothing to somebody who has only the file.
    func tombstone(of user: Identifier128) -> Identifier128 {
      var message = Array("erased".utf8)
      message.append(contentsOf: app.utf8)
      message.append(contentsOf: user.bytes)
      return Identifier128(bytes: SHA256.authenticate(message, key: key))
    }
  }

  /// Tells this file from every other: made of random bytes in it.
  let mark: Int64
  private let queue: DatabaseQueue
  private let key: [UInt8]
  private var users: [String: Users] = [:]

  /// Loads all users.
  ///
  /// - Parameter pepper: The secret that identifiers are hashed with. With one, the folder alone does not
  ///   tell whether a known pseudonym was erased.
  init(_ queue: DatabaseQueue, pepper: [UInt8]) throws {
    self.queue = queue
    key = try queue.write { db in try Self.key(db, pepper: pepper) }
    mark = try queue.read { try Self.mark($0) }
    for app in try queue.read({ try String.fetchAll($0, sql: "SELECT name FROM apps") }) {
      users[app] = try load(app)
    }
  }

  static var migrations: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 identities") { db in
      try db.execute(
        sql: """
          CREATE TABLE apps (name TEXT PRIMARY KEY, users TEXT NOT NULL, next INTEGER NOT NULL);
          CREATE TABLE tombstones (
            app TEXT NOT NULL, hash BLOB NOT NULL, erased INTEGER NOT NULL, PRIMARY KEY (app, hash))
            WITHOUT ROWID;
          CREATE TABLE erasing (app TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (app, n)) WITHOUT ROWID;
          CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
          """)
    }
    return migrator
  }

  private static func key(_ db: Database, pepper: [UInt8]) throws -> [UInt8] {
    func secret(_ name: String) throws -> [UInt8]? {
      try Data.fetchOne(db, sql: "SELECT value FROM secrets WHERE name = ?", arguments: [name]).map(
        Array.init)
    }
    var salt = try secret("salt") ?? []
    if salt.isEmpty {
      salt = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
      try db.execute(sql: "INSERT INTO secrets (name, value) VALUES ('salt', ?)", arguments: [Data(salt)])
    }
    let key = SHA256.authenticate(salt, key: pepper)
    let check = SHA256.authenticate("check".utf8, key: key)
    let known = try secret("check")
    if let known, known != check,
      try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM tombstones)") == true
    {
      throw StoreError.failed(
        "the pepper is not the one this data folder was written with: erased users could come back")
    }
    if known != check {
      try db.execute(
        sql: "INSERT OR REPLACE INTO secrets (name, value) VALUES ('check', ?)", arguments: [Data(check)])
    }
    return key
  }

  /// Whether no app was ever known.
  var isEmpty: Bool { users.isEmpty }

  private static func mark(_ db: Database) throws -> Int64 {
    let salt = try Data.fetchOne(db, sql: "SELECT value FROM secrets WHERE name = 'salt'") ?? Data()
    return SHA256.hash(Array("mark".utf8) + Array(salt)).prefix(7).reduce(0) { $0 << 8 | Int64($1) }
  }

  private func load(_ app: String) throws -> Users {
    try queue.write { db in
      if try Row.fetchOne(db, sql: "SELECT 1 FROM apps WHERE name = ?", arguments: [app]) == nil {
        let table = "users_" + app
        // Rows are only ever added at the end: a page that split in its middle would keep stale copies of
        // pseudonyms that no DELETE reaches.
        try db.execute(sql: "CREATE TABLE \(quoted(table)) (n INTEGER PRIMARY KEY, pseudonym BLOB NOT NULL)")
        try db.execute(sql: "INSERT INTO apps (name, users, next) VALUES (?, ?, 1)", arguments: [app, table])
      }
      let row = try Row.fetchOne(db, sql: "SELECT users, next FROM apps WHERE name = ?", arguments: [app])
      let table: String = row?["users"] ?? ""
      let reserved: Int64 = row?["next"] ?? 1
      let greatest = try Int64.fetchOne(db, sql: "SELECT max(n) FROM \(quoted(table))") ?? 0
      let users = Users(app: app, table: table, next: UInt32(max(reserved, greatest + 1)), key: key)
      let statement = try Statement(connection(db), "SELECT n, pseudonym FROM \(quoted(table))")
      while try statement.step() {
        users.map.insert(
          Identifier128(bytes: statement.blob(1)), UInt32(truncatingIfNeeded: statement.column(0)))
      }
      let marks = try Data.fetchAll(db, sql: "SELECT hash FROM tombstones WHERE app = ?", arguments: [app])
      users.tombstones = Set(marks.map { Identifier128(bytes: $0) })
      return users
    }
  }

  // MARK: Appending

  /// The users of an app, none at first.
  func users(of app: String) throws -> Users {
    if let found = users[app] { return found }
    let made = try load(app)
    users[app] = made
    return made
  }

  /// Makes the numbers given since the last call durable.
  func commit() throws {
    let changed = users.values.filter { !$0.added.isEmpty }
    guard !changed.isEmpty else { return }
    try queue.write { db in
      for users in changed {
        let insert = try Statement(
          connection(db), "INSERT INTO \(quoted(users.table)) (n, pseudonym) VALUES (?1, ?2)")
        for (user, number) in users.added {
          withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            buffer.storeBytes(of: user.high.bigEndian, as: UInt64.self)
            buffer.storeBytes(of: user.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            insert.bind(1, Int64(number))
            insert.bind(2, blob: UnsafeRawBufferPointer(buffer))
          }
          try insert.run()
        }
      }
    }
    for users in changed { users.added.removeAll(keepingCapacity: true) }
  }

  /// Takes back the numbers that were not made durable.
  func rollBack() {
    for users in users.values {
      for (user, _) in users.added { users.map.remove(user) }
      users.added.removeAll()
    }
  }

  /// The pseudonyms behind numbers.
  func names(of numbers: Set<UInt32>, app: String) throws -> [UInt32: Identifier128] {
    let table = quoted(try users(of: app).table)
    return try queue.read { db in
      let find = try Statement(connection(db), "SELECT pseudonym FROM \(table) WHERE n = ?1")
      var names: [UInt32: Identifier128] = [:]
      for number in numbers {
        find.bind(1, Int64(number))
        if try find.step() { names[number] = Identifier128(bytes: find.blob(0)) }
        find.reset()
      }
      return names
    }
  }

  // MARK: Erasing

  /// Forgets who these users are, marks them, and returns the numbers whose rows must go.
  func erase(app: String, users erased: [Identifier128], now: Timestamp) throws -> [UInt32] {
    let users = try users(of: app)
    let known = Set(erased)
    let numbers = known.compactMap { users.map.number(of: $0) }
    let marks = known.map(users.tombstone)
    try queue.write { db in
      for mark in marks {
        try db.execute(
          sql: "INSERT OR IGNORE INTO tombstones (app, hash, erased) VALUES (?, ?, ?)",
          arguments: [app, Data(mark.bytes), now.milliseconds])
      }
      for number in numbers {
        try db.execute(sql: "INSERT OR IGNORE INTO erasing (app, n) VALUES (?, ?)", arguments: [app, number])
        try db.execute(sql: "DELETE FROM \(quoted(users.table)) WHERE n = ?", arguments: [number])
      }
      try db.execute(sql: "UPDATE apps SET next = ? WHERE name = ?", arguments: [users.map.next, app])
    }
    for user in known { users.map.remove(user) }
    users.tombstones.formUnion(marks)
    return numbers
  }

  /// The users of whom rows may be left because an erasure was cut short.
  func unfinished() throws -> [(app: String, numbers: [UInt32])] {
    try queue.read { db in
      var pending: [String: [UInt32]] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT app, n FROM erasing") {
        pending[row["app"] as String, default: []].append(row["n"])
      }
      return pending.map { ($0.key, $0.value) }
    }
  }

  /// Notes that all rows of these users are gone.
  func finishErasing(app: String, numbers: [UInt32]) throws {
    try queue.write { db in
      for number in numbers {
        try db.execute(sql: "DELETE FROM erasing WHERE app = ? AND n = ?", arguments: [app, number])
      }
    }
  }

  /// Rewrites the file and cuts its log, so that no byte of an erased pseudonym is left. Returns whether the
  /// log could be cut.
  func scrub(rewriting: Bool) throws -> Bool {
    try queue.writeWithoutTransaction { db in
      if rewriting { try db.execute(sql: "VACUUM") }
      return try cutLog(db)
    }
  }

  // MARK: Absent users

  /// Begins to note who is used, and returns the number the next new user gets.
  func watch(app: String) throws -> UInt32 {
    let users = try users(of: app)
    users.used = []
    return users.map.next
  }

  /// Stops noting.
  func unwatch(app: String) { users[app]?.used = nil }

  /// Forgets users below `next` whom nobody used since `watch` and who are not among `present`, and marks of
  /// erased ones that are too old to matter; returns how many users went.
  func forgetAbsent(app: String, next: UInt32, present: Set<UInt32>, erasedBefore: Timestamp) throws -> Int {
    let users = try users(of: app)
    let used = users.used ?? []
    let table = quoted(users.table)
    var gone: [(user: Identifier128, number: UInt32)] = []
    try queue.write { db in
      let all = try Statement(connection(db), "SELECT n, pseudonym FROM \(table) WHERE n < ?1")
      all.bind(1, Int64(next))
      while try all.step() {
        let number = UInt32(truncatingIfNeeded: all.column(0))
        if present.contains(number) || used.contains(number) { continue }
        gone.append((Identifier128(bytes: all.blob(1)), number))
      }
      let delete = try Statement(connection(db), "DELETE FROM \(table) WHERE n = ?1")
      for (_, number) in gone {
        delete.bind(1, Int64(number))
        try delete.run()
      }
      try db.execute(sql: "UPDATE apps SET next = ? WHERE name = ?", arguments: [users.map.next, app])
      try db.execute(
        sql: "DELETE FROM tombstones WHERE app = ? AND erased < ?",
        arguments: [app, erasedBefore.milliseconds])
      let marks = try Data.fetchAll(db, sql: "SELECT hash FROM tombstones WHERE app = ?", arguments: [app])
      users.tombstones = Set(marks.map { Identifier128(bytes: $0) })
    }
    for (user, _) in gone { users.map.remove(user) }
    return gone.count
  }
}

/// The connection under GRDB's value, for statements of our own.
func connection(_ db: Database) throws -> OpaquePointer {
  guard let connection = db.sqliteConnection else { throw StoreError.closed }
  return connection
}

public import AvowStore
public import AvowWire
import Foundation
import GRDBSQLite

/// Examines the files of a store from outside: reads them on connections of its own and changes nothing.
///
/// Works beside a store that is open, and on files so damaged that no store opens them.
public struct StoreCheck {
  private let folder: String
  private let now: Timestamp

  /// Creates an examination of the files in `folder`.
  public init(folder: String, now: Timestamp) {
    self.folder = folder
    self.now = now
  }

  /// What SQLite finds wrong with a database, a line each.
  public static func damage(of path: String, isImmutable: Bool = false) throws -> [String] {
    let connection = try open(path, isImmutable: isImmutable)
    defer { sqlite3_close_v2(connection) }
    return try lines("PRAGMA integrity_check(20)", connection).filter { $0 != "ok" }
  }

  /// Whether the pages of a database hold together; faster than to ask what is wrong.
  static func isSound(_ path: String) -> Bool {
    do {
      let connection = try open(path)
      defer { sqlite3_close_v2(connection) }
      return try lines("PRAGMA quick_check(1)", connection) == ["ok"]
    } catch {
      return false
    }
  }

  /// What is found of each file.
  ///
  /// - Parameter progress: Told the file at hand, how many bytes are looked at, and of how many.
  public func findings(progress: (String, Int, Int) -> Void = { _, _, _ in }) -> [Finding] {
    var findings: [Finding] = []
    func size(_ name: String) -> Int {
      (try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int) ?? 0
    }
    let all = StoreFiles.names.reduce(0) { $0 + size($1) }
    var done = 0
    for name in StoreFiles.names {
      progress(name, done, all)
      done += size(name)
      let path = folder + "/" + name
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      guard let size, size > 0 || FileManager.default.fileExists(atPath: path + "-wal") else {
        findings.append(missing(name, size == 0 ? "is empty" : "is missing"))
        continue
      }
      do {
        let damage = try Self.damage(of: path)
        findings += damage.prefix(3).map { broken(name, "is damaged: \($0)") }
        if damage.isEmpty {
          findings.append(Finding(.fine, name, "every page is as it should be"))
          findings += try spare(name)
          if name == "main.db" { findings += try removals() }
          if name == "index.db",
            !findings.contains(where: { $0.subject == "main.db" && $0.severity == .error })
          {
            findings += try marks()
          }
        }
      } catch let failure as SQLiteFailure {
        let isForeign = failure.code & 0xFF == SQLITE_NOTADB
        findings.append(
          broken(name, isForeign ? "is no SQLite database (any more)" : "is damaged: \(failure.message)"))
      } catch {
        findings.append(broken(name, "\(error)"))
      }
    }
    return findings
  }

  private func missing(_ name: String, _ text: String) -> Finding {
    switch name {
    case "index.db":
      Finding(
        .warning, name, text,
        remedy: "nothing is lost: it is made again with `avow reindex`, or by the next start")
    default:
      Finding(.error, name, text, remedy: "stop the collector and restore the folder from a backup")
    }
  }

  private func broken(_ name: String, _ text: String) -> Finding {
    let remedy =
      name == "index.db"
      ? "nothing is lost: stop the collector and make it again with `avow reindex`"
      : "stop the collector and restore the folder from a backup"
    return Finding(.error, name, text, remedy: remedy)
  }

  /// Pages that hold nothing.
  private func spare(_ name: String) throws -> [Finding] {
    let connection = try Self.open(folder + "/" + name)
    defer { sqlite3_close_v2(connection) }
    let free = try Statement(connection, "PRAGMA freelist_count").integer() ?? 0
    let all = try Statement(connection, "PRAGMA page_count").integer() ?? 0
    let size = try Statement(connection, "PRAGMA page_size").integer() ?? 4096
    guard free * size > 16 << 20, free * 4 > all else { return [] }
    return [
      Finding(
        .warning, name, "\((free * size) >> 20) MB of it hold nothing",
        remedy: "new events use them first; `avow tidy` gives them back")
    ]
  }

  /// Whether the file waits to be written anew.
  private func removals() throws -> [Finding] {
    let connection = try Self.open(folder + "/main.db")
    defer { sqlite3_close_v2(connection) }
    // A folder that only an older collector has had open has no such table yet.
    let open = try? Statement(
      connection,
      "SELECT (SELECT value FROM care WHERE name = 'removed') > (SELECT value FROM care WHERE name = 'rewritten')"
    ).integer()
    guard open == 1 else { return [] }
    return [
      Finding(
        .fine, "main.db",
        "may hold copies of removed rows that no query reaches, until it is tidied at night",
        remedy: "`avow tidy` does so now")
    ]
  }

  /// Compares the marks of the index with those of the rows, and the rows with what their days count.
  private func marks() throws -> [Finding] {
    let main = try Self.open(folder + "/main.db")
    defer { sqlite3_close_v2(main) }
    let index = try Self.open(folder + "/index.db")
    defer { sqlite3_close_v2(index) }
    guard try Statement(index, "PRAGMA user_version").integer() == Int64(IndexFile.version) else {
      return [
        Finding(
          .warning, "index.db", "is of another version of avow",
          remedy: "nothing is lost: the next start of the collector makes it anew, and so does `avow reindex`"
        )
      ] + (try counts(main))
    }
    // The index first: what is written in between makes its days older, never newer, than the rows.
    let encoded = try Self.marks("SELECT app, day, mark FROM days", index)
    let days = try Self.marks("SELECT app, day, mark FROM days WHERE rows > 0", main)
    let unknown = encoded.filter { place, mark in days[place].map { $0 < mark } ?? false }.count
    let closed = days.filter { place, _ in
      Timestamp(day: place.day + 1).milliseconds + 3_600_000 + 60_000 <= now.milliseconds
    }
    let behind = closed.filter { encoded[$0.key] != $0.value }.count
    var findings: [Finding] = []
    if unknown > 0 {
      findings.append(
        Finding(
          .error, "index.db", "holds \(unknown) day\(unknown == 1 ? "" : "s") that the rows do not know so",
          remedy: "stop the collector and make it again with `avow reindex`"))
    }
    if behind > 0 {
      findings.append(
        Finding(
          .fine, "index.db", "\(behind) past day\(behind == 1 ? " is" : "s are") answered from rows",
          remedy: "a running collector encodes them within seconds; `avow reindex` does so when none runs"))
    }
    let broken = try Self.brokenDays(index)
    if broken > 0 {
      findings.append(
        Finding(
          .error, "index.db", "\(broken) day\(broken == 1 ? " has" : "s have") columns that are damaged",
          remedy:
            "nothing is lost, for their rows answer: stop the collector and make it again with `avow reindex`"
        ))
    }
    if findings.isEmpty {
      findings.append(
        Finding(
          .fine, "index.db",
          "\(encoded.count) days are of the rows' state and as they were written; `avow verify --index` compares the values"
        ))
    }
    return findings + (try counts(main))
  }

  /// How many days have a summary or a column that is not what was written.
  private static func brokenDays(_ index: OpaquePointer) throws -> Int {
    var broken: Set<Int> = []
    let days = try Statement(index, "SELECT app, day, mark, summary FROM days")
    while try days.step() {
      let day = Int(days.column(1))
      if DayImage(sealed: days.blob(3), app: days.column(0), day: day, mark: days.column(2)) == nil {
        broken.insert(day)
      }
    }
    let columns = try Statement(index, "SELECT k, b FROM segments")
    while try columns.step() {
      if !PackedColumn.isIntact(columns.blob(1)) { broken.insert(IndexFile.day(ofKey: columns.column(0))) }
    }
    return broken.count
  }

  /// Whether the rows of each app are as many as its days say.
  private func counts(_ main: OpaquePointer) throws -> [Finding] {
    // In one transaction, for events may come meanwhile.
    try FrozenDatabase.execute("BEGIN", main)
    defer { try? FrozenDatabase.execute("COMMIT", main) }
    var findings: [Finding] = []
    let apps = try Statement(
      main,
      "SELECT name, (SELECT coalesce(sum(rows), 0) FROM days WHERE app = number) FROM apps ORDER BY name")
    while try apps.step() {
      let app = apps.text(0)
      let counted = apps.column(1)
      let tables = try Self.lines(
        "SELECT name FROM tables WHERE app = '\(app.replacing("'", with: "''"))' AND event IS NOT NULL AND kind = 'row'",
        main)
      var rows: Int64 = 0
      for table in tables {
        rows += try Statement(main, "SELECT count(*) FROM \(quoted(table))").integer() ?? 0
      }
      if rows != counted {
        findings.append(
          Finding(
            .error, "main.db", "\(app) has \(rows) events, but its days count \(counted)",
            remedy:
              "stop the collector and restore the folder from a backup; answers may miss events until then"))
      }
    }
    return findings
  }

  // MARK: Reading

  private struct Place: Hashable {
    var app: Int64
    var day: Int
  }

  private static func marks(_ sql: String, _ connection: OpaquePointer) throws -> [Place: Int64] {
    let all = try Statement(connection, sql)
    var marks: [Place: Int64] = [:]
    while try all.step() { marks[Place(app: all.column(0), day: Int(all.column(1)))] = all.column(2) }
    return marks
  }

  private static func lines(_ sql: String, _ connection: OpaquePointer) throws -> [String] {
    let all = try Statement(connection, sql)
    var lines: [String] = []
    while try all.step() { lines.append(all.text(0)) }
    return lines
  }

  /// Opens a database for reading only. A file without a log beside it is taken as it lies, so that none is made.
  private static func open(_ path: String, isImmutable: Bool = false) throws -> OpaquePointer {
    let isAlone = isImmutable || !FileManager.default.fileExists(atPath: path + "-wal")
    let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    let connection = try FrozenDatabase.open(
      "file:" + escaped + (isAlone ? "?immutable=1" : ""), SQLITE_OPEN_READONLY)
    try FrozenDatabase.execute("PRAGMA busy_timeout = 5000", connection)
    return connection
  }
}

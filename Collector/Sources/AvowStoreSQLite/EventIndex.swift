public import AvowStore
public import AvowWire
import GRDB
import Logging
import Synchronization

/// The index of a store that is not open: makes it again, and compares it with the rows.
///
/// Needs no pepper, for it reads rows and numbers only.
///
/// ```swift
/// let index = try EventIndex(folder: "/var/lib/avow", clock: now)
/// for fault in try await index.verify().faults { print(fault) }
/// try await index.close()
/// ```
public final class EventIndex: Sendable {
  private let files: StoreFiles?
  private let main: DatabasePool
  let segments: SegmentIndex
  /// Where a new index takes the old one's place in the end; `nil` where the one in use is looked at.
  private let target: String?
  private let isMade = Mutex(false)

  /// Opens the files of a store that nothing else has open.
  ///
  /// - Parameter isMadeAnew: Whether a new index is made beside the one there is; `close` puts it in that
  ///   one's place, and only after `make` has gone through.
  /// - Throws: `StoreError` saying which file is wrong and how to mend it.
  public convenience init(
    folder: String, isMadeAnew: Bool = false, clock: @escaping @Sendable () -> Timestamp
  ) throws(StoreError) {
    let files = try StoreFiles.open(folder)
    let quiet = Logger(label: "avow.store") { _ in SwiftLogNoOpLogHandler() }
    let file = try isMadeAnew ? IndexFile.begin(folder) : IndexFile.examine(folder)
    self.init(
      main: files.main,
      segments: SegmentIndex(file, main: files.main, clock: clock, logger: quiet, isAutomatic: false),
      files: files, target: isMadeAnew ? folder : nil)
  }

  init(main: DatabasePool, segments: SegmentIndex, files: StoreFiles? = nil, target: String? = nil) {
    self.main = main
    self.segments = segments
    self.files = files
    self.target = target
  }

  public func close() async throws(StoreError) {
    guard let files else { return }
    do { try await segments.close() } catch { throw StoreError(error, in: "index.db") }
    do { try files.close() } catch { throw StoreError(error) }
    guard let target else { return }
    if isMade.withLock({ $0 }) { try IndexFile.publish(target) } else { IndexFile.removeDraft(target) }
  }

  /// Takes how much is done, and of how much.
  public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

  /// Encodes all days again, the open ones included.
  public func make(progress: @escaping Progress = { _, _ in }) async throws(StoreError) {
    try await segments.settle(.again, progress: progress)
    isMade.withLock { $0 = true }
  }

  /// What SQLite finds wrong with the files, one line each; empty when nothing.
  public func damage() async throws(StoreError) -> [String] {
    var lines: [String] = []
    var pools: [(name: String, read: any DatabaseReader)] = [
      ("main.db", main), ("index.db", segments.file.pool),
    ]
    if let files { pools.append(("identity.sqlite", files.identity)) }
    for (name, reader) in pools {
      do {
        let found = try await reader.read { try String.fetchAll($0, sql: "PRAGMA quick_check(20)") }
        if found != ["ok"] { lines += found.map { "\(name): \($0)" } }
      } catch {
        lines.append("\(StoreError(error, in: name))")
      }
    }
    return lines
  }

  /// What is wrong with one day of the index.
  public struct Fault: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
      /// The index calls the day current, but the rows say something else.
      case differs
      /// The day changed and is not encoded again yet: its rows answer for it.
      case outdated
      /// The day has no rows.
      case unknown
    }

    public var app: String
    /// Counted from 1970-01-01, UTC.
    public var day: Int
    public var kind: Kind

    public var description: String {
      let date = CivilDate(dayNumber: day)
      return switch kind {
      case .differs: "\(app), \(date): the index differs from the rows; make it again with `avow reindex`"
      case .outdated: "\(app), \(date): changed since it was encoded, so its rows answer"
      case .unknown: "\(app), \(date): in the index, but without rows; make it again with `avow reindex`"
      }
    }
  }

  /// Encodes every day again in memory and compares it with the index, byte by byte.
  ///
  /// - Returns: How many days were compared, and those that are not as they should be.
  public func verify(
    progress: @escaping Progress = { _, _ in }
  ) async throws(StoreError) -> (days: Int, faults: [Fault]) {
    var faults: [Fault] = []
    var count = 0
    do {
      let apps = try await main.read { Array(try AppSchema.load($0).values) }
      var wanted: [(schema: AppSchema, days: [Int])] = []
      for schema in apps.sorted(by: { $0.app < $1.app }) {
        let encoded = try StoreError.naming("index.db") {
          try segments.file.pool.read { try IndexFile.marks(of: schema.number, $0) }
        }
        wanted.append((schema, encoded.keys.sorted()))
      }
      let all = wanted.reduce(0) { $0 + $1.days.count }
      for (schema, days) in wanted {
        for day in days {
          // A short read for each day: the log can be cut in between.
          let kind = try await main.read { [self] db in
            try StoreError.naming("index.db") {
              try segments.file.pool.read { try verify(day, schema, db, $0) }
            }
          }
          if let kind { faults.append(Fault(app: schema.app, day: day, kind: kind)) }
          count += 1
          progress(count, all)
        }
      }
    } catch {
      throw StoreError(error)
    }
    return (count, faults)
  }

  private func verify(
    _ day: Int, _ schema: AppSchema, _ db: Database, _ indexDB: Database
  ) throws -> Fault.Kind? {
    guard let encoded = try IndexFile.marks(of: schema.number, indexDB)[day] else { return nil }
    let marks = try StoreError.naming("main.db") { try DayMark.all(of: schema.number, db) }
    guard let mark = marks.first(where: { $0.day == day }) else { return .unknown }
    guard mark.mark == encoded else { return .outdated }
    let names = segments.file.names
    let expected = try StoreError.naming("main.db") {
      try segments.live.make(mark, schema: schema, names: names, db)
    }
    guard let found = try segments.file.image(of: schema.number, day: day, indexDB) else { return .differs }
    return found.blobs == expected.blobs && found.summary == expected.summary ? nil : .differs
  }
}

import AvowStore
import AvowStoreTesting
import AvowWire
import Foundation
import GRDB
import Synchronization
import Testing

@testable import AvowStoreSQLite

struct IndexTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func open(at time: Timestamp = now, keepsIndex: Bool = false) async throws -> SQLiteEventStore {
    try await SQLiteEventStore(
      folder: folder.path, clock: { time }, logger: .quiet, limits: Writer.Limits(), keepsIndex: keepsIndex)
  }

  /// A store with some days of traffic, all of them encoded.
  private func filled(encoding: Bool = true) async throws -> SQLiteEventStore {
    let store = try await open()
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    let start = Timestamp(milliseconds: now.milliseconds - 60 * 3_650_000)
    var traffic = SampleTraffic(seed: 4, catalog: catalog, start: start)
    for _ in 0..<60 { _ = try await store.append(traffic.next()) }
    if encoding { try await store.index.settle(.all) }
    return store
  }

  private func days(_ store: SQLiteEventStore) async throws -> [Int: Int64] {
    try await store.index.file.pool.read { try IndexFile.marks(of: 1, $0) }
  }

  private let questions: [Question] = [
    Question(app: "workshop", .activeUsers, interval: .days(60, through: now.day)),
    Question(
      app: "workshop", .breakdown(by: [FieldPath("steps.technique")], counting: .items),
      interval: .days(60, through: now.day)),
    Question(
      app: "workshop", .distribution(of: FieldPath("seconds"), by: [FieldPath("os_name")]),
      interval: .days(60, through: now.day)),
  ]

  private func answers(_ store: SQLiteEventStore) async throws -> [Answer] {
    var answers: [Answer] = []
    for question in questions { answers.append(try await store.answer(question)) }
    return answers
  }

  @Test func `only days that ended an hour ago are encoded by themselves`() async throws {
    let store = try await filled(encoding: false)
    try await store.settleIndex()
    let encoded = try await days(store).keys
    #expect(encoded.contains(now.day - 1) && !encoded.contains(now.day))
    #expect(try await store.verifyIndex().faults == [])
    try await store.close()

    let early = Timestamp(milliseconds: Timestamp(day: now.day + 1).milliseconds + 3_599_999)
    let second = try await open(at: early)
    try await second.settleIndex()
    #expect(try await days(second)[now.day] == nil)
    try await second.close()
    let third = try await open(at: Timestamp(milliseconds: early.milliseconds + 1))
    try await third.settleIndex()
    #expect(try await days(third)[now.day] != nil)
    try await third.close()
  }

  @Test func `an event that comes late is counted at once and encoded with its day later`() async throws {
    let store = try await filled()
    let day = now.day - 1
    let before = try await days(store)[day]
    let question = Question(
      app: "workshop", .events(byEvent: false), event: "opened", interval: .days(1, through: day))
    let count = try await store.answer(question).series[0].total
    _ = try await store.append(batch([opened(1, user: 1, at: Timestamp(day: day))]))
    #expect(try await store.answer(question).series[0].total == count + 1)
    #expect(try await days(store)[day] == before)
    #expect(try await store.verifyIndex().faults.map(\.kind) == [.outdated])
    try await store.settleIndex()
    #expect(try await days(store)[day] != before)
    #expect(try await store.answer(question).series[0].total == count + 1)
    #expect(try await store.verifyIndex().faults == [])
    try await store.close()
  }

  @Test func `a damaged segment is found, answered from rows, and made again`() async throws {
    let store = try await filled()
    let expected = try await answers(store)
    // Every blob: each question meets some.
    try await store.index.file.pool.write { db in
      try db.execute(sql: "UPDATE segments SET b = substr(b, 1, 9) || x'FF' || substr(b, 11)")
    }
    let found = try await store.verifyIndex()
    #expect(found.days > 2)
    #expect(found.faults.count == found.days)
    #expect(found.faults.allSatisfy { $0.kind == .differs })
    #expect(try await answers(store) == expected)
    try await store.reindex()
    #expect(try await store.verifyIndex().faults == [])
    #expect(try await answers(store) == expected)
    try await store.close()
  }

  @Test func `a wrong number of rows in a day's summary is found and answered from rows`() async throws {
    let store = try await filled()
    let expected = try await answers(store)
    try await store.index.file.pool.write { db in
      for row in try Row.fetchAll(db, sql: "SELECT day, summary FROM days") {
        var bytes = [UInt8](row["summary"] as Data)
        // The last table's last part has 4096 rows more, or fewer.
        bytes[bytes.count - 3] ^= 0x10
        try db.execute(
          sql: "UPDATE days SET summary = ? WHERE day = ?", arguments: [Data(bytes), row["day"] as Int])
      }
    }
    store.index.forget()
    let found = try await store.verifyIndex()
    #expect(found.days > 2)
    #expect(found.faults.map(\.kind) == Array(repeating: .differs, count: found.days))
    // Each question notes them as damaged, and then they are made again.
    #expect(try await answers(store) == expected)
    try await store.index.settle(.all)
    // The running day is in the index of this test alone, and days after it were not asked about.
    #expect(try await store.verifyIndex().faults.filter { $0.day < now.day } == [])
    #expect(try await answers(store) == expected)
    try await store.close()
  }

  @Test func `long work says how far it is, up to the end`() async throws {
    try await filled().close()
    let index = try EventIndex(folder: folder.path, isMadeAnew: true, clock: { now })
    let made = Mutex<[(Int, Int)]>([])
    try await index.make { done, total in made.withLock { $0.append((done, total)) } }
    let compared = Mutex<[(Int, Int)]>([])
    let found = try await index.verify { done, total in compared.withLock { $0.append((done, total)) } }
    try await index.close()
    for steps in [made.withLock { $0 }, compared.withLock { $0 }] {
      #expect(!steps.isEmpty && steps.last?.0 == steps.last?.1)
      #expect(steps.map(\.0) == steps.map(\.0).sorted())
    }
    #expect(compared.withLock { $0.count } == found.days)
    var files: [String] = []
    let findings = StoreCheck(folder: folder.path, now: now).findings { name, done, total in
      files.append(name)
      #expect(done < total)
    }
    #expect(findings.allSatisfy { $0.severity == .fine })
    #expect(files == ["main.db", "identity.sqlite", "index.db"])
  }

  @Test func `a wrong mark is found, whichever way it is wrong`() async throws {
    let store = try await filled()
    let expected = try await answers(store)
    let day = now.day - 1
    try await store.index.file.pool.write { db in
      try db.execute(sql: "UPDATE days SET mark = mark + 1 WHERE day = ?", arguments: [day])
    }
    #expect(try await store.verifyIndex().faults.map(\.kind) == [.outdated])
    #expect(try await answers(store) == expected)
    // A mark that calls an old state current: verifying compares what it stands for.
    try await store.reindex()
    _ = try await store.append(batch([opened(1, user: 1, at: Timestamp(day: day))]))
    let mark = try await store.files.main.read { db in
      try Int64.fetchOne(db, sql: "SELECT mark FROM days WHERE day = ?", arguments: [day])
    }
    try await store.index.file.pool.write { db in
      try db.execute(sql: "UPDATE days SET mark = ? WHERE day = ?", arguments: [mark, day])
    }
    #expect(try await store.verifyIndex().faults.map(\.kind) == [.differs])
    try await store.close()
  }

  @Test func `an index that is lost, foreign or broken is made again`() async throws {
    let store = try await filled()
    let expected = try await answers(store)
    try await store.close()
    let path = folder.path + "/index.db"
    try Data("this is no database, but it is long enough to be taken for one".utf8)
      .write(to: URL(fileURLWithPath: path))
    let second = try await open()
    try await second.install(SampleCatalog.workshop())
    #expect(try await answers(second) == expected)
    try await second.settleIndex()
    #expect(try await answers(second) == expected)
    #expect(try await second.verifyIndex().faults == [])
    try await second.close()
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    let third = try await open()
    try await third.install(SampleCatalog.workshop())
    #expect(try await answers(third) == expected)
    try await third.close()
  }

  @Test func `erasing takes a user out of the segments`() async throws {
    let store = try await filled()
    let users = Array(Set(try await everything(store).compactMap(\.user)).sorted().prefix(5))
    let numbers = try await store.writer.perform { state in
      let known = try state.identities.users(of: "workshop")
      return users.compactMap { known.map.number(of: $0) }
    }
    func held() async throws -> Int {
      try await store.index.file.pool.read { db in
        let streams = store.index.file.names.all().enumerated()
          .filter { $0.element.column == StreamKey.user }.map(\.offset)
        let decoder = ColumnDecoder()
        var count = 0
        for row in try Row.fetchAll(db, sql: "SELECT k, b FROM segments")
        where streams.contains(Int(row["k"] as Int64 >> 35)) {
          try (row["b"] as Data).withUnsafeBytes { try decoder.decode($0) }
          for index in 0..<decoder.count where numbers.contains(UInt32(decoder.value(index))) { count += 1 }
        }
        return count
      }
    }
    #expect(try await held() > 10)
    let erasure = try await store.forget(app: "workshop", users: users)
    #expect(erasure.users == 5)
    #expect(try await held() == 0)
    #expect(try await store.verifyIndex().faults == [])
    #expect(!(try await everything(store)).contains { $0.user.map(users.contains) ?? false })
    try await store.close()
  }

  @Test func `a day without rows leaves the index`() async throws {
    let store = try await open()
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(
      batch([opened(1, user: 1), opened(2, user: 2, at: Timestamp(day: now.day - 9))]))
    try await store.index.settle(.all)
    #expect(try await days(store).count == 2)
    _ = try await store.forget(app: "workshop", users: [id(2)])
    #expect(try await days(store).keys.sorted() == [now.day])
    try await store.close()
  }

  @Test func `a busy day is encoded in parts that answer as one`() async throws {
    let store = try await open()
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    let reference = MemoryEventStore { now }
    try await reference.install(catalog)
    var random = SplitMix64(seed: 9)
    let day = now.day - 2
    for _ in 0..<8 {
      let events = (0..<10_000).map { _ in
        SampleEvent(
          ["opened", "list_reports"].randomElement(using: &random) ?? "opened",
          id: Identifier128(high: .random(in: .min ... .max, using: &random), low: 1),
          time: Timestamp(
            milliseconds: Timestamp(day: day).milliseconds + .random(in: 0..<86_400_000, using: &random)),
          user: id(.random(in: 0..<500, using: &random)))
      }
      let batch = batch(events, received: Timestamp(day: day + 1))
      _ = try await store.append(batch)
      _ = try await reference.append(batch)
    }
    try await store.settleIndex()
    let parts = try await store.index.file.pool.read { db in
      try IndexFile.summary(of: 1, day: day, db)?.parts
    }
    #expect(parts == 2)
    for subject in [
      Question.Subject.activeUsers, .events(byEvent: true),
      .funnel(["opened", "list_reports", "opened"], within: .seconds(60)),
    ] {
      let question = Question(app: "workshop", subject, interval: .days(9, through: now.day))
      #expect(try await store.answer(question) == (try await reference.answer(question)))
    }
    #expect(try await store.verifyIndex().faults == [])
    try await store.close()
  }

  @Test func `the index is whole again after SIGKILL`() async throws {
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try await SQLiteEventStore(folder: path, clock: { now }, logger: .quiet)
      let catalog = SampleCatalog.workshop()
      try await store.install(catalog)
      var traffic = SampleTraffic(
        seed: 4, catalog: catalog, start: Timestamp(milliseconds: now.milliseconds - 60 * 3_650_000))
      for number in 0..<60 {
        _ = try await store.append(traffic.next())
        if number % 20 == 10 { try await store.settleIndex() }
      }
      kill(getpid(), SIGKILL)
    }
    let store = try await open()
    try await store.install(SampleCatalog.workshop())
    let fresh = try await answers(store)
    #expect(fresh[0].reports > 500)
    try await store.settleIndex()
    #expect(try await answers(store) == fresh)
    #expect(try await store.verifyIndex().faults == [])
    try await store.close()
  }
}

struct PackedColumnTests {
  @Test func `every column reads back as it was written`() throws {
    var random = SplitMix64(seed: 77)
    let decoder = ColumnDecoder()
    var forms: Set<UInt8> = []
    for _ in 0..<3000 {
      let count = Int.random(in: 0...700, using: &random)
      let kind = Int.random(in: 0..<6, using: &random)
      let width = UInt64.random(in: 0...63, using: &random)
      let base = Int64(bitPattern: random.next())
      let places = PackedColumn.powers[.random(in: 0..<5, using: &random)]
      let values = (0..<count).map { _ -> Int64 in
        switch kind {
        case 0: return base &+ Int64(bitPattern: random.next() >> width)
        case 1: return .random(in: 0...5, using: &random) &+ base
        case 2:
          return Int64(
            bitPattern: (Double(Int.random(in: -9999...99999, using: &random)) / places).bitPattern)
        case 3: return Int64(bitPattern: Double.random(in: -1...1, using: &random).bitPattern)
        case 4: return Int64(bitPattern: random.next())
        default: return 0
        }
      }
      let hasAbsent = Bool.random(using: &random)
      let presence = values.map { _ in !hasAbsent || Int.random(in: 0..<4, using: &random) > 0 }
      let bytes = PackedColumn.encode(values, present: presence, isNumber: kind == 2 || kind == 3)
      forms.insert(bytes[4])
      try bytes.withUnsafeBytes { try decoder.decode($0) }
      try #require(decoder.count == count)
      for index in values.indices {
        try #require(decoder.isAbsent(index) == !presence[index])
        if presence[index] { try #require(decoder.value(index) == values[index]) }
      }
      // Users: 31 bits, and any number of the same.
      let ascending = values.map { $0 & (1 << 31 - 1) >> Int64(width % 31) }.sorted()
      let other = PackedColumn.encode(ascending: ascending)
      try other.withUnsafeBytes { try decoder.decode($0) }
      for index in ascending.indices { try #require(decoder.value(index) == ascending[index]) }
    }
    #expect(forms == [0, 1, 2])
  }

  @Test func `damaged bytes are refused, never read beyond their end`() throws {
    var random = SplitMix64(seed: 78)
    let decoder = ColumnDecoder()
    let bytes = PackedColumn.encode((0..<500).map { $0 * $0 }, present: nil, isNumber: false)
    for length in 0..<bytes.count {
      #expect(throws: PackedColumn.Damage.self) {
        try Array(bytes[..<length]).withUnsafeBytes { try decoder.decode($0) }
      }
    }
    var refused = 0
    for _ in 0..<5000 {
      var other = bytes
      for _ in 0..<3 {
        other[.random(in: 4..<other.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // With a checksum that is right for them, so that what stands behind it is tried.
      let sum = other.withUnsafeBytes { PackedColumn.checksum($0) }
      for index in 0..<4 { other[index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
      do { try other.withUnsafeBytes { try decoder.decode($0) } } catch { refused += 1 }
    }
    #expect(refused > 0)
  }
}

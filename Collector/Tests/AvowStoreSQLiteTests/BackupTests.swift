import AvowStore
import AvowStoreTesting
import AvowWire
import Foundation
import GRDB
import Testing

@testable import AvowStoreSQLite

struct BackupTests {
  private let folder: TemporaryFolder
  private let copy: TemporaryFolder
  init() throws {
    folder = try TemporaryFolder()
    copy = try TemporaryFolder()
  }

  @Test func `a backup made while events come is whole, and answers`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch((0..<3000).map { opened($0, user: $0) }))
    try await store.reindex()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 1...30 as ClosedRange<UInt64> {
          let events = (0..<100).map { opened(round * 100_000 + $0, user: round * 100_000 + $0) }
          _ = try await store.append(batch(events))
        }
      }
      group.addTask {
        try await store.backUp(into: copy.path) { progress in
          #expect(progress.done <= progress.total && progress.total > 0)
          // Events are stored between the steps.
          await Task.yield()
        }
      }
      try await group.waitForAll()
    }
    try await store.close()
    #expect(try StoreFiles.names.flatMap { try StoreCheck.damage(of: copy.path + "/" + $0) } == [])
    let restored = try await openStore(copy)
    try await restored.install(SampleCatalog.workshop())
    let events = try await everything(restored)
    #expect(events.count >= 3000 && events.count <= 6000)
    #expect(events.allSatisfy { $0.user != nil }, "an event is without its user")
    let question = Question(app: "workshop", .activeUsers, interval: .days(1, through: now.day))
    #expect(try await restored.answer(question).series.first?.values.last == Double(events.count))
    #expect(try await restored.verifyIndex().faults.allSatisfy { $0.kind == .outdated })
    // It is a store like any other.
    #expect(try await restored.append(batch([opened(77_777_777, user: 1)])).outcomes == [.stored])
    #expect(try await restored.append(batch([opened(1, user: 1)])).outcomes == [.duplicate])
    try await restored.close()
  }

  @Test func `a backup never writes over a file`() async throws {
    let store = try await openStore(folder)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: copy.path + "/main.db"))
    await #expect(throws: StoreError.self) { try await store.backUp(into: copy.path) { _ in } }
    #expect(try String(contentsOfFile: copy.path + "/main.db", encoding: .utf8) == "mine")
    try await store.close()
  }

  @Test(arguments: ["main.db", "identity.sqlite"])
  func `files that do not belong together are refused`(_ name: String) async throws {
    for place in [folder, copy] {
      let store = try await openStore(place)
      try await store.install(SampleCatalog.workshop())
      _ = try await store.append(batch([opened(1, user: 1)]))
      try await store.close()
    }
    let files = FileManager.default
    for other in [copy.path + "/" + name, nil] {
      try files.removeItem(atPath: folder.path + "/" + name)
      if let other { try files.copyItem(atPath: other, toPath: folder.path + "/" + name) }
      let error = await #expect(throws: StoreError.self) { _ = try await openStore(folder) }
      #expect(error?.message.contains("restore both from one backup") == true, "\(error?.message ?? "")")
    }
  }
}

struct DamageTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  enum Damage: CaseIterable, Sendable {
    case header, pages, cut, empty
    /// A leaf of a table, so that the file opens.
    case lastPage

    static let allCases: [Damage] = [.header, .pages, .cut, .empty]
  }

  private func filled() async throws -> SQLiteEventStore {
    let store = try await openStore(folder, at: Timestamp(milliseconds: now.milliseconds + 3 * 86_400_000))
    try await store.install(SampleCatalog.workshop())
    for round in 0..<4 as Range<UInt64> {
      _ = try await store.append(batch((0..<500).map { opened(round * 1000 + $0, user: round * 1000 + $0) }))
    }
    try await store.settleIndex()
    return store
  }

  private func damage(_ name: String, _ kind: Damage) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path + "/" + name))
    defer { try? handle.close() }
    let size = try handle.seekToEnd()
    switch kind {
    case .header:
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: Data("not a database at all, not at all".utf8))
    case .pages:
      // All but the first, which holds the tables' names.
      try handle.seek(toOffset: 8192)
      try handle.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 8192))
    case .lastPage:
      try handle.seek(toOffset: size - 8192)
      try handle.write(contentsOf: Data(repeating: 0xA5, count: 8192))
    case .cut: try handle.truncate(atOffset: size / 2 + 100)
    case .empty: try handle.truncate(atOffset: 0)
    }
  }

  @Test(arguments: ["main.db", "identity.sqlite"], Damage.allCases)
  func `a damaged file is named, with what to do`(_ name: String, _ kind: Damage) async throws {
    try await filled().close()
    try damage(name, kind)
    let found = StoreCheck(folder: folder.path, now: now).findings().filter { $0.severity == .error }
    #expect(found.contains { $0.subject == name && $0.remedy?.contains("backup") == true }, "\(found)")
    // Either it does not open, or nothing is stored in it: never a wrong answer, never a crash.
    let error = await #expect(throws: StoreError.self) {
      let store = try await openStore(folder)
      do {
        try await store.install(SampleCatalog.workshop())
        _ = try await store.append(batch((0..<100).map { opened(9000 + $0, user: 9000 + $0) }))
        _ = try await everything(store)
        try await store.close()
      } catch {
        try? await store.close()
        throw error
      }
    }
    #expect(
      error?.message.hasPrefix(name) == true && error?.message.contains("backup") == true,
      "\(error?.message ?? "")")
  }

  @Test(arguments: Damage.allCases)
  func `a damaged index is made anew at the start`(_ kind: Damage) async throws {
    let store = try await filled()
    let question = Question(app: "workshop", .activeUsers, interval: .days(5, through: now.day))
    let expected = try await store.answer(question)
    try await store.close()
    #expect(StoreCheck(folder: folder.path, now: now).findings().allSatisfy { $0.severity == .fine })
    try damage("index.db", kind)
    let found = StoreCheck(folder: folder.path, now: now).findings().filter { $0.severity != .fine }
    #expect(
      found.count == 1 && found[0].subject == "index.db" && found[0].remedy?.contains("reindex") == true)
    let again = try await openStore(folder, at: Timestamp(milliseconds: now.milliseconds + 3 * 86_400_000))
    try await again.install(SampleCatalog.workshop())
    #expect(try await again.answer(question).series == expected.series)
    try await again.settleIndex()
    #expect(try await again.verifyIndex() == (1, []))
    try await again.close()
  }

  @Test func `reindex keeps the old index until the new one is whole`() async throws {
    let store = try await filled()
    try await store.close()
    let path = URL(fileURLWithPath: folder.path + "/index.db")
    let before = try Data(contentsOf: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/main.db"))
    try damage("main.db", .lastPage)
    let failing = try EventIndex(folder: folder.path, isMadeAnew: true, clock: { now })
    let error = await #expect(throws: StoreError.self) { try await failing.make() }
    #expect(error?.message.hasPrefix("main.db is damaged") == true, "\(error?.message ?? "")")
    try await failing.close()
    #expect(try Data(contentsOf: path) == before)
    // The same, with rows that can be read.
    try whole.write(to: URL(fileURLWithPath: folder.path + "/main.db"))
    try damage("index.db", .header)
    let again = try EventIndex(folder: folder.path, isMadeAnew: true, clock: { now })
    try await again.make()
    try await again.close()
    let made = try EventIndex(folder: folder.path, clock: { now })
    #expect(try await made.verify() == (1, []))
    #expect(try await made.damage() == [])
    try await made.close()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.hasPrefix("index.db") } == ["index.db"])
  }

  @Test(arguments: ["main.db", "index.db"])
  func `verifying names the file that is damaged, with what to do`(_ name: String) async throws {
    try await filled().close()
    try damage(name, .lastPage)
    let index = try EventIndex(folder: folder.path, clock: { now })
    let found = try await index.damage()
    #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix(name) }, "\(found)")
    let error = await #expect(throws: StoreError.self) { _ = try await index.verify() }
    try await index.close()
    let message = error?.message ?? ""
    #expect(message.hasPrefix("\(name) is damaged"), "\(message)")
    #expect(message.contains(name == "main.db" ? "restore the folder" : "avow reindex"), "\(message)")
    #expect(message.contains("backup") == (name == "main.db"), "\(message)")
  }

  @Test(arguments: [
    "UPDATE segments SET b = substr(b, 1, 9) || x'FF' || substr(b, 11)",
    "UPDATE days SET summary = substr(summary, 1, 5) || x'FF' || substr(summary, 7)",
  ])
  func `an examination finds columns and days that are not what was written`(_ sql: String) async throws {
    let store = try await filled()
    try await store.index.file.pool.write { try $0.execute(sql: sql) }
    try await store.close()
    let found = StoreCheck(folder: folder.path, now: now).findings().filter { $0.severity != .fine }
    #expect(found.map(\.subject) == ["index.db"] && found[0].severity == .error, "\(found)")
    #expect(found.first?.text == "1 day has columns that are damaged", "\(found)")
  }

  @Test func `an index that is damaged while it is open is left aside`() async throws {
    let store = try await filled()
    let question = Question(app: "workshop", .activeUsers, interval: .days(5, through: now.day))
    let expected = try await store.answer(question)
    // What is in memory must not hide the file.
    store.index.forget()
    _ = try await store.scrub()
    store.index.file.pool.releaseMemory()
    try damage("index.db", .pages)
    #expect(try await store.answer(question).series == expected.series)
    #expect(store.index.isAbandoned)
    #expect(try await store.forget(app: "workshop", users: [id(1)]) == Erasure(users: 1, events: 1))
    try? await store.close()
  }
}

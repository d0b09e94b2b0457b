import AvowStore
import AvowStoreTesting
import AvowWire
import Foundation
import GRDB
import Testing

@testable import AvowStoreSQLite

struct TidyTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  private func run(_ number: UInt64, user: UInt64, model: String, edition: String? = nil) -> SampleEvent {
    SampleEvent(
      "run", id: id(number), time: now, user: id(user),
      context: edition.map { ["edition": .string($0)] } ?? [:], properties: ["model": .string(model)])
  }

  @Test func `closing empties the logs and removes them, also after many have read`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch((0..<200).map { opened($0, user: $0) }))
    let question = Question(
      app: "workshop", .activeUsers, interval: .days(3, through: now.day))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<12 {
        group.addTask { _ = try await store.answer(question) }
        group.addTask { _ = try await everything(store) }
      }
      try await group.waitForAll()
    }
    try await store.settleIndex()
    try await store.close()
    #expect(try names == ["identity.sqlite", "index.db", "main.db"])
  }

  @Test func `after tidying no byte knows an erased event, its user or its texts`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    // Rows arrive out of order, so pages split in their middle and keep copies.
    for round in 0..<6 as Range<UInt64> {
      let events = (0..<1200 as Range<UInt64>).map { number in
        var event = run(
          round * 10_000 + number, user: number % 300, model: "model\(number % 300)x",
          edition: number % 300 < 40 ? "cloud" : "oss")
        event.time = Timestamp(milliseconds: now.milliseconds - Int64((number &* 7919) % 5000) * 60_000)
        event.sentTime = event.time
        return event
      }
      _ = try await store.append(batch(events))
    }
    let erased = (0..<40 as Range<UInt64>).map { id($0) }
    let gone = (0..<6 as Range<UInt64>).flatMap { round in
      (0..<1200 as Range<UInt64>).filter { $0 % 300 < 40 }.map { id(round * 10_000 + $0) }
    }
    #expect(try await store.forget(app: "workshop", users: erased).events == gone.count)
    #expect(try texts(holding: "model7x") == ["main.db"], "the dictionary holds no text that could go")

    let tidying = try await store.tidy()
    #expect(tidying.isClean)
    #expect(tidying.texts == 41 && tidying.contexts == 1)
    #expect(try files(in: folder, holdingAnyOf: gone + erased) == [])
    #expect(try texts(holding: "model7x") == [])
    #expect(try files(in: folder, holdingAnyOf: [id(41)]) != [])
    #expect(try texts(holding: "model41x") != [])
    #expect(try await everything(store).count == 7200 - gone.count)
    // Nothing was removed since.
    #expect(try await store.tidy() == Tidying(isClean: true))
    try await store.close()
  }

  /// The files in which a text stands.
  private func texts(holding text: String) throws -> [String] {
    try names.filter { name in
      try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name)).range(of: Data(text.utf8)) != nil
    }.map { $0.replacing("-wal", with: "") }
  }

  @Test func `a copy of an erased event in the gap of a page goes with tidying, and not before`() async throws
  {
    var store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch((0..<400).map { opened($0, user: $0) }))
    try await store.close()
    try plant(id(7))
    store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    #expect(try await store.forget(app: "workshop", users: [id(7)]).events == 1)
    #expect(try files(in: folder, holdingAnyOf: [id(7)]) == ["main.db"])
    #expect(try await store.tidy().isClean)
    #expect(try files(in: folder, holdingAnyOf: [id(7)]) == [])
    #expect(try await everything(store).count == 399)
    try await store.close()
  }

  /// Writes an identifier into the gap of a page of rows, between the cells' places and the cells, where a
  /// split leaves copies.
  private func plant(_ id: Identifier128) throws {
    let url = URL(fileURLWithPath: folder.path + "/main.db")
    var bytes = [UInt8](try Data(contentsOf: url))
    func number(_ place: Int) -> Int { Int(bytes[place]) * 256 + Int(bytes[place + 1]) }
    var place = 0
    for start in stride(from: 4096, to: bytes.count, by: 4096) {
      // A leaf of a table (0x0d) with some room.
      let first = 8 + 2 * number(start + 3)
      let content = number(start + 5)
      if bytes[start] == 0x0D, content - first >= 64 { place = start + content - 32 }
    }
    #expect(place > 0, "no page has a gap")
    for (offset, byte) in id.bytes.enumerated() { bytes[place + offset] = byte }
    try Data(bytes).write(to: url)
  }

  @Test func `a text that comes into use while unused ones are sought stays`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(
      batch([
        run(1, user: 1, model: "old", edition: "oss"), run(2, user: 2, model: "kept", edition: "cloud"),
        run(3, user: 3, model: "last"),
      ]))
    _ = try await store.forget(app: "workshop", users: [id(1), id(2)])
    try await store.writer.perform { try $0.watchUse(of: "workshop") }
    _ = try await store.append(batch([run(4, user: 4, model: "kept", edition: "cloud")]))
    let (contexts, codes) = try await store.files.main.read { db in
      (
        try Int64.fetchAll(db, sql: "SELECT _key FROM workshop__context"),
        try Int64.fetchAll(db, sql: "SELECT n FROM workshop__texts WHERE text IN ('old', 'kept', 'oss')")
      )
    }
    #expect(contexts.count == 2 && codes.count == 3)
    #expect(try await store.writer.perform { try $0.remove(contexts: contexts, of: "workshop") } == 1)
    #expect(try await store.writer.perform { try $0.remove(texts: codes, of: "workshop") } == 2)
    try await store.writer.perform { try $0.unwatchUse(of: "workshop") }
    let found = try await everything(store).first { $0.id == id(4) }
    #expect(found?.properties["model"] == "kept" && found?.context["edition"] == "cloud")
    // A text that went and comes again has another number than any before.
    _ = try await store.append(batch([run(5, user: 5, model: "old")]))
    let number = try await store.files.main.read {
      try Int64.fetchOne($0, sql: "SELECT n FROM workshop__texts WHERE text = 'old'")
    }
    #expect(try #require(number) > (codes.max() ?? 0))
    try await store.close()
  }

  @Test func `a reader in the way leaves a trace, and asking again finishes`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch((0..<100).map { opened($0, user: $0) }))
    _ = try await store.forget(app: "workshop", users: [id(1)])
    var reader: FrozenDatabase? = try FrozenDatabase(folder: folder.path, name: "main.db")
    #expect(reader != nil)
    #expect(try await store.tidy().isClean == false)
    reader = nil
    let removals = try await store.writer.perform { try $0.removals() }
    #expect(removals.removed == removals.rewritten && removals.removed > 0)
    try await store.close()
    let again = try await openStore(folder)
    #expect(try await again.tidy().isClean)
    try await again.close()
  }

  @Test func `an event without an identifier that comes back from an export is known`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    var event = opened(1, user: 1)
    event.id = nil
    _ = try await store.append(batch([event, event]))
    let stored = try await everything(store)
    for one in stored {
      event.id = one.id
      #expect(try await store.append(batch([event])).outcomes == [.duplicate])
    }
    #expect(stored.count == 2 && Set(stored.map(\.id)).count == 2)
    try await store.close()
  }
}

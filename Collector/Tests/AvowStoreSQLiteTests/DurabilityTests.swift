import AvowStore
import AvowStoreTesting
import AvowWire
import Foundation
import GRDB
import Synchronization
import Testing

@testable import AvowStoreSQLite

struct DurabilityTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `a store opened again knows its events, users and duplicates`() async throws {
    let catalog = SampleCatalog.workshop()
    let first = try await openStore(folder)
    try await first.install(catalog)
    var traffic = SampleTraffic(seed: 3, catalog: catalog, start: now)
    let batches = (0..<5).map { _ in traffic.next() }
    for batch in batches { _ = try await first.append(batch) }
    let before = try await everything(first)
    try await first.close()

    let second = try await openStore(folder)
    try await second.install(catalog)
    #expect(try await everything(second) == before)
    for batch in batches {
      let again = try await second.append(batch)
      for (index, outcome) in again.outcomes.enumerated() {
        #expect((outcome == .duplicate) == (batch.entries[index].id != nil))
      }
    }
    try await second.close()
  }

  @Test func `every acknowledged event survives SIGKILL once, with its user`() async throws {
    let path = folder.path
    for round in 0..<3 {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
        try await CrashingChild(folder: path, round: round).run()
      }
    }
    let acknowledged = try String(contentsOfFile: path + "/acknowledged", encoding: .utf8)
      .split(separator: "\n").compactMap { UInt64($0) }
    try #require(acknowledged.count >= 3 * CrashingChild.acknowledgements)

    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let stored = try await everything(store)
    #expect(Set(stored.map(\.id)).count == stored.count)
    let users = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0.user) })
    for number in acknowledged { #expect(users[id(number)] == .some(id(number / 3))) }
    // Sending everything again, as a client does that got no answer, changes nothing.
    let retry = try await store.append(batch(acknowledged.map { opened($0, user: $0 / 3) }))
    #expect(retry.count(of: .duplicate) == acknowledged.count)
    try await store.close()
  }

  @Test func `the files are set up for durability and for erasing`() async throws {
    let store = try await openStore(folder)
    let pragmas = ["journal_mode", "synchronous", "secure_delete", "auto_vacuum", "page_size"]
    let main = try await store.files.main.writeWithoutTransaction { db in
      try pragmas.map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
    }
    #expect(main == ["wal", "2", "1", "2", "4096"])
    let identity = try await store.files.identity.writeWithoutTransaction { db in
      try pragmas.map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
    }
    #expect(identity == ["wal", "2", "1", "2", "4096"])
    try await store.close()
  }

  @Test func `batches that come together are all stored and answered each for itself`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    let results = try await withThrowingTaskGroup(of: AppendResult.self) { group in
      for number in 0..<60 as Range<UInt64> {
        // Each event comes in two batches.
        group.addTask { try await store.append(batch([opened(number / 2, user: number % 7)])) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.filter { $0.outcomes == [.stored] }.count == 30)
    #expect(results.filter { $0.outcomes == [.duplicate] }.count == 30)
    #expect(try await everything(store).count == 30)
    try await store.close()
  }

  @Test func `a full queue answers overloaded and stores nothing of the batch`() async throws {
    var limits = Writer.Limits()
    limits.queuedEvents = 3
    let store = try await SQLiteEventStore(
      folder: folder.path, clock: { now }, logger: .quiet, limits: limits, keepsIndex: false)
    try await store.install(SampleCatalog.workshop())
    let gate = DispatchSemaphore(value: 0)
    await withTaskGroup(of: Void.self) { group in
      // Holds the writer until the gate opens.
      await withCheckedContinuation { (isHeld: CheckedContinuation<Void, Never>) in
        group.addTask {
          try? await store.writer.perform { _ in
            isHeld.resume()
            gate.wait()
          }
        }
      }
      group.addTask {
        let taken = try? await store.append(batch([opened(1), opened(2)]))
        #expect(taken?.outcomes == [.stored, .stored])
      }
      while store.writer.queuedEvents < 2 { await Task.yield() }
      let refusal = await #expect(throws: StoreError.self) {
        try await store.append(batch([opened(3), opened(4)]))
      }
      #expect(refusal?.code == .overloaded)
      gate.signal()
    }
    #expect(try await everything(store).map(\.id) == [id(1), id(2)])
    try await store.close()
  }

  @Test func `a full disk loses nothing else, and the store goes on when there is room`() async throws {
    let store = try await openStore(folder)
    let catalog = SampleCatalog.workshop()
    try await store.install(catalog)
    _ = try await store.append(batch([opened(1, user: 1)]))
    func limit(_ pages: Int) async throws {
      try await store.files.main.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA max_page_count = \(pages)")
      }
    }
    try await limit(1)
    var traffic = SampleTraffic(seed: 8, catalog: catalog, start: now)
    let large = traffic.next(events: 2000)
    let refusal = await #expect(throws: StoreError.self) { try await store.append(large) }
    #expect(refusal?.code == .diskFull)
    #expect(try await everything(store).map(\.id) == [id(1)])
    try await limit(1_000_000)
    // The numbers of texts, contexts and users given in the undone transaction must not be used.
    let reference = MemoryEventStore { now }
    try await reference.install(catalog)
    _ = try await reference.append(batch([opened(1, user: 1)]))
    #expect(try await store.append(large) == (try await reference.append(large)))
    let found = try await everything(store)
    let expected = try await everything(reference)
    #expect(found.count == expected.count)
    func values(_ events: [StoredEvent]) -> [String] {
      events.map { "\($0.time) \($0.user?.description ?? "") \($0.context.text) \($0.properties.text)" }
        .sorted()
    }
    #expect(values(found) == values(expected))
    try await store.close()
  }
}

/// Appends without end from several tasks, notes what was acknowledged, and kills itself in the middle.
private struct CrashingChild {
  static let acknowledgements = 150
  let folder: String
  let round: Int

  func run() async throws {
    let store = try await SQLiteEventStore(folder: folder, clock: { now }, logger: .quiet)
    try await store.install(SampleCatalog.workshop())
    let file = open(folder + "/acknowledged", O_WRONLY | O_APPEND | O_CREAT, 0o600)
    let count = Counter()
    let round = round
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for number in 0... {
            let first = UInt64(round * 1_000_000 + task * 100_000 + number * 10)
            let numbers = (first..<first + 10).map { $0 }
            guard (try? await store.append(batch(numbers.map { opened($0, user: $0 / 3) }))) != nil
            else { exit(1) }
            let line = numbers.map { "\($0)\n" }.joined()
            _ = line.withCString { write(file, $0, strlen($0)) }
            if count.add(10) >= Self.acknowledgements { kill(getpid(), SIGKILL) }
          }
        }
      }
    }
  }
}

private final class Counter: Sendable {
  private let value = Mutex(0)
  func add(_ more: Int) -> Int {
    value.withLock { value in
      value += more
      return value
    }
  }
}

import AvowStore
import AvowStoreTesting
import AvowWire
import GRDB
import Synchronization
import Testing

@testable import AvowStoreSQLite

/// A clock that a test sets.
final class ClockHand: Sendable {
  private let time: Mutex<Timestamp>
  init(_ time: Timestamp) { self.time = Mutex(time) }
  var now: Timestamp {
    get { time.withLock { $0 } }
    set { time.withLock { $0 = newValue } }
  }
}

struct ErasureTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `no byte of an erased pseudonym is left in the folder`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    // Enough users and rounds for pages to split and fill again.
    for round in 0..<4 as Range<UInt64> {
      let events = (0..<1500).map { opened(50_000 + round * 10_000 + $0, user: $0) }
      _ = try await store.append(batch(events))
    }
    #expect(try files(in: folder, holdingAnyOf: [id(700)]) != [])
    let erased = (0..<300).map { id($0 * 5) }
    #expect(try await store.forget(app: "workshop", users: erased) == Erasure(users: 300, events: 1200))
    #expect(try files(in: folder, holdingAnyOf: erased) == [])
    #expect(try files(in: folder, holdingAnyOf: [id(701)]) == ["identity.sqlite"])
    try await store.close()
  }

  @Test func `only the identity file holds pseudonyms`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch((0..<50).map { opened($0, user: 1000 + $0) }))
    let names = try files(in: folder, holdingAnyOf: (1000..<1050).map { id($0) })
    #expect(names.allSatisfy { $0.hasPrefix("identity.sqlite") } && !names.isEmpty)
    #expect(try files(in: folder, holdingAnyOf: [id(3)]) == ["main.db-wal"])
    try await store.close()
  }

  @Test func `an erasure cut short is finished at the next start`() async throws {
    let store = try await openStore(folder)
    try await store.install(SampleCatalog.workshop())
    _ = try await store.append(batch([opened(1, user: 1), opened(2, user: 2), opened(3, user: 1)]))
    // What a crash leaves after the first of the three steps.
    _ = try await store.writer.perform { try $0.identities.erase(app: "workshop", users: [id(1)], now: now) }
    #expect(try await everything(store).count == 3)
    try await store.close()

    let again = try await openStore(folder)
    try await again.install(SampleCatalog.workshop())
    #expect(try await everything(again).map(\.id) == [id(2)])
    #expect(try await again.append(batch([opened(4, user: 1)])).outcomes == [.erased])
    #expect(try await again.writer.perform { try $0.identities.unfinished().count } == 0)
    try await again.close()
  }

  @Test func `a number is never given to another user`() async throws {
    let first = try await openStore(folder)
    try await first.install(SampleCatalog.workshop())
    _ = try await first.append(batch([opened(1, user: 1), opened(2, user: 2)]))
    _ = try await first.forget(app: "workshop", users: [id(2)])
    try await first.close()
    let second = try await openStore(folder)
    try await second.install(SampleCatalog.workshop())
    _ = try await second.append(batch([opened(3, user: 3)]))
    let numbers = try await second.files.main.read {
      try Int.fetchAll($0, sql: "SELECT _user FROM workshop_opened ORDER BY _user")
    }
    #expect(numbers == [1, 3])
    try await second.close()
  }
}

struct MapTests {
  @Test func `users are found after others were removed`() {
    var random = SplitMix64(seed: 11)
    var map = UserMap()
    var expected: [Identifier128: UInt32] = [:]
    for step in 0..<20_000 {
      let user = Identifier128(high: UInt64.random(in: 0..<3000, using: &random), low: 0)
      if step % 3 == 0 {
        map.remove(user)
        expected[user] = nil
      } else if map.number(of: user) == nil {
        expected[user] = map.add(user)
      }
    }
    #expect(map.count == expected.count)
    for number in 0..<3000 as Range<UInt64> {
      let user = Identifier128(high: number, low: 0)
      #expect(map.number(of: user) == expected[user])
    }
  }

  @Test func `the map of texts keeps within its room and never lies`() {
    var map = BytesMap(capacity: 1 << 16)
    func with(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
      Array("text number \(number)".utf8).withUnsafeBytes(body)
    }
    var known = 0
    for number in 0..<20_000 {
      with(number) { map.insert($0, Int64(number)) }
      with(number) { #expect(map.value(of: $0) == Int64(number)) }
    }
    for number in 0..<20_000 {
      with(number) { bytes in
        guard let value = map.value(of: bytes) else { return }
        known += 1
        #expect(value == Int64(number))
      }
    }
    #expect(known > 0 && known < 2000)
  }
}

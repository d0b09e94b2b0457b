import AvowStore
import AvowStoreTesting
import AvowWire
import Logging
import Testing

@testable import AvowStoreSQLite

struct ConformanceTests {
  @Test(arguments: EventStoreConformance.Check.allCases)
  func `the store`(_ check: EventStoreConformance.Check) async throws {
    let folder = try TemporaryFolder()
    let conformance = EventStoreConformance { clock in
      try await SQLiteEventStore(folder: folder.path, clock: clock, logger: .quiet)
    }
    try await conformance.run(check)
  }

  @Test(arguments: EventStoreConformance.Check.allCases, [EncodingStore.Habit.always, .sometimes])
  func `the store with its days encoded`(
    _ check: EventStoreConformance.Check, _ habit: EncodingStore.Habit
  ) async throws {
    let folder = try TemporaryFolder()
    let conformance = EventStoreConformance(seed: 7) { clock in
      EncodingStore(
        try await SQLiteEventStore(
          folder: folder.path, clock: clock, logger: .quiet, limits: Writer.Limits(), keepsIndex: false),
        habit)
    }
    try await conformance.run(check)
  }

  /// Its own answers are no measure for it; numbers known beforehand are.
  @Test(arguments: EventStoreConformance.Check.allCases.filter { $0 != .answeringAsTheReference })
  func `the reference itself`(_ check: EventStoreConformance.Check) async throws {
    try await EventStoreConformance { clock in MemoryEventStore(clock: clock) }.run(check)
  }
}

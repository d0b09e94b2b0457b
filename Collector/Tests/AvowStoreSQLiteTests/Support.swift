import AvowStore
import AvowStoreSQLite
import AvowStoreTesting
import AvowWire
import Foundation
import Logging

let now = Timestamp(milliseconds: 1_795_262_400_000)

func openStore(_ folder: TemporaryFolder, at time: Timestamp = now) async throws -> SQLiteEventStore {
  try await SQLiteEventStore(folder: folder.path, clock: { time }, logger: .quiet)
}

func id(_ number: UInt64) -> Identifier128 { Identifier128(high: 0x5EED_0000 &+ number, low: number &* 7919) }

func opened(_ number: UInt64, user: UInt64? = nil, at time: Timestamp = now) -> SampleEvent {
  SampleEvent("opened", id: id(number), time: time, user: user.map(id))
}

func batch(
  _ events: [SampleEvent], _ catalog: Catalog = SampleCatalog.workshop(), received: Timestamp = now
) -> EventBatch {
  EventBatch(events, catalog: catalog, received: received)
}

func everything(_ store: any EventStore, _ app: String = "workshop") async throws -> [StoredEvent] {
  let collector = Collector()
  try await store.export(ExportRequest(app: app)) { await collector.add($0) }
  return await collector.events
}

private actor Collector {
  var events: [StoredEvent] = []
  func add(_ more: [StoredEvent]) { events += more }
}

/// The names of the folder's files that hold one of these identifiers anywhere.
func files(in folder: TemporaryFolder, holdingAnyOf ids: [Identifier128]) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
    return ids.contains { data.range(of: Data($0.bytes)) != nil }
  }.sorted()
}

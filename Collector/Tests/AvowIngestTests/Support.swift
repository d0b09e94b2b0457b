import AvowCatalog
import AvowIngest
import AvowWire
import Foundation
import Synchronization

/// The four catalogs of the repository and what tests need around them.
enum World {
  static let received = Timestamp(iso8601: "2026-11-21T12:00:00Z") ?? Timestamp(milliseconds: 0)
  static let keys = [
    "s2s.key": "evidently", "amp_key": "blindai", "jina_key": "jina", "speed_key": "speedster",
    "demo_key": "demo",
  ]
  static let pepper: [UInt8] = Array("a pepper of thirty-two bytes....".utf8)

  static func catalog(_ name: String) throws -> Catalog {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Catalogs")
    let text = try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
    return try catalog(text: text)
  }

  /// Reading is slow without optimisation, and the same few files serve all tests.
  private static let known = Mutex<[String: Catalog]>([:])

  static func catalog(text: String) throws -> Catalog {
    if let catalog = known.withLock({ $0[text] }) { return catalog }
    let catalog = try read(text)
    known.withLock { $0[text] = catalog }
    return catalog
  }

  private static func read(_ text: String) throws -> Catalog {
    let reading = CatalogFile.read(text, file: "test.yaml")
    guard let catalog = reading.catalog else {
      throw Failure(reason: reading.diagnostics.map { "\($0)" }.joined(separator: "\n"))
    }
    return catalog
  }

  static func ingest(_ catalogs: [Catalog], quarantine: Quarantine = Quarantine()) throws -> Ingest {
    try Ingest(catalogs: catalogs, pepper: pepper, quarantine: quarantine) { keys[$0] }
  }

  static func all(quarantine: Quarantine = Quarantine()) throws -> Ingest {
    try ingest(["blindai", "jina", "speedster", "evidently"].map { try catalog($0) }, quarantine: quarantine)
  }

  /// A request kept as a file: start line, headers, an empty line, the body.
  static func fixture(_ name: String, address: String? = "203.0.113.77") throws -> IngestRequest {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).http")
    let bytes = [UInt8](try Data(contentsOf: file))
    guard let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
    else {
      throw Failure(reason: "\(name) has no empty line")
    }
    let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
    let start = head[0].split(separator: " ").map(String.init)
    let target = start[1].split(separator: "?", maxSplits: 1).map(String.init)
    let query = (target.count > 1 ? target[1] : "").split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      return (name: parts[0], value: parts.count > 1 ? parts[1] : "")
    }
    let headers = head.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return (name: parts[0].lowercased(), value: parts[1].trimmingCharacters(in: .whitespaces))
    }
    return IngestRequest(
      method: start[0], path: target[0], query: query, headers: headers, body: Array(bytes[(end + 2)...]),
      address: address, received: received)
  }

  static func post(
    _ path: String, _ body: String, headers: [(String, String)] = [], query: [(String, String)] = [],
    address: String? = nil, received: Timestamp = received
  ) -> IngestRequest {
    IngestRequest(
      method: "POST", path: path, query: query.map { (name: $0.0, value: $0.1) },
      headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8), address: address,
      received: received)
  }

  struct Failure: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
  }
}

/// An admitted event by the catalog's names, as a reader would write it down.
struct Admitted {
  var event: String
  var properties: JSONValue
  var context: JSONValue
  var entry: EventBatch.Entry

  static func list(_ batch: EventBatch) -> [Admitted] {
    batch.entries.map { entry in
      let event = batch.catalog.events[entry.event]
      return Admitted(
        event: event.name, properties: object(batch, entry.properties, event.properties),
        context: object(batch, entry.context, batch.catalog.context), entry: entry)
    }
  }

  private static func object(_ batch: EventBatch, _ range: Range<Int>, _ fields: [Field]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for slot in batch.values[range] {
      let field = fields[Int(slot.field)]
      precondition(members[field.name] == nil, "a field comes twice")
      members[field.name] = value(batch, slot, field)
    }
    return .object(members)
  }

  private static func value(_ batch: EventBatch, _ slot: EventBatch.Slot, _ field: Field) -> JSONValue {
    switch slot.kind {
    case .boolean: return .boolean(slot.boolean)
    case .integer: return .integer(slot.integer)
    case .number: return .number(slot.number)
    case .text: return .string(batch.text(of: slot))
    case .list: return .array(batch.items[slot.range].map { value(batch, $0, field) })
    case .records:
      guard case .records(let columns, _) = field.type else { return .null }
      var rows: [[String: JSONValue]] = []
      for cell in batch.items[slot.range] {
        while rows.count <= Int(cell.row) { rows.append([:]) }
        rows[Int(cell.row)][columns[Int(cell.field)].name] = value(batch, cell, columns[Int(cell.field)])
      }
      return .array(rows.map(JSONValue.object))
    }
  }
}

extension Received {
  /// The events, none when the answer stood already.
  var events: [Admitted] {
    if case .batch(let batch, _) = self { Admitted.list(batch) } else { [] }
  }

  var batch: EventBatch? { if case .batch(let batch, _) = self { batch } else { nil } }

  /// The answer when the store took everything as new.
  var answer: IngestResponse? {
    switch self {
    case .notMine: nil
    case .answered(let response): response
    case .batch(let batch, let reply): reply.stored(.init(stored: batch.entries.count, duplicates: 0))
    }
  }

  /// The answer's body as JSON.
  var json: JSONValue? { answer.flatMap { try? JSONValue(parsing: $0.body) } }
}

extension Catalog {
  /// What an app says of its users' names that never had another catalog.
  var history: IdentityHistory {
    var history = IdentityHistory(app: app)
    history.add(self)
    return history
  }
}

extension Ingest {
  /// Receives a request and counts it as a collector does that stored all of it as new.
  func take(_ request: IngestRequest) -> Received {
    let received = receive(request)
    guard case .batch(let batch, _) = received, let answer = received.answer else { return received }
    return .batch(batch, Reply(success: { _ in answer }, failure: { _ in answer }))
  }
}

import AvowIngest
import AvowStore
public import AvowWire

extension AdminAPI {
  static let importPath = "import"

  /// The largest body an operator's request may have.
  static func largestBody(path: String) -> Int { path == importPath ? 4 << 20 : 1 << 20 }

  /// Takes over events of the past, a line each, and says what became of them.
  ///
  /// Lines that come again are duplicates, so an import that broke off is simply run again.
  func takeOver(_ request: AdminRequest) async throws -> AdminResponse {
    let catalog = try state.catalogs.entry(app: request.required("app")).catalog
    let name = request["format"] ?? ImportFormat.avow.rawValue
    guard let format = ImportFormat(rawValue: name) else {
      throw CollectorError(
        .usage, "format is \(ImportFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let ingest = state.ingest
    if let obstacle = ingest.importObstacle(app: catalog.app, format: format) {
      throw CollectorError(.usage, obstacle)
    }
    var summary = ImportSummary()
    var batches: [EventBatch] = []
    let now = state.clock.now()
    for line in request.body.split(separator: 0x0A) where line.contains(where: { $0 > 0x20 }) {
      summary.lines += 1
      switch ingest.read(importing: Array(line), app: catalog.app, format: format, now: now) {
      case .event(let batch, let removed):
        summary.removed += removed
        batches.append(batch)
        if batches.count == 512 {
          summary.add(try await store(batches))
          batches = []
        }
      case .refused: summary.refused += 1
      case .dropped: summary.dropped += 1
      }
    }
    summary.add(try await store(batches))
    ingest.countImported(stored: summary.stored, duplicates: summary.duplicates, app: catalog.app)
    return .json(summary.json)
  }

  /// Stores batches together, so that they share transactions; waits while clients are served.
  private func store(_ batches: [EventBatch]) async throws(StoreError) -> [AppendResult] {
    let store = state.store
    let results = await withTaskGroup(of: Result<AppendResult, StoreError>.self) { group in
      for batch in batches {
        group.addTask {
          while true {
            do throws(StoreError) {
              return .success(try await store.append(batch))
            } catch {
              guard error.code == .overloaded else { return .failure(error) }
              do { try await Task.sleep(for: .milliseconds(50)) } catch { return .failure(.overloaded) }
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var stored: [AppendResult] = []
    for result in results { stored.append(try result.get()) }
    return stored
  }
}

/// What became of the lines of an import.
public struct ImportSummary: Sendable, Hashable {
  public var lines = 0
  public var stored = 0
  public var duplicates = 0
  /// Lines that are no event, and events the catalog does not declare.
  public var refused = 0
  /// Events the catalog drops, and calls that are no events.
  public var dropped = 0
  /// Events of users who asked to be forgotten.
  public var erased = 0
  /// Fields taken out of events that were kept.
  public var removed = 0

  /// Creates an empty summary.
  public init() {}

  private static let counts: [(String, any WritableKeyPath<ImportSummary, Int> & Sendable)] = [
    ("lines", \.lines), ("stored", \.stored), ("duplicates", \.duplicates), ("refused", \.refused),
    ("dropped", \.dropped), ("erased", \.erased), ("removed", \.removed),
  ]

  var json: JSONValue {
    .object(Self.counts.reduce(into: [:]) { $0[$1.0] = .integer(Int64(self[keyPath: $1.1])) })
  }

  /// Adds what an answer says.
  public mutating func add(_ json: JSONValue) {
    for (name, path) in Self.counts { self[keyPath: path] += Int(json[name]?.integerValue ?? 0) }
  }

  mutating func add(_ results: [AppendResult]) {
    for result in results {
      stored += result.count(of: .stored)
      duplicates += result.count(of: .duplicate)
      erased += result.count(of: .erased)
    }
  }
}

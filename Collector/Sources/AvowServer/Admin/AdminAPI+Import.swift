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
    var batches: [Taken] = []
    let now = state.clock.now()
    for line in request.body.split(separator: 0x0A) where line.contains(where: { $0 > 0x20 }) {
      summary.lines += 1
      switch ingest.read(importing: Array(line), app: catalog.app, format: format, now: now) {
      case .event(let batch, let removals):
        batches.append((batch, removals))
        if batches.count == 512 {
          try await store(batches, &summary, app: catalog.app)
          batches = []
        }
      case .refused: summary.refused += 1
      case .dropped: summary.dropped += 1
      }
    }
    try await store(batches, &summary, app: catalog.app)
    return .json(summary.json)
  }

  /// The batch of one line, and what it lost.
  private typealias Taken = (batch: EventBatch, removals: ImportedRemovals)

  /// Stores batches together, so that they share transactions; waits while clients are served.
  private func store(
    _ taken: [Taken], _ summary: inout ImportSummary, app: String
  ) async throws(StoreError) {
    let store = state.store
    typealias Outcome = (index: Int, result: Result<AppendResult, StoreError>)
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      for (index, one) in taken.enumerated() {
        group.addTask {
          while true {
            do throws(StoreError) {
              return (index, .success(try await store.append(one.batch)))
            } catch {
              guard error.code == .overloaded else { return (index, .failure(error)) }
              do { try await Task.sleep(for: .milliseconds(50)) } catch {
                return (index, .failure(.overloaded))
              }
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var failure: StoreError?
    for (index, result) in outcomes {
      switch result {
      case .failure(let error): failure = error
      case .success(let result):
        let removals = taken[index].removals
        let (stored, duplicates) = (result.count(of: .stored), result.count(of: .duplicate))
        state.ingest.countImported(removals, stored: stored, duplicates: duplicates, app: app)
        summary.add(result)
        if stored > 0 { summary.removed += removals.count }
      }
    }
    if let failure { throw failure }
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
  /// Fields taken out of events that were stored.
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

  mutating func add(_ result: AppendResult) {
    stored += result.count(of: .stored)
    duplicates += result.count(of: .duplicate)
    erased += result.count(of: .erased)
  }
}

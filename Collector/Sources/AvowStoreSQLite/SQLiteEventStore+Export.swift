public import AvowStore
import AvowWire
import GRDB
import Synchronization

extension SQLiteEventStore {
  /// Calls `receive` with stored events in order of time, then of receipt; at most 512 at a time.
  ///
  /// Works for every app the store holds, also when no catalog is loaded for it, and hands out all that is
  /// stored: also what only older catalogs declared. No transaction is open while `receive` runs.
  public func export(
    _ request: ExportRequest, receive: @Sendable ([StoredEvent]) async throws -> Void
  ) async throws {
    if state.withLock({ $0.isClosed }) { throw StoreError.closed }
    let user: UInt32?
    if let pseudonym = request.user {
      user = try await writer.perform { state in
        guard state.schema(of: request.app) != nil else { throw StoreError.unknownApp(request.app) }
        return try state.identities.users(of: request.app).map.number(of: pseudonym)
      }
      if user == nil { return }
    } else {
      user = nil
    }
    let installed = state.withLock { $0.installed[request.app] }
    let zone = try installed?.zone ?? ReportingZone(nil)
    guard request.filters.isEmpty || installed != nil else { throw StoreError.unknownApp(request.app) }
    let filter = try installed.flatMap { try request.resolved($0.catalog) }
    var cursor: ExportCursor
    do {
      cursor = try await files.main.read { db in
        guard let schema = try AppSchema.load(db)[request.app] else {
          throw StoreError.unknownApp(request.app)
        }
        return try ExportCursor(request, user: user, filter: filter, zone: zone, schema, db)
      }
      while !cursor.isAtEnd {
        let start = cursor
        let (next, rows) = try await files.main.read { db in
          var cursor = start
          let rows = try cursor.advance(db)
          return (cursor, rows)
        }
        cursor = next
        for first in stride(from: 0, to: rows.count, by: 512) {
          let part = Array(rows[first..<min(first + 512, rows.count)])
          let schema = cursor.schema
          let events = try await files.main.read { try EventReader(schema, $0).read(part) }
          let named = try await name(events, app: request.app)
          if !named.isEmpty { try await receive(named) }
        }
      }
    } catch let error as DatabaseError {
      throw StoreError(error)
    } catch let failure as SQLiteFailure {
      throw StoreError(failure)
    }
  }

  /// Puts pseudonyms in place of numbers.
  private func name(_ events: [EventReader.Event], app: String) async throws -> [StoredEvent] {
    let numbers = Set(events.compactMap(\.user))
    let names = try await writer.perform { try $0.identities.names(of: numbers, app: app) }
    return events.map { event in
      var stored = event.stored
      stored.user = event.user.flatMap { names[$0] }
      return stored
    }
  }
}

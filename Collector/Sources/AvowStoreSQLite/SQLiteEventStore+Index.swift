public import AvowStore

extension SQLiteEventStore {
  /// Makes the index of all days again, the open ones included, from the rows.
  public func reindex() async throws(StoreError) { try await index.settle(.again) }

  /// Encodes the days that are over and whose rows changed since; the store does so by itself every few
  /// seconds.
  public func settleIndex() async throws(StoreError) { try await index.settle(.closed) }

  /// Counts everything again from the rows and compares it with the index, byte by byte.
  ///
  /// - Returns: How many days were compared, and those that are not as they should be.
  public func verifyIndex() async throws(StoreError) -> (days: Int, faults: [EventIndex.Fault]) {
    try await EventIndex(main: files.main, segments: index).verify()
  }
}

/// A store whose files can be copied while it works.
public protocol BackedUpStore: EventStore {
  /// Copies everything the store keeps, as it was at one moment, into a folder that has none of its files.
  ///
  /// Appending goes on meanwhile. Each copy is checked before this returns.
  ///
  /// - Parameter progress: Told now and then how far it is.
  /// - Throws: `StoreError`; also what `progress` throws, which ends the work.
  func backUp(
    into folder: String, progress: @Sendable (CopyProgress) async throws -> Void
  ) async throws
}

/// How far a copy is.
public struct CopyProgress: Sendable, Hashable {
  /// The file at hand.
  public var file: String
  /// Bytes of all files, done and to be done.
  public var done: Int
  public var total: Int

  /// Creates a state.
  public init(file: String, done: Int, total: Int) {
    self.file = file
    self.done = done
    self.total = total
  }
}

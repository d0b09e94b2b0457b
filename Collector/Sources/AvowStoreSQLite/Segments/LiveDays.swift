import GRDB
import Synchronization

/// Images of days that the index does not hold as they are now: made once for each mark, kept within limits.
final class LiveDays: Sendable {
  private struct Key: Hashable, Sendable {
    var app: Int64
    var day: Int
  }
  private struct Entry: Sendable {
    var mark: Int64
    var image: DayImage
    var bytes: Int
    var used: UInt64
  }
  private struct State: Sendable {
    var entries: [Key: Entry] = [:]
    var bytes = 0
    var clock: UInt64 = 0
    /// What was read of contexts, by app; taken out while in use.
    var contexts: [Int64: ContextValues] = [:]
  }

  private let state = Mutex(State())
  /// Several questions of one page want the same day at the same moment: one makes it, the others wait.
  private let making = Mutex(())
  private static let most = 48 << 20

  /// The image of a day in the state of `mark`, from the same read.
  func image(
    of mark: DayMark, schema: AppSchema, names: StreamNames, _ db: Database
  ) throws -> DayImage {
    let key = Key(app: schema.number, day: mark.day)
    if let image = find(key, mark.mark) { return image }
    return try making.withLock { _ in
      if let image = find(key, mark.mark) { return image }
      let image = try make(mark, schema: schema, names: names, db)
      let bytes = image.byteCount
      state.withLock { state in
        state.clock += 1
        if let old = state.entries[key] { state.bytes -= old.bytes }
        state.entries[key] = Entry(mark: mark.mark, image: image, bytes: bytes, used: state.clock)
        state.bytes += bytes
        while state.bytes > Self.most, state.entries.count > 1,
          let oldest = state.entries.min(by: { $0.value.used < $1.value.used })
        {
          state.bytes -= oldest.value.bytes
          state.entries[oldest.key] = nil
        }
      }
      return image
    }
  }

  /// Encodes a day without keeping the image.
  func make(
    _ mark: DayMark, schema: AppSchema, names: StreamNames, _ db: Database
  ) throws -> DayImage {
    try make([mark], schema: schema, names: names, db)[0]
  }

  /// Encodes days without keeping the images. What has to be prepared is prepared once for all of them.
  func make(
    _ marks: [DayMark], schema: AppSchema, names: StreamNames, _ db: Database
  ) throws -> [DayImage] {
    // The columns of this very state: a catalog may have come since the question began.
    let schema = try AppSchema.load(db)[schema.app] ?? schema
    let contexts = state.withLock { $0.contexts.removeValue(forKey: schema.number) }
    var encoder = try DayEncoder(schema, names: names, contexts: contexts, db)
    let images = try marks.map { try encoder.image(of: $0.day, rows: $0.rows) }
    let known = encoder.knownContexts
    state.withLock { $0.contexts[schema.number] = known }
    return images
  }

  /// Drops everything: after an erasure nothing of it may stay in memory, and numbers of context sets that
  /// were removed may come again.
  func forget() { state.withLock { $0 = State() } }

  private func find(_ key: Key, _ mark: Int64) -> DayImage? {
    state.withLock { state in
      guard let entry = state.entries[key], entry.mark == mark else { return nil }
      state.clock += 1
      state.entries[key]?.used = state.clock
      return entry.image
    }
  }
}

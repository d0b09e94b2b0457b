/// The segments of one app and one UTC day, in memory: what is written to the index, and what stands in for
/// it while a day is open or has changed.
struct DayImage: Sendable {
  /// What is known of an event's rows without decoding anything.
  struct Table: Sendable, Hashable {
    /// By part.
    var rows: [UInt32]
  }

  /// Time slices, each with all events; one as a rule.
  var parts = 0
  /// By the number of the stream of the table's users.
  var tables: [Int: Table] = [:]
  /// By stream and part.
  var blobs: [BlobKey: [UInt8]] = [:]

  struct BlobKey: Hashable, Sendable {
    var stream: Int
    var part: Int
  }

  var byteCount: Int { blobs.values.reduce(0) { $0 + $1.count + 64 } }

  // MARK: Summary

  /// Parts and tables as bytes.
  var summary: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    append(UInt32(parts))
    for (stream, table) in tables.sorted(by: { $0.key < $1.key }) {
      append(UInt32(stream))
      for rows in table.rows { append(rows) }
    }
    return bytes
  }

  /// Reads a summary; `nil` when it is damaged.
  init?(summary: UnsafeRawBufferPointer) {
    guard summary.count >= 4, summary.count % 4 == 0 else { return nil }
    func word(_ index: Int) -> UInt32 {
      summary.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self).littleEndian
    }
    parts = Int(word(0))
    let words = summary.count / 4 - 1
    guard parts < 1 << 15, words % (parts + 1) == 0 else { return nil }
    for first in stride(from: 1, to: words + 1, by: parts + 1) {
      tables[Int(word(first))] = Table(rows: (1...max(1, parts)).map { word(first + $0) })
    }
  }

  /// The summary after a checksum of it, of the day it is about and of the state it was made from: a wrong
  /// number of rows would make answers wrong without any other sign.
  func sealed(app: Int64, day: Int, mark: Int64) -> [UInt8] {
    let summary = summary
    return Self.seal(summary, app: app, day: day, mark: mark) + summary
  }

  /// Reads what `sealed` made; `nil` when it is damaged, or of another day or state.
  init?(sealed: UnsafeRawBufferPointer, app: Int64, day: Int, mark: Int64) {
    guard sealed.count >= 8 else { return nil }
    let summary = UnsafeRawBufferPointer(rebasing: sealed[4...])
    guard sealed[..<4].elementsEqual(Self.seal(Array(summary), app: app, day: day, mark: mark)) else {
      return nil
    }
    self.init(summary: summary)
  }

  private static func seal(_ summary: [UInt8], app: Int64, day: Int, mark: Int64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4)
    for word in [app, Int64(day), mark] {
      withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes += summary
    let sum = bytes.withUnsafeBytes { PackedColumn.checksum($0) }
    return withUnsafeBytes(of: sum.littleEndian) { Array($0) }
  }

  init() {}
}

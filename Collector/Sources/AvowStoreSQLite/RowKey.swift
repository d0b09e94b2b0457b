import AvowWire

/// The key of a row: 41 bits of time and 22 bits of the event's id in one SQLite integer.
///
/// Rows lie in order of time, so a range of days is a range of keys, and an event that comes again finds
/// its own key taken: no second index recognises duplicates. Two events may want the same key; then the
/// ids are compared, and the newcomer takes the next free key of the same millisecond (`next`).
///
/// **Which time.** A retry repeats `sentTime`, the client's own clock as written, while the corrected
/// `time` depends on when the request arrived. So the key is made of `sentTime` when that lies from 30 days
/// before to 10 minutes after the receipt, and of `received` otherwise. The row keeps `time` and `received`
/// as differences to the key's time: `_shift` and `_received`.
///
/// **Range scans stay right** although they ask for `time`: a row whose `_shift` is at most a minute is
/// found in the range of keys widened by that minute; every other row is in the table's `..._shifted`
/// index, a partial index by `time`. Each row is in exactly one of the two, and the exact time is checked
/// on every row (`RowScan`).
struct RowKey {
  /// Keys count from 2020-01-01, so that 41 bits last until 2089.
  static let epoch: Int64 = 1_577_836_800_000
  static let idBits: Int64 = 22
  static let idMask: Int64 = (1 << idBits) - 1
  /// `_shift` within this is found by key, beyond it by index.
  static let nearby: Int64 = 60_000
  private static let timeLimit: Int64 = 1 << 40

  /// How long before the receipt an event may say it happened, and how long after.
  static let plausiblePast: Int64 = 30 * 86_400_000
  static let plausibleFuture: Int64 = 600_000

  /// Whether a client's time can make a key.
  static func isUsable(_ sent: Timestamp, received: Timestamp) -> Bool {
    sent.milliseconds != 0 && sent.milliseconds >= received.milliseconds - plausiblePast
      && sent.milliseconds <= received.milliseconds + plausibleFuture
  }

  /// Returns the least key of a millisecond; times that do not fit are kept at the ends.
  static func first(of time: Timestamp) -> Int64 {
    (max(epoch - timeLimit, min(epoch + timeLimit - 1, time.milliseconds)) - epoch) << idBits
  }

  /// Returns the greatest key of a millisecond.
  static func last(of time: Timestamp) -> Int64 { first(of: time) | idMask }

  /// Returns the 22 bits an id asks for. They are part of the file format.
  static func bits(of id: Identifier128) -> Int64 {
    Int64(bitPattern: ((id.high ^ id.low) &* 0x9E37_79B9_7F4A_7C15) >> 42)
  }

  /// Returns the key to try when `key` is taken: the next of the same millisecond, around its end.
  static func next(after key: Int64) -> Int64 { key & ~idMask | (key &+ 1) & idMask }

  /// Returns the time a key was made of.
  static func time(of key: Int64) -> Int64 { (key >> idBits) + epoch }

  /// The time of a row as SQL, with `prefix` before the columns.
  static func timeSQL(_ prefix: String = "") -> String {
    "((\(prefix)_key >> \(idBits)) + \(epoch) + \(prefix)_shift)"
  }

  /// What selects the rows that are found by index, with `prefix` before the column.
  static func shiftedSQL(_ prefix: String = "") -> String {
    "(\(prefix)_shift NOT BETWEEN -\(nearby) AND \(nearby))"
  }
}

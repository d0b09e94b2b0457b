/// The buckets in which times are counted: eight to an octave, from a microsecond to 18 minutes, so that what is
/// sent for a time is at most 6 % off.
enum TimingScale {
  private static let lowest = 10
  private static let highest = 40
  private static let partBits = 3
  static let count = (highest - lowest) << partBits + 2

  /// Returns the bucket of a time in nanoseconds; the first takes all that is shorter, the last all that is longer.
  @inline(__always)
  static func bucket(of nanoseconds: Int64) -> Int {
    guard nanoseconds >= 1 << lowest else { return 0 }
    let octave = 63 &- nanoseconds.leadingZeroBitCount
    guard octave < highest else { return count &- 1 }
    let part = Int(truncatingIfNeeded: nanoseconds >> (octave &- partBits)) & (1 << partBits - 1)
    return 1 &+ (octave &- lowest) << partBits &+ part
  }

  /// Returns the middle of a bucket in nanoseconds, three digits of it: more would say more than is known.
  static func nanoseconds(of bucket: Int) -> Int64 {
    if bucket <= 0 { return 1 << (lowest - 1) }
    if bucket >= count - 1 { return rounded(1 << highest) }
    let octave = lowest + (bucket - 1) >> partBits
    let width: Int64 = 1 << (octave - partBits)
    return rounded((Int64(1 << partBits) + Int64(bucket - 1) & (1 << partBits - 1)) * width + width / 2)
  }

  private static func rounded(_ number: Int64) -> Int64 {
    var unit: Int64 = 1
    while number / unit >= 1000 { unit *= 10 }
    return (number + unit / 2) / unit * unit
  }

  /// Chooses at most `limit` of the counted times, ascending: all of them, or as many evenly spaced in rank, the
  /// middle of each part.
  static func sample(_ counts: [UInt64], limit: Int) -> [(bucket: Int, times: Int)] {
    // More than that is damage; sums of it must not trap.
    let counts = counts.map { min($0, 1 << 48) }
    let total = counts.reduce(0, +)
    let wanted = min(total, UInt64(max(1, limit)))
    var chosen: [(bucket: Int, times: Int)] = []
    var below: UInt64 = 0
    var taken: UInt64 = 0
    for (bucket, count) in counts.enumerated() where count > 0 {
      below += count
      var times = 0
      // The sample's place in rank is (taken + 1/2) of wanted parts.
      while taken < wanted,
        (2 * taken + 1).multipliedFullWidth(by: total) < (2 * below).multipliedFullWidth(by: wanted)
      {
        taken += 1
        times += 1
      }
      if times > 0 { chosen.append((bucket, times)) }
    }
    return chosen
  }
}

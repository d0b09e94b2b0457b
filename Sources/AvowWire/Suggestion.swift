/// Finds the name a person most likely meant: for diagnostics of catalogs, questions and addresses.
@_spi(AvowCollector) public enum Suggestion {
  /// Returns the candidate nearest to `text`, or `nil` when none is near enough to be worth saying.
  ///
  /// Near is at most one slip in three letters, or half of a name typed.
  public static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(text.lowercased().utf8.prefix(65))
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != text {
      let name = Array(candidate.lowercased().utf8.prefix(64))
      var distance = distance(wanted, name)
      if wanted.count >= 3, name.starts(with: wanted) || name.suffix(wanted.count) == wanted[...] {
        distance = min(distance, 1)
      }
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
    return best.name
  }

  /// Returns how many insertions, deletions, replacements and swaps of neighbours make one text the other.
  public static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var value = min(
          previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          value = min(value, before[j - 2] + 1)
        }
        row.append(value)
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}

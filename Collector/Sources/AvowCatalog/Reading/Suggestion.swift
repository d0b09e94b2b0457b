@_spi(AvowCollector) import AvowWire

extension Suggestion {
  /// Returns `did you mean "x"?` when one candidate is near enough, else the list when it is short.
  static func hint(for word: String, among candidates: [String]) -> String? {
    if let near = nearest(to: word, among: candidates) { return "did you mean \"\(near)\"?" }
    guard !candidates.isEmpty, candidates.count <= 16 else { return nil }
    return "one of " + candidates.joined(separator: ", ")
  }
}

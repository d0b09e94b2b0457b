@_spi(AvowCollector) import AvowWire

extension Suggestion {
  /// Returns `did you mean X?` when there is a near name, else the names there are (at most 12).
  static func hint(for text: String, among candidates: [String], of kind: String) -> String? {
    if let name = nearest(to: text, among: candidates) { return "did you mean \(name)?" }
    guard !candidates.isEmpty else { return nil }
    let listed = candidates.prefix(12).joined(separator: ", ")
    return "the \(kind) are \(listed)\(candidates.count > 12 ? ", ..." : "")"
  }
}

/// A path of `accepts`, taken apart: `latency_dict.<compiler>.<technique>`.
struct ForeignPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case key(String)
    /// `*`: any key.
    case any
    /// `<name>`: any key, kept as the field `name`.
    case tag(String)
  }

  var steps: [Step]

  /// Reads a path; `.` alone is the value itself.
  init(_ text: String) {
    steps =
      text == "."
      ? []
      : text.split(separator: ".", omittingEmptySubsequences: false).map { part in
        if part == "*" { return .any }
        if part.count > 2, part.first == "<", part.last == ">" {
          return .tag(String(part.dropFirst().dropLast()))
        }
        return .key(String(part))
      }
  }

  /// The steps before the first tag, and the rest.
  var split: (plain: [Step], tagged: [Step]) {
    let first = steps.firstIndex { if case .tag = $0 { true } else { false } } ?? steps.count
    return (Array(steps[..<first]), Array(steps[first...]))
  }
}

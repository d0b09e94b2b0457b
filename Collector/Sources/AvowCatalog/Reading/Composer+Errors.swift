import Yams

extension Composer {
  /// Reports what the YAML parser could not read, in words that say what to do.
  mutating func describe(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      describe(
        problem: problem, context: context?.text, at: Position(line: mark.line, column: mark.column),
        start: context.map { Position(line: $0.mark.line, column: $0.mark.column) })
    case .reader(_, let offset, _, let yaml):
      report(
        "A002", "a character that no YAML file may hold",
        hint: "remove the control character; the file must be UTF-8",
        at: position(ofCharacter: offset, in: yaml))
    case .memory:
      report(
        "A006", "the file is nested too deeply", hint: "a catalog has at most \(Self.maxDepth) levels",
        at: .start)
    default:
      report("A003", "this is not YAML", hint: nil, at: .start)
    }
  }

  private func describe(problem: String, context: String?, at position: Position, start: Position?) {
    if let tab = tab(inLine: position.line) {
      report("A005", "a tab in the indentation", hint: "indent with spaces", at: tab)
    } else if let star = [position, start].compactMap({ $0 }).first(where: { scalar(at: $0) == "*" }) {
      report(
        "A004", "`*` begins an alias in YAML and there is no such anchor",
        hint: "put a glob in quotes: \"*.start\"",
        at: star)
    } else if problem.contains("nesting level") {
      report(
        "A006", "the file is nested too deeply", hint: "a catalog has at most \(Self.maxDepth) levels",
        at: position)
    } else if problem.contains("another document") {
      report(
        "A003", "a second document begins", hint: "a catalog is one document; remove `---`", at: position)
    } else if problem.contains("mapping values are not allowed") {
      report(
        "A003", "a `:` where YAML expects none", hint: "put the text in quotes, or check the indentation",
        at: position)
    } else if problem.contains("cannot start any token") {
      report("A003", "a character that cannot begin a value", hint: "put the text in quotes", at: position)
    } else {
      let scope = context.map { $0 + ", " } ?? ""
      report(
        "A003", "malformed YAML: \(scope)\(problem)", hint: "check quotes, brackets and indentation",
        at: problem.contains("did not find expected") ? start ?? position : position)
    }
  }
}

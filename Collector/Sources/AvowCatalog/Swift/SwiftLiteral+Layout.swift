import AvowWire

extension SwiftLiteral {
  /// Writes where requests of a format hold each value.
  static func layout(_ layout: WireLayout) -> SwiftExpression {
    var arguments: [Argument] = []
    let named = [
      ("event", layout.event), ("id", layout.id), ("time", layout.time), ("user", layout.user),
      ("session", layout.session), ("properties", layout.properties), ("context", layout.context),
    ]
    for (label, path) in named {
      if let path { arguments.append((label, .string(path))) }
    }
    if !layout.events.isEmpty { arguments.append(("events", dictionary(layout.events))) }
    if !layout.fields.isEmpty { arguments.append(("fields", dictionary(layout.fields))) }
    // Constants are a host's own; no entry of `accepts` gives any.
    if !layout.splitVersions.isEmpty {
      arguments.append(("splitVersions", .strings(layout.splitVersions.sorted())))
    }
    return .call("WireLayout", arguments)
  }

  private static func dictionary(_ members: [String: String]) -> SwiftExpression {
    .array(
      members.sorted { $0.key < $1.key }.map { key, value in
        .atom("\(SwiftExpression.literal(key)): \(SwiftExpression.literal(value))")
      })
  }
}

/// A piece of the file: every scalar as its text, never as what YAML would make of it.
struct SourceNode {
  indirect enum Content {
    /// `isPlain`: written without quotes, so that an empty one means "nothing".
    case scalar(String, isPlain: Bool)
    case sequence([SourceNode])
    case mapping([Member])
  }

  struct Member {
    var key: String
    /// Written without quotes.
    var isPlain = true
    var position: Position
    var value: SourceNode
  }

  var content: Content
  var position: Position

  /// The text of a scalar; `nil` for lists, mappings and nothing.
  var text: String? {
    if case .scalar(let text, _) = content, !isNothing { text } else { nil }
  }

  /// A key without a value, `~` or `null`.
  var isNothing: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return text.isEmpty || text == "~" || text == "null"
  }

  /// Written without quotes.
  var isPlain: Bool { if case .scalar(_, isPlain: true) = content { true } else { false } }

  var members: [Member]? { if case .mapping(let members) = content { members } else { nil } }
  var items: [SourceNode]? { if case .sequence(let items) = content { items } else { nil } }

  /// What it is, for messages.
  var kind: String {
    switch content {
    case .scalar: isNothing ? "nothing" : "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

import AvowWire

/// What is allowed in a field and yet worth a word.
extension FieldReader {
  func lint(_ field: Field, at position: Position) {
    guard field.source == nil else { return }
    if case .text(.oneOf(let values)) = field.type.element, values.count > Self.manyValues {
      report.warning(
        "A113", "\"\(field.name)\" has \(values.count) possible values, of which most will be rare",
        hint: "at most \(Self.manyValues); list the common ones and `other`", at: position)
    }
    if field.type.element.isNumeric, let unit = field.name.split(separator: "_").last, field.name != unit,
      Self.units.contains(String(unit))
    {
      report.warning(
        "A111", "the name \"\(field.name)\" contains its unit", hint: "drop it and write `unit: \(unit)`",
        at: position)
    }
    guard field.safe == nil else { return }
    exactness(field, at: position)
    privacy(field, at: position)
  }

  private static let manyValues = 64

  private static let units: Set<String> = [
    "ms", "msec", "millis", "milliseconds", "us", "ns", "s", "sec", "secs", "seconds", "min", "mins",
    "minutes",
    "hours", "bytes", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "percent", "pct", "hz", "mhz", "ghz",
  ]

  // MARK: Exact numbers

  private func exactness(_ field: Field, at position: Position) {
    let isRough: Bool
    switch field.type.element {
    case .integer(let rule):
      isRough =
        !rule.bucket.isEmpty || (rule.max ?? .max).subtractingReportingOverflow(rule.min ?? 0).0 <= 100
    case .number(let rule): isRough = !rule.bucket.isEmpty
    default: return
    }
    // How long something took never repeats, and says nothing of whose it was.
    guard !isRough, !["s", "ms", "us", "ns", "min", "h"].contains(field.unit) else { return }
    report.warning(
      "A110", "\"\(field.name)\" is kept exactly, and a rare number can tell one user from all others",
      hint: "add `bucket:` with the edges that matter, or `safe:` with the reason", at: position)
  }

  // MARK: Names and patterns that let personal data in

  private static let words: [(kind: SensitiveClass, words: Set<String>)] = [
    (.email, ["email", "emails", "mail"]),
    (.ipAddress, ["ip", "ips", "ipv4", "ipv6", "address", "addresses"]),
    (.macAddress, ["mac", "macs"]),
    (.url, ["url", "urls", "uri", "link", "website"]),
    (.filePath, ["path", "paths", "file", "filename", "dir", "directory", "folder"]),
    (.secret, ["password", "passwords", "token", "secret", "credential", "credentials"]),
  ]

  private static let personal: Set<String> = [
    "user", "users", "username", "host", "hostname", "mail", "email", "path", "paths", "file", "filename",
    "content", "contents", "prompt", "prompts", "query", "queries", "address", "ip", "url", "login",
    "password",
  ]

  /// Texts of which none should get through; an IPv4 address looks like a version, so it is not among them.
  private static let samples: [(kind: SensitiveClass, texts: [String])] = [
    (.email, ["ada@example.org", "a@b.co"]),
    (.url, ["https://example.org/a", "http://a.b", "example.org/a"]),
    (.filePath, ["/home/ada/a.txt", "/tmp", "home/ada", #"C:\Users\ada"#]),
    (.macAddress, ["00:1a:2b:3c:4d:5e"]), (.ipAddress, ["2001:db8::1"]),
  ]

  private func privacy(_ field: Field, at position: Position) {
    let words = field.name.split(separator: "_").map(String.init)
    let kind =
      SensitiveClass(rawValue: field.name)
      ?? (field.type.element.isOpenText ? Self.words.first { !$0.words.isDisjoint(with: words) }?.kind : nil)
    if let kind, never.contains(.kind(kind)) {
      report.warning(
        "A109", "\"\(field.name)\" looks like what `never` promises: \(kind.rawValue)",
        hint: "rename or remove it, or add `safe:` with the reason", at: position)
    } else if promisesPrivacy, let word = words.first(where: Self.personal.contains) {
      report.warning(
        "A105", "the name \"\(field.name)\" speaks of \"\(word)\" although `never` promises otherwise",
        hint: "add `safe:` with the reason why it is harmless; the page prints it", at: position)
    } else if let kind, kind != .secret || field.type.element.isOpenText {
      report.warning(
        "A112", "\"\(field.name)\" looks like \(Self.phrase(kind))",
        hint: "use `one_of`, rename it, or add `safe:` with the reason", at: position)
    } else if case .text(.pattern(let source)) = field.type.element, let pattern = try? Pattern(source),
      let hit = Self.samples.first(where: { $0.texts.contains(where: pattern.matches) })
    {
      report.warning(
        "A112", "the pattern of \"\(field.name)\" lets \(Self.phrase(hit.kind)) through",
        hint: "leave out the characters that it needs, or add `safe:` with the reason", at: position)
    }
  }

  private static func phrase(_ kind: SensitiveClass) -> String {
    switch kind {
    case .identity: "somebody's identity"
    case .email: "an e-mail address"
    case .ipAddress: "a network address"
    case .macAddress: "the address of a network card"
    case .url: "a web address"
    case .filePath: "a file's name or path"
    case .secret: "a secret"
    case .userContent: "a user's content"
    }
  }

  var promisesPrivacy: Bool {
    never.contains(.kind(.identity)) || never.contains(.kind(.userContent))
  }
}

extension FieldType {
  /// The type of a list's elements, or the type itself.
  fileprivate var element: FieldType { if case .list(let element, _) = self { element } else { self } }

  fileprivate var isNumeric: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// Whether values are texts that nobody listed.
  fileprivate var isOpenText: Bool {
    switch self {
    case .text(.pattern), .text(.free): true
    default: false
    }
  }
}

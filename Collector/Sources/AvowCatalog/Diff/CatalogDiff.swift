public import AvowWire

/// What changed between two catalogs, in the sentences a user would read.
///
/// The comparison is of meaning, not of text: reordering keys or rewording a comment is no change.
///
/// ```swift
/// let diff = CatalogDiff(from: old, to: new)
/// print(diff.text)
/// ```
public struct CatalogDiff: Sendable, Hashable {
  /// What a change does to users.
  public enum Effect: String, Sendable, Hashable, CaseIterable {
    /// More is collected, more finely, for longer, of more people, or it goes elsewhere.
    case widens
    /// Less is.
    case narrows
    /// Neither.
    case neutral
  }

  /// One change.
  public struct Change: Sendable, Hashable {
    public var effect: Effect
    /// What a user would read.
    public var sentence: String

    /// Creates a change.
    public init(_ effect: Effect, _ sentence: String) {
      self.effect = effect
      self.sentence = sentence
    }
  }

  /// The changes, those that widen first.
  public let changes: [Change]
  /// The version of the catalog before and after.
  public let versions: (old: Int, new: Int)

  /// Compares two catalogs.
  public init(from old: Catalog, to new: Catalog) {
    versions = (old.version, new.version)
    var comparison = CatalogComparison()
    comparison.compare(old, new)
    changes = Effect.allCases.flatMap { effect in comparison.changes.filter { $0.effect == effect } }
  }

  /// Whether collection widened although `version` did not rise.
  public var needsNewVersion: Bool {
    versions.new <= versions.old && changes.contains { $0.effect == .widens }
  }

  /// A line for each change.
  public var text: String {
    guard !changes.isEmpty else { return "Nothing changed.\n" }
    var text = changes.map { "\($0.effect.rawValue): \($0.sentence)\n" }.joined()
    if needsNewVersion {
      text +=
        "error: collection widened, but `version` is still \(versions.new) (raise it to \(versions.old + 1))\n"
    }
    return text
  }

  /// An entry for a changelog.
  public var markdown: String {
    var text = "## Telemetry, catalog version \(versions.new)\n"
    for (effect, heading) in [
      (Effect.widens, "More is collected"), (.narrows, "Less is collected"), (.neutral, "Also"),
    ] {
      let lines = changes.filter { $0.effect == effect }
      guard !lines.isEmpty else { continue }
      text += "\n### \(heading)\n\n" + lines.map { "- \($0.sentence)\n" }.joined()
    }
    if changes.isEmpty { text += "\nNothing changed.\n" }
    return text
  }

  /// The changes as JSON.
  public var json: JSONValue {
    [
      "old_version": .integer(Int64(versions.old)), "new_version": .integer(Int64(versions.new)),
      "needs_new_version": .boolean(needsNewVersion),
      "changes": .array(
        changes.map { ["effect": .string($0.effect.rawValue), "sentence": .string($0.sentence)] }),
    ]
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.changes == right.changes && left.versions == right.versions
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(changes)
    hasher.combine(versions.old)
    hasher.combine(versions.new)
  }
}

/// Why catalogs cannot be served together.
public struct IngestSetupError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and how to mend it, in one line.
  public let message: String

  public var description: String { message }

  static func pathClaimedTwice(_ path: String, _ first: String, _ second: String) -> Self {
    first == second
      ? Self(
        message: "the catalog of \"\(first)\" lists the path \(path) in two entries of `accepts`; keep one")
      : Self(
        message:
          "the catalogs of \"\(first)\" and \"\(second)\" both claim the path \(path); change `path` in one of them"
      )
  }

  static func pathIsOurs(_ path: String, _ app: String) -> Self {
    Self(
      message:
        "the catalog of \"\(app)\" claims the path \(path), which every app shares; choose another `path`")
  }

  static func pathIsNoPath(_ path: String, _ app: String) -> Self {
    Self(message: "the catalog of \"\(app)\" has the path \"\(path)\", which must begin with a slash")
  }

  static func jsonWithoutPath(_ app: String) -> Self {
    Self(message: "the catalog of \"\(app)\" accepts the format json without a `path`; add one")
  }

  static func appTwice(_ app: String) -> Self {
    Self(message: "two catalogs are for the app \"\(app)\"; keep one")
  }
}

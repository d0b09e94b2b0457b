/// Why the collector cannot start or do what an operator asked; one line, safe to print.
public struct CollectorError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable {
    case usage, catalog, dataFolder, locked, port, notFound, failed
  }

  public let code: Code
  public let message: String

  /// Creates an error from what went wrong and how to mend it.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}

/// Says that a store did something else than every store must do.
public struct ConformanceFailure: Error, CustomStringConvertible {
  public let description: String

  /// Creates a failure that says what was expected and what was found.
  public init(_ description: String) { self.description = description }
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(ConformanceFailure) {
  if !condition { throw ConformanceFailure(message()) }
}

func expect<Value: Equatable>(
  _ found: Value, equals expected: Value, _ what: @autoclosure () -> String
) throws(ConformanceFailure) {
  if found != expected { throw ConformanceFailure("\(what()): expected \(expected), found \(found)") }
}

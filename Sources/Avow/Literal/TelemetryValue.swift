/// A value of an event that is recorded by its name, mostly written as a literal.
///
/// ```swift
/// telemetry.record("list_reports", ["reports_count": .integer(reports.count), "is_remote": false])
/// ```
public enum TelemetryValue: Sendable, Hashable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  /// Also a member of a closed set, and a version.
  case text(String)
}

extension TelemetryValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
  @inlinable public init(booleanLiteral value: Bool) { self = .boolean(value) }
  @inlinable public init(integerLiteral value: Int) { self = .integer(value) }
  @inlinable public init(floatLiteral value: Double) { self = .number(value) }
  @inlinable public init(stringLiteral value: String) { self = .text(value) }
}

/// Names with values, written as a dictionary literal; the names are constants of the program.
///
/// Like `KeyValuePairs`, but read in place, so that a call site's literal costs no reference counting.
public struct TelemetryProperties: ExpressibleByDictionaryLiteral, Sendable {
  @usableFromInline let elements: [(StaticString, TelemetryValue)]

  @inlinable @inline(__always)
  public init(dictionaryLiteral elements: (StaticString, TelemetryValue)...) { self.elements = elements }
}

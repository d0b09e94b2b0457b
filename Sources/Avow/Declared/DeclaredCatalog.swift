@_exported public import AvowCore

/// A catalog that `avow generate swift` turned into code: what a host passes to `Telemetry`.
///
/// The generated type is an enum without cases that holds the catalog as a value, its digest, one
/// enum of events and the context values that only the host knows.
public protocol DeclaredCatalog: Sendable {
  associatedtype Event: DeclaredEvent
  associatedtype Context: DeclaredContext
  /// The events that can be counted instead of recorded.
  associatedtype Counter: DeclaredCounter = NoCounter
  /// The events that can be timed instead of recorded.
  associatedtype Timing: DeclaredTiming = NoTiming
  /// The declaration, without the prose that no running program needs.
  static var catalog: Catalog { get }
  /// `Catalog.digest`, computed when the code was generated.
  static var digest: String { get }
  /// Where requests in a foreign format hold what differs from the format's own places; `nil`: nothing does.
  ///
  /// Code has one for the formats named to `avow generate swift --layout`, and otherwise none to carry.
  static func layout(of format: Catalog.Delivery.Format) -> WireLayout?
}

extension DeclaredCatalog {
  public static func layout(of format: Catalog.Delivery.Format) -> WireLayout? { nil }
}

/// One event of a declared catalog with its property values.
public protocol DeclaredEvent: Sendable {
  /// Writes the event's number and its present properties.
  func encode(into encoder: inout EventEncoder)
}

/// The context values a host program gives, those without a standard source.
public protocol DeclaredContext: Sendable {
  /// Creates a context in which nothing is known.
  init()
  /// Writes the present values; `field` is the index in `Catalog.context`.
  func encode(into encoder: inout EventEncoder)
}

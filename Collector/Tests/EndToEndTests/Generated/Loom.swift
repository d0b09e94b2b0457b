// Written by `avow generate swift` from the catalog of Loom, version 1.
// Change the catalog and write it again instead of changing this file.

public import Avow

/// What Loom declares about its telemetry.
public enum Loom: DeclaredCatalog {
  /// Names what is collected: client and collector compute the same.
  public static let digest = "9f68cc859f32969f144e40224975bbd29f9aeeebbc4fbd2059c053d5c36682e6"

  /// The declaration, without the prose that no running program needs.
  public static let catalog = Catalog(
    app: "loom",
    name: "Loom",
    version: 1,
    contact: "privacy@example.org",
    consent: Catalog.Consent(default: .enabled, reportsInCI: true),
    identity: Catalog.Identity(user: .installation, rotate: .never, session: .process),
    delivery: Catalog.Delivery(everyMilliseconds: 2000, format: .avow),
    retention: .months(13),
    never: [.kind(.identity)],
    context: [Field("app_version", .version(), source: .appVersion)],
    events: [
      EventDeclaration(
        "weave",
        expires: .never,
        properties: [
          Field("count", .integer(NumberRule(min: 0)), unit: "pieces"),
          Field("durations", .list(of: .number(NumberRule(min: 0.0)), maxItems: 200), unit: "ms"),
        ])
    ])

  /// The context values that the program gives; all others the client finds out by itself.
  public struct Context: DeclaredContext {
    /// Creates a context in which nothing is known.
    public init() {}

    /// Writes the present values.
    public func encode(into encoder: inout EventEncoder) {}
  }

  /// What can be recorded.
  public enum Event: DeclaredEvent {
    /// A piece was woven.
    ///
    /// - Parameters:
    ///   - count2: How many pieces were woven.
    ///   - durations: How long it took, as a sample of at most 200 pieces.
    case weave(count2: Int? = nil, durations: [Double]? = nil)

    /// Writes the event's number and its present properties.
    public func encode(into encoder: inout EventEncoder) {
      switch self {
      case .weave(let count2, let durations):
        encoder.begin(event: 0)
        if let count2 {
          encoder.integer(count2, field: 0, in: 0...1_099_511_627_776)
        }
        if let durations {
          let count = encoder.beginList(field: 1, count: durations.count, maxItems: 200)
          for item in durations.prefix(count) {
            encoder.number(item, field: 0, in: 0.0...Double.greatestFiniteMagnitude)
          }
          encoder.endList()
        }
      }
    }
  }

  /// What can be timed: an interval's times become one event with their spread.
  public enum Timing: Int, DeclaredTiming {
    /// A piece was woven.
    case weave

    /// The timing's place among the catalog's timings.
    public var slot: Int { rawValue }
  }
}

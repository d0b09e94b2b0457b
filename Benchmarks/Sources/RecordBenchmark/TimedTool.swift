import Avow

/// A catalog with one timing, apart from `Tool`, whose segments it would make larger.
enum TimedTool: DeclaredCatalog {
  static let catalog = Catalog(
    app: "timingbench", name: "Timing benchmark", version: 1, consent: .init(reportsInCI: true),
    events: [
      EventDeclaration(
        "request",
        properties: [
          Field("count", .integer(.init(min: 0))),
          Field("latency", .list(of: .number(.init(min: 0)), maxItems: 64), unit: "ms"),
        ])
    ])
  static let digest = catalog.digest

  enum Timing: Int, DeclaredTiming {
    case request
    var slot: Int { rawValue }
  }

  struct Context: DeclaredContext {
    func encode(into encoder: inout EventEncoder) {}
  }

  enum Event: DeclaredEvent {
    func encode(into encoder: inout EventEncoder) { switch self {} }
  }
}

@inline(never)
func timeAll(_ telemetry: Telemetry<TimedTool>, _ count: Int) {
  for number in 0..<count { telemetry.record(.request, duration: .microseconds(number & 0xFFFF)) }
}

import Avow

// The same program with telemetry: what linking the client adds.

enum Tool: DeclaredCatalog {
  static let catalog = Catalog(
    app: "smallest", name: "Smallest", version: 1, events: [EventDeclaration("started")])
  static let digest = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"

  struct Context: DeclaredContext {
    func encode(into encoder: inout EventEncoder) {}
  }

  enum Event: DeclaredEvent {
    case started

    func encode(into encoder: inout EventEncoder) { encoder.begin(event: 0) }
  }
}

let telemetry = Telemetry(Tool.self, version: "1.0", lifetime: .command)
telemetry.record(.started)
print("nothing")

/// What a spool needs to know of the program whose events it holds.
struct SpoolPlan: Sendable {
  var app: String
  var catalogVersion: Int
  var digest: [UInt8]
  var schema: SegmentSchema
  var schemaBytes: [UInt8]
  private var declaredUptime: Int?
  /// The context field taken at each event.
  var uptimeField: Int? { declaredUptime.flatMap { muting.context.contains($0) ? nil : $0 } }
  var identity: Catalog.Identity
  var catalog: Catalog
  /// The cells that count: the counters', then those of the timings, each by its event's place.
  var counters: [Int]
  /// How many of them are counters'.
  let counterCount: Int
  /// What is declared but not recorded by this run.
  var muting = Muting()
  var firstCapacity: Int

  init(_ catalog: Catalog, digest: String, firstCapacity: Int) {
    app = catalog.app
    self.catalog = catalog
    let cells = Self.cells(of: catalog)
    counters = cells.events
    counterCount = cells.counterCount
    catalogVersion = catalog.version
    self.digest = Identifier128.pair(digest)
    schema = SegmentSchema(catalog)
    schemaBytes = schema.bytes
    declaredUptime = catalog.context.firstIndex { $0.source == .uptime }
    identity = catalog.identity
    self.firstCapacity = firstCapacity
  }
}

extension Identifier128 {
  /// The 32 bytes of 64 hexadecimal digits; zeros for anything else.
  static func pair(_ text: String) -> [UInt8] {
    guard text.utf8.count == 64, let high = Identifier128(text.prefix(32)),
      let low = Identifier128(text.suffix(32))
    else { return [UInt8](repeating: 0, count: 32) }
    return high.bytes + low.bytes
  }
}

/// What a spool needs to know of the program whose events it holds.
struct SpoolPlan: Sendable {
  var app: String
  var catalogVersion: Int
  var digest: [UInt8]
  /// Names and types of the catalog, as segments hold them.
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
    counters = Self.cells(of: catalog)
    counterCount = min(catalog.counters.count, SegmentLayout.maxCounters)
    catalogVersion = catalog.version
    self.digest = Identifier128.pair(digest) ?? [UInt8](repeating: 0, count: 32)
    schemaBytes = SegmentSchema.bytes(of: catalog)
    declaredUptime = catalog.context.firstIndex { $0.source == .uptime }
    identity = catalog.identity
    self.firstCapacity = firstCapacity
  }
}

extension Identifier128 {
  /// The 32 bytes of 64 hexadecimal digits; `nil` for anything else.
  static func pair(_ text: String) -> [UInt8]? {
    let utf8 = Array(text.utf8)
    guard utf8.count == 64, let high = Identifier128(utf8: Array(utf8[..<32])),
      let low = Identifier128(utf8: Array(utf8[32...]))
    else { return nil }
    return high.bytes + low.bytes
  }
}

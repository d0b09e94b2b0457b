/// What a spool needs to know of the program whose events it holds.
final class SpoolPlan: Sendable {
  let app: String
  let catalogVersion: Int
  let digest: [UInt8]
  /// Names and types of the catalog, as segments hold them.
  let schemaBytes: [UInt8]
  /// The context field taken at each event.
  let uptimeField: Int?
  let identity: Catalog.Identity
  let catalog: Catalog
  /// The cells that count: the counters', then those of the timings, each by its event's place.
  let counters: [Int]
  /// How many of them are counters'.
  let counterCount: Int
  /// What is declared but not recorded by this run.
  let muting: Muting
  let firstCapacity: Int

  init(_ catalog: Catalog, digest: String, firstCapacity: Int, muting: Muting = Muting()) {
    app = catalog.app
    self.catalog = catalog
    let cells = Self.cells(of: catalog)
    counters = cells.events
    counterCount = cells.counterCount
    catalogVersion = catalog.version
    self.digest = Identifier128.pair(digest) ?? [UInt8](repeating: 0, count: 32)
    schemaBytes = SegmentSchema.bytes(of: catalog)
    let uptime = catalog.context.firstIndex { $0.source == .uptime }
    uptimeField = uptime.flatMap { muting.context.contains($0) ? nil : $0 }
    self.muting = muting
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

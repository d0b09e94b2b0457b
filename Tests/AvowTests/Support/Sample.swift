@testable import Avow

/// Reports as the catalogs of two real tools make them.
enum Sample {
  static let user = Identifier128(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
  static let session = Identifier128(high: 1, low: 2)
  static let segment = SegmentIdentifier(high: 0xA1, low: 0xB2)
  static let id = "00000000000000a1000000b200000028"
  static let time = Timestamp(milliseconds: 1_766_000_000_123)
  static let sent = Timestamp(milliseconds: 1_766_000_060_000)

  static func report(
    _ catalog: Catalog, user: Identifier128? = user, session: Identifier128? = session,
    context: [EventReport.Member] = [], events: [EventReport.Event]
  ) -> EventReport {
    EventReport(
      app: catalog.app, catalogVersion: catalog.version, catalogDigest: catalog.digest, segment: segment,
      user: user, session: session, context: context, events: events)
  }

  static func encoder(
    _ format: Catalog.Delivery.Format, _ catalog: Catalog = Workshop.catalog,
    url: String = "https://example.org", key: String? = "k", layout: WireLayout? = nil
  ) -> DestinationEncoder {
    DestinationEncoder(format, url: url, key: key, catalog: catalog, layout: layout)
  }

  /// One event of the test catalog with a value of every kind.
  static let workshop = report(
    Workshop.catalog,
    context: [
      .init("app_version", "0.4.2"), .init("os_name", "macos"), .init("edition", "oss"),
    ],
    events: [
      .init(
        number: 40, name: "optimize", time: time,
        properties: [
          .init("model_size", 9_007_199_254_740_993), .init("ratio", 0.5), .init("is_remote", true),
          .init("passes", ["fold", "prune"]), .init("results", [["latency": 0.25, "technique": "fp16"]]),
        ], context: [.init("uptime", 17)])
    ])

  static func text(_ report: EventReport, _ encoder: DestinationEncoder) -> String {
    String(decoding: encoder.body(of: report, sent: sent), as: UTF8.self)
  }
}

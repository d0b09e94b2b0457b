public import AvowWire

/// Catalogs that use every part of the grammar that a store must keep.
public enum SampleCatalog {
  /// An app with all types: lists, records, texts, versions, and a context of eight fields.
  public static func workshop(
    app: String = "workshop", version: Int = 1, identity: Catalog.Identity = .init(),
    zone: String? = nil
  ) -> Catalog {
    Catalog(
      app: app, name: "Workshop", version: version, identity: identity, reportingZone: zone,
      context: [
        Field("app_version", .version(), source: .appVersion),
        Field("os_name", StandardField.osName.type, source: .osName),
        Field("cores", StandardField.cores.type, source: .cores),
        Field("uptime", StandardField.uptime.type, source: .uptime),
        Field("edition", .text(.oneOf(["oss", "cloud", "other"]))),
        Field("offline", .boolean),
        Field("load", .number()),
        Field("plugins", .list(of: .text(.pattern("[a-z]{1,16}")))),
      ],
      events: [
        EventDeclaration("opened"),
        EventDeclaration(
          "list_reports", properties: [Field("reports_count", .integer(NumberRule(min: 0)))]),
        EventDeclaration(
          "run",
          properties: [
            Field("model", .text(.pattern("[a-z0-9]{1,32}"))),
            Field("seconds", .number()),
            Field("cached", .boolean),
            Field("runtime", .version()),
            Field("batch", .integer()),
            // The same name as a context field, and as a column of the views.
            Field("cores", .integer()),
            Field("time", .number()),
          ]),
        EventDeclaration(
          "optimized",
          properties: [
            Field("model", .text(.pattern("[a-z0-9]{1,32}"))),
            Field("sizes", .list(of: .integer())),
            Field("tags", .list(of: .text(.pattern("[a-z]{1,16}")))),
            Field(
              "steps",
              .records([
                Field("technique", .text(.pattern("[a-z]{1,16}"))),
                Field("latency", .number()),
                Field("passed", .boolean),
                Field("size", .integer()),
              ])),
          ]),
      ])
  }

  /// The next version: another event, another property, a changed type, a field that is gone.
  public static func widened(app: String = "workshop") -> Catalog {
    var catalog = workshop(app: app, version: 2)
    catalog.context.removeAll { $0.name == "edition" }
    catalog.context.append(Field("gpu", .boolean))
    catalog.events.removeAll { $0.name == "opened" }
    catalog.events.append(EventDeclaration("closed", properties: [Field("reason", .text(.oneOf(["done"])))]))
    for index in catalog.events.indices {
      switch catalog.events[index].name {
      case "list_reports":
        catalog.events[index].properties = [
          Field("reports_count", .text(.oneOf(["few", "many"]))), Field("shared", .boolean),
        ]
      case "optimized":
        catalog.events[index].properties = [
          Field("tags", .records([Field("name", .text(.pattern("[a-z]{1,16}")))])),
          Field("sizes", .list(of: .text(.pattern("[a-z]{1,16}")))),
          Field(
            "steps",
            .records([Field("technique", .text(.pattern("[a-z]{1,16}"))), Field("count", .integer())])),
        ]
      default: break
      }
    }
    return catalog
  }
}

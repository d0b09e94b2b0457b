#if ForeignFormats
  import Testing

  @testable import Avow

  /// The same catalog sent natively and as the tool's own client sent it: names and places are the client's.
  @Suite struct DestinationSeedTests {
    private static let client = [
      Field(
        "client_platform_name", .text(.oneOf(["Linux", "other"])),
        wire: "user_properties.client_platform_name"),
      Field("client_user_agent", .text(.pattern("[a-z_]{1,40}")), wire: "user_properties.client_user_agent"),
    ]
    private static let blindAI = Catalog(
      app: "blindai", name: "BlindAI", version: 1, identity: .init(user: .process),
      context: [
        Field("app_version", .version(), source: .appVersion),
        Field("system", .text(.pattern("[A-Za-z -]{1,40}"))),
        Field("sgx_mode", .text(.oneOf(["SW", "HW"]))), Field("uptime", .integer(), source: .uptime),
        Field("azure_dcsv3_patch_enabled", .boolean),
      ],
      events: [
        EventDeclaration("started"),
        EventDeclaration(
          "send_model",
          properties: [
            Field("model_name", .text(.pattern("[a-z]{1,9}"))), Field("model_size", .integer()),
            Field("sign", .boolean), Field("time_taken", .number()),
          ] + client),
      ],
      accepts: [
        Acceptance(
          formats: [.amplitude], paths: ["/blindai"], flatten: ["event_properties.*"],
          fields: [
            .init("user", [.init("user_id")]), .init("system", [.init("device_id")]),
          ])
      ])

    private static let evidently = Catalog(
      app: "evidently", name: "Evidently", version: 1,
      context: [
        Field("app_version", .version(), source: .appVersion, wire: "tool_version"),
        Field("os_name", .text(.oneOf(StandardField.operatingSystems)), source: .osName),
        Field("os_version", .version(), source: .osVersion),
        Field("python_version", .version(), source: .runtimeVersion),
        Field("tool_name", .text(.oneOf(["evidently"]))),
        Field("interface", .text(.oneOf(["service_backend"]))),
      ],
      events: [
        EventDeclaration("index"),
        EventDeclaration("list_reports", properties: [Field("reports_count", .integer())]),
      ],
      accepts: [
        Acceptance(
          formats: [.jitsu], flatten: ["extra"],
          fields: [
            .init("event", [.init("action")]), .init("user", [.init("user_id")]),
            .init("app_version", [.init("tool_version")]),
          ], dropFields: ["group_id", "error"])
      ])

    @Test func `BlindAI's events go to Amplitude as its server's did`() throws {
      let report = Sample.report(
        Self.blindAI, session: nil,
        context: [
          .init("app_version", "0.3.0"), .init("system", "Linux - SGX SW"), .init("sgx_mode", "SW"),
          .init("azure_dcsv3_patch_enabled", false),
        ],
        events: [
          .init(number: 40, name: "started", time: Sample.time, context: [.init("uptime", 0)]),
          .init(
            number: 44, name: "send_model", time: Sample.time,
            properties: [
              .init("model_name", "bert"), .init("model_size", 1000), .init("sign", true),
              .init("time_taken", 0.5), .init("client_platform_name", "Linux"),
              .init("client_user_agent", "blindai_python"),
            ], context: [.init("uptime", 7)]),
        ])
      #expect(
        Sample.text(report, Sample.encoder(.amplitude, Self.blindAI)) == #"{"api_key":"k","events":[{"#
          + #""user_id":"00112233445566778899aabbccddeeff","event_type":"started","time":1766000000123,"#
          + #""insert_id":"00000000000000a1000000b200000028","app_version":"0.3.0","device_id":"Linux - SGX SW","#
          + #""user_properties":{"sgx_mode":"SW","azure_dcsv3_patch_enabled":false,"uptime":0},"#
          + #""event_properties":{"Started":{}}},{"#
          + #""user_id":"00112233445566778899aabbccddeeff","event_type":"send_model","time":1766000000123,"#
          + #""insert_id":"00000000000000a1000000b20000002c","app_version":"0.3.0","device_id":"Linux - SGX SW","#
          + #""user_properties":{"sgx_mode":"SW","azure_dcsv3_patch_enabled":false,"uptime":7,"#
          + #""client_platform_name":"Linux","client_user_agent":"blindai_python"},"#
          + #""event_properties":{"SendModel":{"model_name":"bert","model_size":1000,"sign":true,"#
          + #""time_taken":0.5}}}]}"#)
      // A relay of the makers' took the bare list, without a key.
      let relay = Sample.encoder(.amplitude, Self.blindAI, url: "https://h/blindai", key: nil)
      #expect(Sample.text(report, relay).hasPrefix(#"[{"user_id":"#))
    }

    @Test func `Evidently's events go to Jitsu as its service's did`() throws {
      let report = Sample.report(
        Self.evidently,
        context: [
          .init("app_version", "0.4.2"), .init("os_name", "linux"), .init("os_version", "12"),
          .init("python_version", "3.11.5"), .init("tool_name", "evidently"),
          .init("interface", "service_backend"),
        ],
        events: [
          .init(
            number: 40, name: "list_reports", time: Sample.time, properties: [.init("reports_count", 19)])
        ])
      var layout = try #require(WireLayout(Self.evidently, .jitsu))
      layout.splitVersions = ["python_version"]
      layout.constants = ["error": nil, "group_id": nil]
      let encoder = Sample.encoder(.jitsu, Self.evidently, layout: layout)
      #expect(
        Sample.text(report, encoder) == #"[{"action":"list_reports","#
          + #""eventn_ctx_event_id":"00000000000000a1000000b200000028","_timestamp":"2025-12-17T19:33:20.123Z","#
          + #""user_id":"00112233445566778899aabbccddeeff","tool_version":"0.4.2","os_name":"linux","#
          + #""os_version":"12","python_version":{"major":3,"minor":11,"patch":5},"tool_name":"evidently","#
          + #""interface":"service_backend","error":null,"group_id":null,"extra":{"reports_count":19}}]"#)
      // Everything the 0.0.10 client sent, and two members of Jitsu's own for the identifier and the time.
      let sent = try #require(
        JSONValue(parsing: Sample.text(report, encoder)).arrayValue?.first?.objectValue)
      #expect(
        Set(sent.keys)
          == [
            "interface", "action", "error", "extra", "python_version", "tool_name", "tool_version", "user_id",
            "group_id", "os_name", "os_version", "_timestamp", "eventn_ctx_event_id",
          ])
    }

    @Test func `a layout is the mirror of what an entry of accepts reads`() {
      let layout = WireLayout(
        reading: Acceptance(
          formats: [.segment],
          events: .mapped([
            .init("*.start", "start"), .init("$identify", "signed_in"), .init("demo.run", "run"),
            .init("old.run", "run"),
          ]),
          flatten: ["a", "b"],
          fields: [
            .init("session", [.init("uptime")]), .init("rows", [.init("latency.<x>.y"), .init("rows")]),
            .init("price", [.init("$price"), .init("cost")]),
            .init(
              "python",
              [.init("py", fields: [.init("major", [.init("major")]), .init("minor", [.init("minor")])])]),
          ]))
      #expect(
        layout
          == WireLayout(
            session: "uptime", events: ["run": "demo.run"], fields: ["price": "$price", "python": "py"],
            splitVersions: ["python"]))
    }
  }
#endif

// Written by `avow generate swift --layout amplitude` from the catalog of BlindAI, version 1.
// Change the catalog and write it again instead of changing this file.

public import Avow

/// What BlindAI declares about its telemetry.
public enum BlindAI: DeclaredCatalog {
  /// Names what is collected: client and collector compute the same.
  public static let digest = "b5dd89f3afe5445d1c9fc863a6364139a30d206c8b7a9137cf7115893e6ab87e"

  /// The declaration, without the prose that no running program needs.
  public static let catalog = Catalog(
    app: "blindai",
    name: "BlindAI",
    version: 1,
    since: "0.1",
    contact: "privacy@telemetry.example.org",
    recipient: Catalog.Recipient(
      name: "Mithril Security, the makers of BlindAI",
      url: "https://github.com/mithril-security",
      country: "FR"),
    consent: Catalog.Consent(
      default: .enabled,
      optOut: [
        Catalog.Consent.Variable(name: "BLINDAI_DISABLE_TELEMETRY", meaning: .set),
        Catalog.Consent.Variable(name: "DO_NOT_TRACK", meaning: .set),
      ],
      reportsInCI: true,
      enabledNotice: "BlindAI telemetry is enabled. To disable it, set BLINDAI_DISABLE_TELEMETRY=1.",
      disabledNotice: "BlindAI telemetry is disabled."),
    identity: Catalog.Identity(user: .process, rotate: .never, session: .process),
    delivery: Catalog.Delivery(
      everyMilliseconds: 2000,
      to: "https://telemetry.example.org",
      key: "wk_blindai_example",
      format: .avow),
    retention: .months(13),
    never: [.kind(.identity), .kind(.ipAddress), .kind(.email), .kind(.url), .kind(.userContent)],
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field("system", .text(.pattern("[A-Za-z]{1,16} - [A-Za-z0-9 ]{1,24}"))),
      Field("sgx_mode", .text(.oneOf(["SW", "HW"]))),
      Field("azure_dcsv3_patch_enabled", .boolean),
      Field(
        "os_name",
        .text(
          .oneOf(["linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android", "ios", "other"])),
        source: .osName),
      Field("os_version", .version(), source: .osVersion),
      Field("os_release", .version(), source: .osRelease),
      Field(
        "architecture",
        .text(.oneOf(["x86_64", "arm64", "i386", "arm", "riscv64", "ppc64le", "s390x", "wasm32", "other"])),
        source: .architecture),
      Field("cores", .integer(NumberRule(min: 1, max: 4096)), unit: "cores", source: .cores),
      Field("memory", .integer(NumberRule(min: 0)), unit: "bytes", source: .memory),
      Field("uptime", .integer(NumberRule(min: 0)), unit: "s", source: .uptime),
    ],
    events: [
      EventDeclaration("started", expires: .never),
      EventDeclaration(
        "send_model",
        expires: .never,
        properties: [
          Field("model_name", .text(.pattern("[A-Za-z0-9 ._+-]{1,128}"))),
          Field("model_size", .integer(NumberRule(min: 0)), unit: "bytes"),
          Field("sign", .boolean),
          Field("time_taken", .number(NumberRule(min: 0.0)), unit: "s"),
          Field("client_platform_name", .text(.oneOf(["Linux", "Darwin", "Windows", "other"]))),
          Field("client_platform_arch", .text(.oneOf(["x86_64", "AMD64", "arm64", "aarch64", "other"]))),
          Field("client_platform_version", .version()),
          Field("client_platform_release", .version()),
          Field("client_user_agent", .text(.pattern("[A-Za-z0-9._-]{1,40}"))),
          Field("client_user_agent_version", .version()),
        ]),
      EventDeclaration(
        "run_model",
        expires: .never,
        properties: [
          Field("model_name", .text(.pattern("[A-Za-z0-9 ._+-]{1,128}"))),
          Field("sign", .boolean),
          Field("time_taken", .number(NumberRule(min: 0.0)), unit: "s"),
          Field("client_platform_name", .text(.oneOf(["Linux", "Darwin", "Windows", "other"]))),
          Field("client_platform_arch", .text(.oneOf(["x86_64", "AMD64", "arm64", "aarch64", "other"]))),
          Field("client_platform_version", .version()),
          Field("client_platform_release", .version()),
          Field("client_user_agent", .text(.pattern("[A-Za-z0-9._-]{1,40}"))),
          Field("client_user_agent_version", .version()),
        ]),
    ])

  /// Where requests in a format that the tool's clients have always used hold what is declared.
  public static func layout(of format: Catalog.Delivery.Format) -> WireLayout? {
    switch format {
    case .amplitude:
      WireLayout(
        user: "user_id",
        properties: "event_properties.*",
        fields: [
          "client_platform_arch": "user_properties.client_platform_arch",
          "client_platform_name": "user_properties.client_platform_name",
          "client_platform_release": "user_properties.client_platform_release",
          "client_platform_version": "user_properties.client_platform_version",
          "client_user_agent": "user_properties.client_user_agent",
          "client_user_agent_version": "user_properties.client_user_agent_version",
          "system": "device_id",
        ])
    default: nil
    }
  }

  /// The context values that the program gives; all others the client finds out by itself.
  public struct Context: DeclaredContext {
    /// The kind of system the server runs on, such as "Linux - SGX SW".
    public var system: String?
    /// Whether BlindAI runs in software (simulation) or in hardware mode.
    public var sgxMode: SgxMode?
    /// Whether the server runs in dcsv3 mode, patched for Azure's DCsv3 machines.
    public var azureDcsv3PatchEnabled: Bool?

    /// Creates a context in which nothing is known.
    public init() {}

    /// Creates a context from what is known.
    public init(system: String? = nil, sgxMode: SgxMode? = nil, azureDcsv3PatchEnabled: Bool? = nil) {
      self.system = system
      self.sgxMode = sgxMode
      self.azureDcsv3PatchEnabled = azureDcsv3PatchEnabled
    }

    /// Writes the present values.
    public func encode(into encoder: inout EventEncoder) {
      if let system {
        encoder.text(system, field: 1, maxLength: 43)
      }
      if let sgxMode {
        encoder.choice(sgxMode.rawValue, field: 2)
      }
      if let azureDcsv3PatchEnabled {
        encoder.boolean(azureDcsv3PatchEnabled, field: 3)
      }
    }
  }

  /// What can be recorded.
  public enum Event: DeclaredEvent {
    /// The server started.
    case started
    /// A model was uploaded to the server.
    ///
    /// - Parameters:
    ///   - modelName: The name the model was uploaded under.
    ///   - modelSize: How large the uploaded model is.
    ///   - sign: Whether the client asked for a signed answer.
    ///   - timeTaken: How long the request took.
    ///   - clientPlatformName: The operating system the client runs on.
    ///   - clientPlatformArch: The architecture the client runs on.
    ///   - clientPlatformVersion: The version of the client's operating system.
    ///   - clientPlatformRelease: The release of the client's kernel.
    ///   - clientUserAgent: The name of the client library.
    ///   - clientUserAgentVersion: The version of the client library.
    case sendModel(
      modelName: String? = nil,
      modelSize: Int? = nil,
      sign: Bool? = nil,
      timeTaken: Double? = nil,
      clientPlatformName: ClientPlatformName? = nil,
      clientPlatformArch: ClientPlatformArch? = nil,
      clientPlatformVersion: String? = nil,
      clientPlatformRelease: String? = nil,
      clientUserAgent: String? = nil,
      clientUserAgentVersion: String? = nil
    )
    /// A model was run.
    ///
    /// - Parameters:
    ///   - modelName: The name the model was uploaded under.
    ///   - sign: Whether the client asked for a signed answer.
    ///   - timeTaken: How long the request took.
    ///   - clientPlatformName: The operating system the client runs on.
    ///   - clientPlatformArch: The architecture the client runs on.
    ///   - clientPlatformVersion: The version of the client's operating system.
    ///   - clientPlatformRelease: The release of the client's kernel.
    ///   - clientUserAgent: The name of the client library.
    ///   - clientUserAgentVersion: The version of the client library.
    case runModel(
      modelName: String? = nil,
      sign: Bool? = nil,
      timeTaken: Double? = nil,
      clientPlatformName: ClientPlatformName? = nil,
      clientPlatformArch: ClientPlatformArch? = nil,
      clientPlatformVersion: String? = nil,
      clientPlatformRelease: String? = nil,
      clientUserAgent: String? = nil,
      clientUserAgentVersion: String? = nil
    )

    /// Writes the event's number and its present properties.
    public func encode(into encoder: inout EventEncoder) {
      switch self {
      case .started:
        encoder.begin(event: 0)
      case .sendModel(
        let modelName,
        let modelSize,
        let sign,
        let timeTaken,
        let clientPlatformName,
        let clientPlatformArch,
        let clientPlatformVersion,
        let clientPlatformRelease,
        let clientUserAgent,
        let clientUserAgentVersion
      ):
        encoder.begin(event: 1)
        if let modelName {
          encoder.text(modelName, field: 0, maxLength: 128)
        }
        if let modelSize {
          encoder.integer(modelSize, field: 1, in: 0...1_099_511_627_776)
        }
        if let sign {
          encoder.boolean(sign, field: 2)
        }
        if let timeTaken {
          encoder.number(timeTaken, field: 3, in: 0.0...Double.greatestFiniteMagnitude)
        }
        if let clientPlatformName {
          encoder.choice(clientPlatformName.rawValue, field: 4)
        }
        if let clientPlatformArch {
          encoder.choice(clientPlatformArch.rawValue, field: 5)
        }
        if let clientPlatformVersion {
          encoder.version(clientPlatformVersion, field: 6, precision: .patch)
        }
        if let clientPlatformRelease {
          encoder.version(clientPlatformRelease, field: 7, precision: .patch)
        }
        if let clientUserAgent {
          encoder.text(clientUserAgent, field: 8, maxLength: 40)
        }
        if let clientUserAgentVersion {
          encoder.version(clientUserAgentVersion, field: 9, precision: .patch)
        }
      case .runModel(
        let modelName,
        let sign,
        let timeTaken,
        let clientPlatformName,
        let clientPlatformArch,
        let clientPlatformVersion,
        let clientPlatformRelease,
        let clientUserAgent,
        let clientUserAgentVersion
      ):
        encoder.begin(event: 2)
        if let modelName {
          encoder.text(modelName, field: 0, maxLength: 128)
        }
        if let sign {
          encoder.boolean(sign, field: 1)
        }
        if let timeTaken {
          encoder.number(timeTaken, field: 2, in: 0.0...Double.greatestFiniteMagnitude)
        }
        if let clientPlatformName {
          encoder.choice(clientPlatformName.rawValue, field: 3)
        }
        if let clientPlatformArch {
          encoder.choice(clientPlatformArch.rawValue, field: 4)
        }
        if let clientPlatformVersion {
          encoder.version(clientPlatformVersion, field: 5, precision: .patch)
        }
        if let clientPlatformRelease {
          encoder.version(clientPlatformRelease, field: 6, precision: .patch)
        }
        if let clientUserAgent {
          encoder.text(clientUserAgent, field: 7, maxLength: 40)
        }
        if let clientUserAgentVersion {
          encoder.version(clientUserAgentVersion, field: 8, precision: .patch)
        }
      }
    }
  }

  /// A value of `sgx_mode`; the number is its place in the catalog.
  public enum SgxMode: Int, Sendable, CaseIterable {
    /// `SW`
    case sw
    /// `HW`
    case hw
  }

  /// A value of `client_platform_name`; the number is its place in the catalog.
  public enum ClientPlatformName: Int, Sendable, CaseIterable {
    /// `Linux`
    case linux
    /// `Darwin`
    case darwin
    /// `Windows`
    case windows
    /// `other`
    case other
  }

  /// A value of `client_platform_arch`; the number is its place in the catalog.
  public enum ClientPlatformArch: Int, Sendable, CaseIterable {
    /// `x86_64`
    case x86_64
    /// `AMD64`
    case amd64
    /// `arm64`
    case arm64
    /// `aarch64`
    case aarch64
    /// `other`
    case other
  }
}

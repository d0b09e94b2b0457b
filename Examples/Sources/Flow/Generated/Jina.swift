// Written by `avow generate swift` from the catalog of Jina, version 1.
// Change the catalog and write it again instead of changing this file.

public import Avow

/// What Jina declares about its telemetry.
public enum Jina: DeclaredCatalog {
  /// Names what is collected: client and collector compute the same.
  public static let digest = "1f054d564c27aa09b6c830372f9928d026ef866dd0ee19a1eb5c6c5c94fe9e6d"

  /// The declaration, without the prose that no running program needs.
  public static let catalog = Catalog(
    app: "jina",
    name: "Jina",
    version: 1,
    contact: "privacy@telemetry.example.org",
    recipient: Catalog.Recipient(name: "Jina AI", url: "https://jina.ai", country: "DE"),
    consent: Catalog.Consent(
      default: .enabled,
      optOut: [
        Catalog.Consent.Variable(name: "JINA_OPTOUT_TELEMETRY", meaning: .set),
        Catalog.Consent.Variable(name: "DO_NOT_TRACK", meaning: .set),
      ],
      reportsInCI: true),
    identity: Catalog.Identity(user: .installation, rotate: .never, session: .process),
    delivery: Catalog.Delivery(
      everyMilliseconds: 2000,
      to: "https://telemetry.example.org",
      key: "wk_jina_example",
      format: .avow),
    retention: .months(13),
    never: [.kind(.macAddress), .kind(.ipAddress)],
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field("docarray", .version()),
      Field("grpcio", .version()),
      Field("jcloud", .version()),
      Field("jina_hubble_sdk", .version(), wire: "jina-hubble-sdk"),
      Field("jina_proto", .version(), wire: "jina-proto"),
      Field("protobuf", .version()),
      Field("pyyaml", .version()),
      Field("python", .version(), source: .runtimeVersion),
      Field("proto_backend", .text(.oneOf(["cpp", "python", "upb", "other"])), wire: "proto-backend"),
      Field(
        "platform",
        .text(
          .oneOf(["linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android", "ios", "other"])),
        source: .osName),
      Field("platform_release", .version(), source: .osRelease, wire: "platform-release"),
      Field("platform_version", .version(), source: .osVersion, wire: "platform-version"),
      Field(
        "architecture",
        .text(.oneOf(["x86_64", "arm64", "i386", "arm", "riscv64", "ppc64le", "s390x", "wasm32", "other"])),
        source: .architecture),
      Field("processor", .text(.pattern("[A-Za-z0-9 (),@._+-]{1,64}")), source: .processor),
      Field("ci_vendor", .text(.pattern("[A-Za-z0-9 ._-]{1,40}")), source: .ciVendor, wire: "ci-vendor"),
    ],
    events: [
      EventDeclaration("flow_start", expires: .never),
      EventDeclaration("gateway_start", expires: .never),
      EventDeclaration("runtime_start", expires: .never),
      EventDeclaration("executor_start", expires: .never),
      EventDeclaration("client_start", expires: .never),
    ])

  /// The context values that the program gives; all others the client finds out by itself.
  public struct Context: DeclaredContext {
    /// The version of docarray.
    public var docarray: String?
    /// The version of grpcio.
    public var grpcio: String?
    /// The version of jcloud.
    public var jcloud: String?
    /// The version of jina-hubble-sdk.
    public var jinaHubbleSdk: String?
    /// The version of Jina's protocol.
    public var jinaProto: String?
    /// The version of protobuf.
    public var protobuf: String?
    /// The version of PyYAML.
    public var pyyaml: String?
    /// Which implementation of protobuf is loaded.
    public var protoBackend: ProtoBackend?

    /// Creates a context in which nothing is known.
    public init() {}

    /// Creates a context from what is known.
    public init(
      docarray: String? = nil,
      grpcio: String? = nil,
      jcloud: String? = nil,
      jinaHubbleSdk: String? = nil,
      jinaProto: String? = nil,
      protobuf: String? = nil,
      pyyaml: String? = nil,
      protoBackend: ProtoBackend? = nil
    ) {
      self.docarray = docarray
      self.grpcio = grpcio
      self.jcloud = jcloud
      self.jinaHubbleSdk = jinaHubbleSdk
      self.jinaProto = jinaProto
      self.protobuf = protobuf
      self.pyyaml = pyyaml
      self.protoBackend = protoBackend
    }

    /// Writes the present values.
    public func encode(into encoder: inout EventEncoder) {
      if let docarray {
        encoder.version(docarray, field: 1, precision: .patch)
      }
      if let grpcio {
        encoder.version(grpcio, field: 2, precision: .patch)
      }
      if let jcloud {
        encoder.version(jcloud, field: 3, precision: .patch)
      }
      if let jinaHubbleSdk {
        encoder.version(jinaHubbleSdk, field: 4, precision: .patch)
      }
      if let jinaProto {
        encoder.version(jinaProto, field: 5, precision: .patch)
      }
      if let protobuf {
        encoder.version(protobuf, field: 6, precision: .patch)
      }
      if let pyyaml {
        encoder.version(pyyaml, field: 7, precision: .patch)
      }
      if let protoBackend {
        encoder.choice(protoBackend.rawValue, field: 9)
      }
    }
  }

  /// What can be recorded.
  public enum Event: DeclaredEvent {
    /// A Flow was started.
    case flowStart
    /// A Gateway was started.
    case gatewayStart
    /// A Runtime was started.
    case runtimeStart
    /// An Executor was started.
    case executorStart
    /// A Client was started.
    case clientStart

    /// Writes the event's number and its present properties.
    public func encode(into encoder: inout EventEncoder) {
      switch self {
      case .flowStart:
        encoder.begin(event: 0)
      case .gatewayStart:
        encoder.begin(event: 1)
      case .runtimeStart:
        encoder.begin(event: 2)
      case .executorStart:
        encoder.begin(event: 3)
      case .clientStart:
        encoder.begin(event: 4)
      }
    }
  }

  /// A value of `proto_backend`; the number is its place in the catalog.
  public enum ProtoBackend: Int, Sendable, CaseIterable {
    /// `cpp`
    case cpp
    /// `python`
    case python
    /// `upb`
    case upb
    /// `other`
    case other
  }
}

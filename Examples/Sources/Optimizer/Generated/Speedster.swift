// Written by `avow generate swift` from the catalog of Speedster, version 1.
// Change the catalog and write it again instead of changing this file.

public import Avow

/// What Speedster declares about its telemetry.
public enum Speedster: DeclaredCatalog {
  /// Names what is collected: client and collector compute the same.
  public static let digest = "e585ac9e9c53211f21a7014fef5c8a689308f59347f25bf37760f3872e786531"

  /// The declaration, without the prose that no running program needs.
  public static let catalog = Catalog(
    app: "speedster",
    name: "Speedster",
    version: 1,
    since: "0.0.1",
    contact: "privacy@telemetry.example.org",
    recipient: Catalog.Recipient(name: "Nebuly", url: "https://nebuly.com"),
    consent: Catalog.Consent(
      default: .enabled,
      optOut: [
        Catalog.Consent.Variable(name: "SPEEDSTER_DISABLE_TELEMETRY", meaning: .truthy),
        Catalog.Consent.Variable(name: "DO_NOT_TRACK", meaning: .set),
      ],
      reportsInCI: true,
      enabledNotice:
        "Nebuly collects anonymous usage statistics to improve Speedster. You can opt out by setting the environment variable SPEEDSTER_DISABLE_TELEMETRY=1.",
      disabledNotice: "Speedster's usage statistics are disabled."),
    identity: Catalog.Identity(user: .none, rotate: .never, session: .none),
    delivery: Catalog.Delivery(
      everyMilliseconds: 2000,
      to: "https://telemetry.example.org",
      key: "wk_speedster_example",
      format: .avow),
    retention: .months(13),
    never: [.kind(.ipAddress), .kind(.filePath)],
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field("nebullvm_version", .version()),
      Field(
        "os_name",
        .text(
          .oneOf(["linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android", "ios", "other"])),
        source: .osName),
      Field("processor", .text(.pattern("[A-Za-z0-9 (),@._+-]{1,64}")), source: .processor),
      Field("memory", .integer(NumberRule(min: 0)), unit: "bytes", source: .memory),
      Field("accelerator", .text(.pattern("[A-Za-z0-9 ()._+-]{1,64}"))),
    ],
    events: [
      EventDeclaration(
        "optimization",
        expires: .never,
        properties: [
          Field("model_name", .text(.pattern("[A-Za-z0-9_-]{1,64}"))),
          Field("model_size", .integer(NumberRule(min: 0)), unit: "bytes"),
          Field("framework", .text(.oneOf(["torch", "tensorflow", "onnx", "other"]))),
          Field(
            "optimizations",
            .records(
              [
                Field("compiler", .text(.pattern("[A-Za-z0-9_]{1,64}"))),
                Field("technique", .text(.pattern("[A-Za-z0-9_ -]{1,64}"))),
                Field("latency", .number(NumberRule(min: 0.0)), unit: "s"),
              ],
              maxItems: 64)),
        ])
    ])

  /// The context values that the program gives; all others the client finds out by itself.
  public struct Context: DeclaredContext {
    /// The version of nebullvm, the library underneath.
    public var nebullvmVersion: String?
    /// The model of the accelerator, if there is one.
    public var accelerator: String?

    /// Creates a context in which nothing is known.
    public init() {}

    /// Creates a context from what is known.
    public init(nebullvmVersion: String? = nil, accelerator: String? = nil) {
      self.nebullvmVersion = nebullvmVersion
      self.accelerator = accelerator
    }

    /// Writes the present values.
    public func encode(into encoder: inout EventEncoder) {
      if let nebullvmVersion {
        encoder.version(nebullvmVersion, field: 1, precision: .patch)
      }
      if let accelerator {
        encoder.text(accelerator, field: 5, maxLength: 64)
      }
    }
  }

  /// What can be recorded.
  public enum Event: DeclaredEvent {
    /// A model was optimized.
    ///
    /// - Parameters:
    ///   - modelName: The name of the model's class, such as ResNet.
    ///   - modelSize: The size of the model.
    ///   - framework: The framework the model is written for.
    ///   - optimizations: What was tried, one row for each attempt.
    case optimization(
      modelName: String? = nil,
      modelSize: Int? = nil,
      framework: Framework? = nil,
      optimizations: [Optimization]? = nil
    )

    /// Writes the event's number and its present properties.
    public func encode(into encoder: inout EventEncoder) {
      switch self {
      case .optimization(let modelName, let modelSize, let framework, let optimizations):
        encoder.begin(event: 0)
        if let modelName {
          encoder.text(modelName, field: 0, maxLength: 64)
        }
        if let modelSize {
          encoder.integer(modelSize, field: 1, in: 0...1_099_511_627_776)
        }
        if let framework {
          encoder.choice(framework.rawValue, field: 2)
        }
        if let optimizations {
          let room = encoder.beginRecords(field: 3, count: optimizations.count, maxItems: 64)
          for row in optimizations.prefix(room) {
            row.encode(into: &encoder)
          }
          encoder.endRecords()
        }
      }
    }
  }

  /// A value of `framework`; the number is its place in the catalog.
  public enum Framework: Int, Sendable, CaseIterable {
    /// `torch`
    case torch
    /// `tensorflow`
    case tensorflow
    /// `onnx`
    case onnx
    /// `other`
    case other
  }

  /// What was tried, one row for each attempt.
  public struct Optimization: Sendable {
    /// The compiler that was tried.
    public var compiler: String?
    /// The technique that was tried.
    public var technique: String?
    /// How long the optimized model took for one run; absent when the compiler failed.
    public var latency: Double?

    /// Creates a row from what is known.
    public init(compiler: String? = nil, technique: String? = nil, latency: Double? = nil) {
      self.compiler = compiler
      self.technique = technique
      self.latency = latency
    }

    func encode(into encoder: inout EventEncoder) {
      encoder.beginRow()
      if let compiler {
        encoder.text(compiler, field: 0, maxLength: 64)
      }
      if let technique {
        encoder.text(technique, field: 1, maxLength: 64)
      }
      if let latency {
        encoder.number(latency, field: 2, in: 0.0...Double.greatestFiniteMagnitude)
      }
      encoder.endRow()
    }
  }
}

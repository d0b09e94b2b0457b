import HostSupport

/// What a client says about itself in each request; the server passes on what its catalog declares.
struct ClientInfo: Sendable {
  var platform: String
  var architecture: String
  var release: String
  var userAgent: String
  var version: String

  static func random(_ whims: inout Whims, version: String) -> ClientInfo {
    let machines = [
      ("Linux", "x86_64", "6.1.0"), ("Linux", "aarch64", "5.15.0"), ("Darwin", "arm64", "22.6.0"),
      ("Windows", "AMD64", "10.0"),
    ]
    let (platform, architecture, release) = machines[Int.random(in: 0..<machines.count, using: &whims)]
    return ClientInfo(
      platform: platform, architecture: architecture, release: release, userAgent: "blindai_python",
      version: version)
  }
}

/// A program that uploads a model to a server and has it run.
struct Client {
  let info: ClientInfo
  let server: Server

  /// Uploads random weights under a name and returns the model's number.
  func upload(_ name: String, layers: Int, width: Int, _ whims: inout Whims) throws -> Int {
    let weights = (0..<layers * width * width).map { _ in UInt8(truncatingIfNeeded: whims.next()) }
    return try server.upload(name: name, bytes: [UInt8(width)] + weights, from: info)
  }

  /// Has a model run on random numbers.
  func run(_ model: Int, _ whims: inout Whims) throws -> [Float] {
    let input = (0..<32).map { _ in Float.random(in: 0...1, using: &whims) }
    return try server.run(model: model, on: input, from: info)
  }
}

extension BlindAI.ClientPlatformName {
  /// The declared name of the system a client says it runs on.
  init(_ client: ClientInfo) {
    self =
      switch client.platform {
      case "Linux": .linux
      case "Darwin": .darwin
      case "Windows": .windows
      default: .other
      }
  }
}

extension BlindAI.ClientPlatformArch {
  /// The declared name of the architecture a client says it runs on.
  init(_ client: ClientInfo) {
    self =
      switch client.architecture {
      case "x86_64": .x86_64
      case "AMD64": .amd64
      case "arm64": .arm64
      case "aarch64": .aarch64
      default: .other
      }
  }
}

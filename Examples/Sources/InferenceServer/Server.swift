import Avow
import HostSupport

/// A server that takes models and runs them, in software or in hardware mode.
///
/// It reports for itself and for the clients whose requests it serves: a client sends nothing by itself.
final class Server {
  /// Why a request fails.
  enum Problem: Error { case noSuchModel, wrongMeasurement }

  /// Where models are run.
  enum Mode: String {
    case software, hardware
  }

  private let reporter: Reporter<BlindAI>
  private let mode: Mode
  private var models: [Model] = []
  private let clock = ContinuousClock()

  init(mode: Mode, reporter: Reporter<BlindAI>) {
    self.mode = mode
    self.reporter = reporter
    reporter.record(.started)
  }

  /// Takes a model and returns its number.
  func upload(name: String, bytes: [UInt8], from client: ClientInfo) throws -> Int {
    let start = clock.now
    let model = try Model(name: name, bytes: bytes)
    // In hardware mode the enclave answers for what it holds.
    if mode == .hardware, model.measurement != SHA256.hash(bytes) { throw Problem.wrongMeasurement }
    models.append(model)
    reporter.record(
      .sendModel(
        modelName: model.name, modelSize: model.size, sign: mode == .hardware,
        timeTaken: seconds(since: start), clientPlatformName: .init(client),
        clientPlatformArch: .init(client),
        clientPlatformVersion: client.release, clientPlatformRelease: client.release,
        clientUserAgent: client.userAgent, clientUserAgentVersion: client.version))
    return models.count - 1
  }

  /// Runs a model.
  func run(model number: Int, on input: [Float], from client: ClientInfo) throws -> [Float] {
    guard models.indices.contains(number) else { throw Problem.noSuchModel }
    let start = clock.now
    let output = models[number].run(input)
    reporter.record(
      .runModel(
        modelName: models[number].name, sign: mode == .hardware,
        timeTaken: seconds(since: start), clientPlatformName: .init(client),
        clientPlatformArch: .init(client),
        clientPlatformVersion: client.release, clientPlatformRelease: client.release,
        clientUserAgent: client.userAgent, clientUserAgentVersion: client.version))
    return output
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    start.duration(to: clock.now) / .seconds(1)
  }
}

import AvowDemo
import AvowWire
import Glibc
import Testing

/// The built command `avow` with a data folder of its own, started and ended as a user would.
final class BuiltCollector {
  /// The command beside the test bundle.
  static let program: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + "avow"
  }()

  /// The catalogs of the four seed systems.
  static let catalogs: String = {
    // Collector/Tests/EndToEndTests/BuiltCollector.swift
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    return parts.joined(separator: "/") + "/Catalogs"
  }()

  /// The folder that holds everything of this collector.
  let folder: String
  var data: String { folder + "/data" }
  var log: String { folder + "/log" }
  /// The catalog or the folder of catalogs it serves.
  var catalogs = BuiltCollector.catalogs
  /// What else `avow serve` is told.
  var arguments: [String] = []
  /// The number of the running process, for what `/proc` says of it.
  var process: pid_t? { running?.id }
  /// The port of the running collector.
  private(set) var port: UInt16 = 0
  private var running: HostProcess.Running?

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Makes a folder; with the text of a catalog, that one is served.
  init(catalog: String? = nil) throws {
    var template = Array("/tmp/avow-e2e-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(description: "no temporary folder") }
    folder = String(cString: made)
    guard let catalog else { return }
    catalogs = folder + "/catalog.yaml"
    try Files.write(catalog, to: catalogs)
  }

  deinit {
    if let running {
      running.signal(SIGKILL)
      _ = running.wait()
    }
    Files.remove(folder)
  }

  static func command(_ arguments: [String], log: String? = nil) -> HostProcess {
    HostProcess(
      program: program, arguments: arguments,
      environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], errorsFile: log)
  }

  /// Starts `avow serve` and returns once it listens.
  func start() throws {
    let started = try Self.command(
      ["serve", "--listen", "127.0.0.1:0", "--data", data, "--catalog", catalogs] + arguments, log: log
    ).start()
    while let line = started.nextLine() {
      if line.hasPrefix("Listening on http"),
        let number = line.split(separator: ":").last.flatMap({ UInt16($0) })
      {
        port = number
        running = started
        return
      }
    }
    let outcome = started.wait(timeout: .seconds(5))
    throw Failure(description: "avow serve ended with \(outcome.status): \(Files.text(log))")
  }

  /// Ends the collector at once, as a power cut would end the process.
  func kill() -> Int32 {
    guard let running else { return -1 }
    self.running = nil
    running.signal(SIGKILL)
    return running.wait().status
  }

  /// Sends the running collector a signal.
  func signal(_ number: Int32) { running?.signal(number) }

  /// Waits until the collector has ended by itself, and returns its exit status.
  func wait() -> Int32 {
    guard let running else { return -1 }
    self.running = nil
    return running.wait().status
  }

  /// The most memory the process ever held, in bytes.
  func peakMemory() throws -> Int {
    let text = Files.text("/proc/\(process ?? 0)/status")
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = Int(line.filter(\.isNumber))
    else { throw Failure(description: "no word about the memory of \(process ?? 0)") }
    return kibibytes * 1024
  }

  /// The value of a metric of the running collector.
  func metric(_ name: String) throws -> Int {
    let token = Files.text(data + "/admin-token").filter { !$0.isWhitespace }
    let answer = try LoopbackClient(port: port).send(
      method: "GET", target: "/metrics", headers: [("Authorization", "Bearer \(token)")])
    let line = answer.text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    guard let value = line.flatMap({ Int($0.dropFirst(name.count + 1)) }) else {
      throw Failure(description: "there is no metric \(name)")
    }
    return value
  }

  /// Asks the collector to end and returns its exit status.
  func terminate() -> Int32 {
    guard let running else { return -1 }
    self.running = nil
    running.signal(SIGTERM)
    return running.wait().status
  }

  /// Creates a write key, the collector running or not.
  func key(for app: String) throws -> String {
    let outcome = try run("keys", "add", app)
    let key = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
    guard outcome.status == 0, key.count == 1 else {
      throw Failure(description: "keys add printed \(key.count) lines: \(Self.errors(outcome))")
    }
    return String(key[0])
  }

  /// The write keys of all four apps.
  func keys() throws -> [String: String] {
    Dictionary(uniqueKeysWithValues: try SeedClients.apps.map { ($0, try key(for: $0)) })
  }

  /// Exports an app and reads each line.
  func export(_ app: String) throws -> [JSONValue] {
    let outcome = try run("export", app, "--format", "ndjson")
    guard outcome.status == 0 else { throw Failure(description: "export: \(Self.errors(outcome))") }
    return try outcome.output.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
  }

  /// Runs a command on the data folder.
  func run(_ words: String...) throws -> HostProcess.Outcome {
    try Self.command(words + ["--data", data]).run(timeout: .seconds(60))
  }

  static func errors(_ outcome: HostProcess.Outcome) -> String {
    String(decoding: outcome.errors, as: UTF8.self)
  }
}

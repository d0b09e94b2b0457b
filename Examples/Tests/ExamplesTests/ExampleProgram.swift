import Foundation
import Testing

/// One of the built example programs, run in an empty home of its own.
struct ExampleProgram {
  /// How a run ended.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// The files below the home, relative to it.
    var files: [String]
  }

  let name: String

  /// The folder of the built programs: the one that holds the test bundle.
  static let folder: URL = {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: path).deletingLastPathComponent()
  }()

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - home: The user's home; an empty one that goes afterwards unless given.
  ///   - tracing: Calls of the system that `strace` writes to stderr; `nil` runs the program alone.
  func run(
    _ arguments: [String] = [], environment: [String: String] = [:], tracing: String? = nil, home: URL? = nil
  ) throws -> Outcome {
    let isOwn = home == nil
    let home =
      home ?? FileManager.default.temporaryDirectory.appendingPathComponent("avow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { if isOwn { try? FileManager.default.removeItem(at: home) } }
    let process = Process()
    let program = Self.folder.appendingPathComponent(name)
    if let tracing {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
      process.arguments = ["-f", "-qq", "-e", "trace=\(tracing)", program.path] + arguments
    } else {
      process.executableURL = program
      process.arguments = arguments
    }
    // Nothing is inherited: a CI machine's variables would switch telemetry off.
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": home.path].merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // What one pipe holds is read while the other fills.
    let reading = Reading(errors.fileHandleForReading)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problems = String(decoding: reading.wait(), as: UTF8.self)
    process.waitUntilExit()
    let files = FileManager.default.enumerator(atPath: home.path)?.compactMap { $0 as? String } ?? []
    return Outcome(
      status: process.terminationStatus, output: text, errors: problems, files: files.sorted())
  }

  private final class Reading: @unchecked Sendable {
    // Unchecked: written before the group is left, read after.
    private var data = Data()
    private let group = DispatchGroup()

    init(_ handle: FileHandle) {
      group.enter()
      DispatchQueue(label: "reading").async { [self] in
        data = handle.readDataToEndOfFile()
        group.leave()
      }
    }

    func wait() -> Data {
      group.wait()
      return data
    }
  }
}

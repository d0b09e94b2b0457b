import Foundation

/// Runs the host program the tests have built, with an environment of its own.
enum Host {
  struct Outcome {
    var status: Int32
    var wasKilled: Bool
    var errors: String
    var output = ""
  }

  static func run(
    _ arguments: [String], environment: [String: String], under tracer: [String] = []
  ) throws -> Outcome {
    let process = Process()
    let command = tracer + [executable] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = environment
    let errors = Pipe()
    process.standardError = errors
    // A few lines at most: they fit into the pipe while the other one is read.
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      errors: String(decoding: text, as: UTF8.self),
      output: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
  }

  /// Runs it with nobody left to read its standard error.
  static func runUnheard(_ arguments: [String], environment: [String: String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = environment
    let errors = Pipe()
    try errors.fileHandleForReading.close()
    process.standardError = errors.fileHandleForWriting
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, errors: "")
  }

  /// Beside the test bundle, wherever the runner itself lives.
  static var executable: String {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
      folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
    }
    return folder.appendingPathComponent("AvowTestHost").path
  }
}

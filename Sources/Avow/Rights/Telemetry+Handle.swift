import CAvowShims

extension Telemetry {
  /// Answers `PROGRAM telemetry [ACTION]` and returns the status to exit with; `nil` for all other arguments.
  ///
  /// ```swift
  /// if let status = telemetry.handle(arguments: CommandLine.arguments) { exit(status) }
  /// ```
  /// - Parameter print: Where the answer goes; standard output unless said.
  public func handle(arguments: [String], print: ((String) -> Void)? = nil) -> Int32? {
    guard arguments.count >= 2, arguments[1] == "telemetry" else { return nil }
    let print = print ?? Self.printLine
    let words = arguments.dropFirst(2)
    if words.isEmpty { return finish(perform(.status), print) }
    if ["help", "--help", "-h"].contains(words.first) {
      print(Self.usage(arguments[0]))
      return 0
    }
    guard words.count == 1, let word = words.first, let action = TelemetryAction(rawValue: word) else {
      let all = TelemetryAction.allCases.map(\.rawValue).joined(separator: ", ")
      StandardError.write(
        words.count > 1
          ? "error: one telemetry command at a time, without anything after it\n"
          : "error: unknown telemetry command; there are \(all)\n")
      return 2
    }
    return finish(perform(action), print)
  }

  private func finish(_ result: (output: String, exitStatus: Int32), _ print: (String) -> Void) -> Int32 {
    print(result.output)
    return result.exitStatus
  }

  private static func printLine(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    bytes.withUnsafeBufferPointer { avow_print_output($0.baseAddress, $0.count) }
  }

  private static func usage(_ program: String) -> String {
    let name = PlainText.words(program[...], between: "/").last.map { String($0) } ?? program
    let width = TelemetryAction.allCases.map(\.rawValue.count).max() ?? 0
    return "usage: \(name) telemetry [COMMAND]\n"
      + TelemetryAction.allCases.map { action in
        let gap = String(repeating: " ", count: width - action.rawValue.count)
        return "  \(action.rawValue)\(gap)  \(action.summary)"
      }.joined(separator: "\n")
  }
}

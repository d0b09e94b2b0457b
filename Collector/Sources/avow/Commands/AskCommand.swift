import ArgumentParser
import AvowServer

struct AskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Answers a question about an app.",
    discussion: """
      Examples:
        avow ask evidently users by week
        avow ask evidently list_reports by os_name last 90 days
        avow ask blindai users of run_model by app_version where sgx_mode = HW
        avow ask speedster distribution of optimizations.latency by optimizations.technique
      """)

  @Argument(help: "The app.") var app: String
  @Argument(help: "The question.") var question: [String]
  @Option(name: .long, help: "text, json or csv.") var format = "text"
  @OptionGroup var options: DataOptions

  func run() async throws {
    try await options.print(
      AdminRequest(
        "GET", "ask",
        [
          ("app", app), ("q", question.joined(separator: " ")), ("format", format),
          ("width", String(terminalWidth())),
        ]))
  }
}

import ArgumentParser
import AvowServer
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Prints stored events, one a line.")

  @Argument(help: "The app.") var app: String
  @Option(name: .long, help: "ndjson or csv.") var format = "ndjson"
  @Option(name: .long, help: "Only this event.") var event: String?
  @Option(
    name: .long, help: "Only what is stored for the user who quotes this identifier: the right to a copy.")
  var user: String?
  @Option(name: .long, help: "The first day, YYYY-MM-DD.") var since: String?
  @Option(name: .long, help: "The last day, YYYY-MM-DD.") var until: String?
  @Option(
    name: .customLong("where"),
    help:
      "Only events for which conditions hold, in the words of `avow ask`: \"os_name = linux and app_version >= 1.2\"."
  )
  var conditions: String?
  @OptionGroup var options: DataOptions

  func run() async throws {
    // On a terminal the lines themselves tell how far it is.
    let bar = ProgressBar()
    let isSeen = isatty(1) == 1
    let lines = Atomic(0)
    defer { bar.clear() }
    try await options.print(
      AdminRequest(
        "GET", "export",
        [
          ("app", app), ("format", format), ("event", event ?? ""), ("user", user ?? ""),
          ("since", since ?? ""), ("until", until ?? ""),
          ("where", conditions ?? ""),
        ])
    ) { bytes in
      if !isSeen {
        let more = bytes.count { $0 == 0x0A }
        bar.count(lines.add(more, ordering: .relaxed).newValue, "lines")
      }
    }
  }
}

import ArgumentParser
import AvowCatalog
import AvowServer
import AvowWire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a first catalog.",
    discussion: """
      What no flag says is asked, but only on a terminal; elsewhere it is an error. Exit status: 0, or 1 when \
      nothing was written.

        avow init --name "My Tool" --contact privacy@example.org --purpose "To see what is used."
      """)

  enum Default: String, ExpressibleByArgument, CaseIterable { case enabled, ask, disabled, local }

  @Option(name: .long, help: "The tool's name as people write it.") var name: String?
  @Option(name: .long, help: "Its identifier, such as my_tool; absent: made from the name.") var app: String?
  @Option(name: .long, help: "Where users can ask: a mail or web address.") var contact: String?
  @Option(name: .long, help: "Why anything is collected, in a sentence users will read.") var purpose: String?
  @Option(name: .long, help: "An event to begin with; repeatable.") var event: [String] = []
  @Option(name: .long, help: "The variable that switches off, such as MY_TOOL_TELEMETRY_OFF.")
  var variable: String?
  @Option(name: .long, help: "What holds when the user said nothing: enabled, ask, disabled or local.")
  var consent: Default = .enabled
  @Option(name: .long, help: "The address of your collector.") var to: String?
  @Option(name: .shortAndLong, help: "Where to write.") var output = "telemetry.yaml"
  @Flag(name: .long, help: "Replace a file that is there.") var force = false

  func run() throws {
    if !force, access(output, F_OK) == 0 {
      throw CollectorError(.usage, "\(output) is there already; --force replaces it")
    }
    let missing = [("--name", name), ("--contact", contact), ("--purpose", purpose)].filter { $0.1 == nil }
    let mayAsk = isatty(0) == 1 && isatty(1) == 1
    guard missing.isEmpty || mayAsk else {
      throw CollectorError(
        .usage, "this is no terminal to ask on; also give \(missing.map(\.0).joined(separator: ", "))")
    }
    let name = try name ?? Self.ask("What is the tool called?")
    var template = CatalogTemplate(
      name: name, app: app,
      purpose: try purpose ?? Self.ask("Why do you want to know how it is used? Users will read this."),
      contact: try contact ?? Self.ask("Where can users ask? A mail or web address."),
      events: event.isEmpty ? ["started"] : event, variable: variable,
      consent: Catalog.Consent.Default(rawValue: consent.rawValue) ?? .enabled, to: to)
    if !missing.isEmpty, app == nil {
      let suggested = CatalogTemplate.app(from: name)
      template.app = try Self.ask("A short identifier for keys and folders", default: suggested)
    }
    let reading = CatalogFile.read(template.yaml, file: output)
    for diagnostic in reading.diagnostics { printError("\(diagnostic)") }
    guard reading.errors.isEmpty else {
      throw CollectorError(.usage, "nothing was written: the catalog would not pass `avow check`")
    }
    try deliver(template.yaml, to: output)
    print("\(output) is written. Next: avow check \(output)")
  }

  /// Asks until there is an answer; Enter takes the default if there is one.
  private static func ask(_ question: String, default suggested: String? = nil) throws -> String {
    while true {
      print(question + (suggested.map { " [\($0)]" } ?? ""), terminator: "\n> ")
      flushOutput()
      guard let line = readLine() else { throw CollectorError(.usage, "nothing was written: no answer") }
      let answer = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if !answer.isEmpty { return answer }
      if let suggested { return suggested }
    }
  }
}

import ArgumentParser
import AvowServer
import AvowWire

struct RetentionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Shows what retention and expiry remove next: when, and how many events.",
    discussion: """
      A running collector removes what is due by itself, once a day by UTC. --purge does so at once, which helps \
      when no collector runs on the folder.
      """)

  @Flag(name: .long, help: "Remove what is due now.") var purge = false
  @Flag(name: .long, help: "Only say what would be removed now.") var dryRun = false
  @OptionGroup var options: DataOptions

  func validate() throws {
    if purge, dryRun { throw ValidationError("--purge and --dry-run contradict each other") }
  }

  func run() async throws {
    if purge {
      let answer = try await options.json(AdminRequest("POST", "retention"))
      print("Removed \(answer["purged"]?.integerValue ?? 0) events.")
      return
    }
    let answer = try await options.json(AdminRequest("GET", "retention"))
    let plan = (answer["plan"]?.arrayValue ?? []).filter { !dryRun || $0["goes"]?.stringValue == "now" }
    guard !plan.isEmpty else {
      print(dryRun ? "Nothing is due." : "Nothing is stored.")
      return
    }
    let names = ["goes", "count", "app", "event", "kept", "oldest"]
    let rows = plan.map { step in
      names.map { step[$0]?.stringValue ?? step[$0]?.integerValue.map { String($0) } ?? "-" }
    }
    print(table([names.map { $0.uppercased() }] + rows))
  }
}
